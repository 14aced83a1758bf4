// Makes a fresh clone ready: packages, and with --browser what tests need: a Chromium and a PostgreSQL. Runs before `npm start` and `npm test`, with Node alone.
//
//   node_modules/.setup-stamp   sha256 of lockfile, platform and Node's major version: equal → nothing to do
//   npm's own hidden lockfile   newer than ours → somebody ran `npm ci`: accepted as it is
//   no Chromium to be had       CI or REQUIRE_BROWSER=1 → exit 1; else one line saying which tests are left out
//   no PostgreSQL to be had     CI or REQUIRE_POSTGRES=1 → the same
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { canInstallChromium, findChromium, installChromium } from './chromium.mjs'
import { canInstallPostgres, hasPostgres, installPostgres } from './postgres.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const lockfile = `${root}package-lock.json`
const hiddenLockfile = `${root}node_modules/.package-lock.json`
const stampFile = `${root}node_modules/.setup-stamp`

checkNode()
installPackages()
if (process.argv.includes('--browser')) {
  provideBrowser()
  providePostgres()
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  console.error(`Tidemark needs Node 20.19 or newer; this is ${process.versions.node}. Install a newer Node and run the command again.`)
  process.exit(1)
}

function installPackages() {
  const stamp = stampOf()
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return
  if (!existsSync(stampFile) && isInstalledByHand()) return writeFileSync(stampFile, stamp)
  console.log('[setup] installing packages (npm ci) …')
  const done = npm(['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'])
  if (done.status !== 0) {
    console.error('[setup] npm ci failed; run it by hand to see why.')
    process.exit(done.status ?? 1)
  }
  writeFileSync(stampFile, stamp)
}

function stampOf() {
  const hash = createHash('sha256').update(readFileSync(lockfile))
  return hash.update(`${process.platform} ${process.arch} ${process.versions.node.split('.')[0]}`).digest('hex')
}

function isInstalledByHand() {
  return existsSync(hiddenLockfile) && statSync(hiddenLockfile).mtimeMs >= statSync(lockfile).mtimeMs
}

// NODE_ENV=production and omit=dev would leave out the tools that build and serve the demo.
function npm(args) {
  const env = { ...process.env, NODE_ENV: 'development', npm_config_omit: '', npm_config_production: '' }
  const cli = process.env.npm_execpath
  const options = { cwd: root, env, stdio: 'inherit' }
  if (cli && /\.[cm]?js$/.test(cli)) return spawnSync(process.execPath, [cli, ...args], options)
  return spawnSync('npm', args, { ...options, shell: process.platform === 'win32' })
}

function provideBrowser() {
  if (findChromium()) return
  const isWanted = process.env.SKIP_BROWSER !== '1'
  if (isWanted && !process.env.CHROMIUM_PATH && canInstallChromium() && installChromium()) return
  if (isWanted && (isOn(process.env.CI) || isOn(process.env.REQUIRE_BROWSER))) {
    console.error('[setup] NO CHROMIUM, and the browser tests are required here (CI or REQUIRE_BROWSER is set).')
    console.error('[setup] Install Chromium or Chrome, or set CHROMIUM_PATH to one; SKIP_BROWSER=1 leaves the browser tests out.')
    process.exit(1)
  }
  const why = isWanted ? 'NO CHROMIUM' : 'SKIP_BROWSER=1'
  console.log(`[setup] ${why}: left out are test/**/*.browser.test.* and test/**/*.e2e.test.ts. CHROMIUM_PATH names a browser to use.`)
}

function providePostgres() {
  if (hasPostgres()) return
  const isWanted = process.env.SKIP_POSTGRES !== '1'
  if (isWanted && canInstallPostgres() && installPostgres()) return
  if (isWanted && (isOn(process.env.CI) || isOn(process.env.REQUIRE_POSTGRES))) {
    console.error('[setup] NO POSTGRESQL, and the tests on it are required here (CI or REQUIRE_POSTGRES is set).')
    console.error('[setup] Install PostgreSQL 13 or newer, or set TEST_POSTGRES_URL to one; SKIP_POSTGRES=1 leaves its tests out.')
    process.exit(1)
  }
  const why = isWanted ? 'NO POSTGRESQL' : 'SKIP_POSTGRES=1'
  console.log(`[setup] ${why}: left out are test/**/*postgres.pg.test.ts. TEST_POSTGRES_URL names one to use.`)
}

function isOn(value) {
  return value !== undefined && value !== '' && value !== '0' && value !== 'false'
}
