// Completes package-lock.json where a registry mirror carries the platform packages of its own platform alone: npm leaves the others out of
// the lockfile it writes, and `npm ci` then refuses it. Each one that is missing gets an entry with its exact version and platform, which npm
// reads before it asks for the package. What it cannot have is an integrity hash; an install against a full registry adds those.
//
//   after `npm install <package>`:   node scripts/complete-lock.mjs
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const file = fileURLToPath(new URL('../package-lock.json', import.meta.url))
const lock = JSON.parse(readFileSync(file, 'utf8'))
const added = []

for (const [path, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const place = `node_modules/${name}`
    if (lock.packages[`${path}/${place}`] || lock.packages[place]) continue
    const platform = platformOf(name)
    if (!/^\d+\.\d+\.\d+\S*$/.test(version) || !platform) {
      console.error(`${name}@${version}: neither an exact version nor a platform's name; look at it by hand.`)
      process.exitCode = 1
      continue
    }
    lock.packages[place] = { version, ...platform, ...(entry.dev ? { dev: true } : {}), optional: true }
    added.push(name)
  }
}

if (added.length > 0) {
  const paths = Object.keys(lock.packages).sort((a, b) => (a < b ? -1 : 1))
  const packages = Object.fromEntries(paths.map((path) => [path, lock.packages[path]]))
  writeFileSync(file, `${JSON.stringify({ ...lock, packages }, null, 2)}\n`)
}
console.log(`${added.length} platform packages added to package-lock.json`)

// `@oxlint/binding-linux-arm64-musl` → its os, cpu and libc
function platformOf(name) {
  const words = name.split(/[/-]/)
  const os = words.find((word) =>
    ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'openbsd', 'netbsd', 'sunos', 'aix', 'win32'].includes(word),
  )
  const cpu = words.find((word) => ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64'].includes(word))
  if (!os || !cpu) return undefined
  const libc = words.some((word) => word.startsWith('musl'))
    ? ['musl']
    : words.some((word) => word.startsWith('gnu')) && os === 'linux'
      ? ['glibc']
      : undefined
  return { cpu: [cpu], ...(libc ? { libc } : {}), os: [os] }
}
