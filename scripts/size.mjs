// What a user's bundle pays, in kB (1,000 bytes): whole doors, the smallest app of the bench (W9), and each floor's own code.
// Floors are measured alone, everything they import left out; their sum differs from a door by what compresses better together.
import { build } from 'esbuild'
import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const root = fileURLToPath(new URL('..', import.meta.url))
const floors = [
  'util',
  'protocol',
  'schema',
  'query',
  'mutator',
  'pool',
  'transport',
  'live',
  'pending',
  'persist',
  'sync',
  'loader',
  'store',
  'testing',
  'devtools',
]
const floorZero = ['src/errors.ts', 'src/reactive.ts']
const options = {
  write: false,
  outdir: 'out',
  minify: true,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  absWorkingDir: root,
  logLevel: 'silent',
  legalComments: 'none',
}
const frameworks = ['react', 'react-dom', 'react/jsx-runtime', 'vue', 'svelte', 'svelte/*']
const outside = ['@preact/signals-core', 'dexie', 'valibot', '@standard-schema/spec', '@electric-sql/pglite', 'srvx', ...frameworks]

// W9: a store with persistence, one live query, one mutation. Its types do not matter here, its bytes do.
const smallestApp = `
  import * as v from 'valibot'
  import { collection, createStore, defineMutators, defineSchema, http, mutator } from './src/index.ts'
  const schema = defineSchema({ version: 1, collections: { books: collection(v.object({ id: v.string(), pages: v.number() }), { indexes: ['pages'] }) } })
  const mutators = defineMutators(schema, { add: mutator([v.string(), v.number()], (tx, id, pages) => { tx.books.insert({ id, pages }) }) })
  const store = createStore({ name: 'smallest', schema, mutators, space: 'main', user: 'u1', transport: http({ url: '/sync' }) })
  store.query.books.where('pages', '>=', 4).orderBy('pages').limit(20).live().subscribe((rows) => { document.title = String(rows.length) })
  void store.mutate.add('b1', 5)
`

const rows = []
if (existsSync(`${root}src/index.ts`)) {
  const door = await bundle(`export * from './src/index.ts'`, frameworks)
  rows.push(line('tidemark, everything, all chunks', door.all), line('  … evaluated at import', door.first))
  await tryRow('W9 smallest app', async () => {
    const app = await bundle(smallestApp, frameworks)
    return [
      line('W9 smallest app, all chunks', app.all),
      line('  … before its first frame', app.first),
      ...app.chunks.map(([name, code]) => line(`    ${String(name)}`, [code])),
    ]
  })
  await tryRow('W9 without Dexie', async () => [
    line('W9 without Dexie, all chunks', (await bundle(smallestApp, [...frameworks, 'dexie'])).all),
  ])
} else rows.push(['tidemark: src/index.ts is not there yet'])
if (existsSync(`${root}bindings/react/index.ts`)) {
  await tryRow('tidemark/react', async () => [
    line('tidemark/react, own code', (await bundle(`export * from './bindings/react/index.ts'`, outside, /\/src\//)).all),
  ])
}
await tryRow('floor 0', async () => [
  line('floor 0 (errors, reactive)', await ownCode(floorZero.filter((path) => existsSync(root + path)))),
])
for (const floor of floors) {
  const files = sourcesOf(`src/${floor}`)
  if (files.length > 0) await tryRow(floor, async () => [line(`src/${floor} (${files.length} files)`, await ownCode(files))])
}
print()

async function tryRow(name, make) {
  try {
    rows.push(...(await make()))
  } catch (error) {
    rows.push([`${name}: not measured: ${error.errors?.[0]?.text ?? error.message}`])
    process.exitCode = 1
  }
}

async function bundle(contents, external, leftOut) {
  const plugins = leftOut ? [leaveOut(leftOut)] : []
  const result = await build({
    ...options,
    stdin: { contents, resolveDir: root, loader: 'ts' },
    entryNames: 'entry',
    chunkNames: '[name]-[hash]',
    splitting: true,
    bundle: true,
    external,
    plugins,
    metafile: true,
  })
  const outputs = Object.entries(result.metafile.outputs)
  const codeByName = new Map(result.outputFiles.map((file) => [file.path.split(/[\\/]/).pop(), file.contents]))
  const nameOf = (path) => path.split('/').pop()
  // Evaluated at import: the entry and all that it imports statically.
  const first = new Set()
  const follow = (path) => {
    if (first.has(path)) return
    first.add(path)
    for (const item of result.metafile.outputs[path]?.imports ?? [])
      if (item.kind === 'import-statement' && !item.external) follow(item.path)
  }
  follow(outputs.find(([path]) => nameOf(path) === 'entry.js')[0])
  const later = outputs.map(([path]) => path).filter((path) => !first.has(path))
  return {
    all: [...codeByName.values()],
    first: [...first].map((path) => codeByName.get(nameOf(path))),
    chunks: later
      .map((path) => [labelOf(result.metafile.outputs[path]), codeByName.get(nameOf(path))])
      .sort((a, b) => b[1].length - a[1].length),
  }
}

function labelOf(output) {
  const largest = Object.entries(output.inputs).sort((a, b) => b[1].bytesInOutput - a[1].bytesInOutput)[0]?.[0] ?? 'chunk'
  return `later: ${largest.replace(/^.*node_modules\//, '')}`
}

async function ownCode(files) {
  const codes = []
  for (const path of files) {
    const result = await build({ ...options, entryPoints: [root + path], bundle: false })
    codes.push(result.outputFiles[0].contents)
  }
  return [Buffer.concat(codes)]
}

function leaveOut(pattern) {
  return {
    name: 'leave-out',
    setup({ onResolve }) {
      onResolve({ filter: pattern }, (args) => (args.kind === 'entry-point' ? undefined : { path: args.path, external: true }))
    },
  }
}

function sourcesOf(folder) {
  if (!existsSync(root + folder)) return []
  const names = readdirSync(root + folder, { recursive: true, encoding: 'utf8' })
  return names.filter((name) => /\.tsx?$/.test(name) && !name.endsWith('.d.ts')).map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
}

// Each file is compressed by itself, as it is served.
function line(name, codes) {
  const sum = (measure) => (codes.reduce((total, code) => total + measure(code), 0) / 1000).toFixed(2)
  const brotli = (code) => brotliCompressSync(code, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length
  return [name, sum((code) => code.length), sum((code) => gzipSync(code, { level: 9 }).length), sum(brotli)]
}

function print() {
  const all = [['kB', 'minified', 'gzip', 'brotli'], ...rows]
  for (const [name, ...numbers] of all) console.log(`${name.padEnd(40)}${numbers.map((number) => number.padStart(10)).join('')}`.trimEnd())
}
