// Doors only re-export, only doors re-export, and what package.json promises is there.
import { existsSync, readFileSync } from 'node:fs'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { parseSource, readSources, root, type Source } from './sources.ts'

type Manifest = { readonly name: string; readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>> }

const sources = readSources('src', 'bindings')
const manifest = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as Manifest

test('a door re-exports by name and does nothing else', () => {
  expect(sources.filter(isDoor).flatMap(complaintsAboutDoor)).toEqual([])
})

test('only doors re-export what another file of ours made', () => {
  expect(sources.flatMap(complaintsAboutReexports)).toEqual([])
})

test('every export of the package is built from a source that is there', () => {
  expect(complaintsAboutExports(manifest.exports, (path) => existsSync(root + path))).toEqual([])
})

test('tsconfig resolves every door by the name a user imports, to the same source', () => {
  const paths = readPaths()
  const wrong = Object.entries(manifest.exports).filter(
    ([door, target]) => typeof target !== 'string' && resolve(paths, door) !== sourceOf(target),
  )
  expect(wrong).toEqual([])
})

test('the inspector complains about a door with code, a star, and a re-export inside', () => {
  expect(complaintsAboutDoor(parseSource('src/index.ts', `export const answer = 42`))).toHaveLength(1)
  expect(complaintsAboutDoor(parseSource('src/index.ts', `import { a } from './a.ts'\nexport { a }`))).toHaveLength(2)
  expect(complaintsAboutDoor(parseSource('src/index.ts', `export * from './a.ts'`))).toHaveLength(1)
  expect(complaintsAboutReexports(parseSource('src/live/view.ts', `export { take } from './take.ts'`))).toHaveLength(1)
})

test('the inspector complains about an export without a source, or with types after the code', () => {
  const isThere = (path: string) => path === 'src/a.ts'
  expect(complaintsAboutExports({ './a': { types: './dist/src/a.d.ts', default: './dist/src/a.js' } }, isThere)).toEqual([])
  expect(complaintsAboutExports({ './b': { types: './dist/src/b.d.ts', default: './dist/src/b.js' } }, isThere)).toHaveLength(1)
  expect(complaintsAboutExports({ './a': { default: './dist/src/a.js', types: './dist/src/a.d.ts' } }, isThere)).toHaveLength(1)
})

function isDoor({ path }: Source): boolean {
  return /\/index\.tsx?$/.test(path)
}

function complaintsAboutDoor({ path, references, ownStatements }: Source): string[] {
  return [
    ...ownStatements.map((statement) => `${path} does more than re-export: ${statement}`),
    ...references.filter(({ isStar }) => isStar).map(({ target }) => `${path} re-exports all of ${target} instead of names`),
  ]
}

function complaintsAboutReexports(source: Source): string[] {
  if (isDoor(source)) return []
  const again = source.references.filter(({ kind, isPackage }) => kind === 'export' && !isPackage)
  return again.map(({ target }) => `${source.path} re-exports ${target} and is no door`)
}

function complaintsAboutExports(exports: Manifest['exports'], isThere: (path: string) => boolean): string[] {
  return Object.entries(exports).flatMap(([door, target]) => {
    if (typeof target === 'string') return isThere(target.slice(2)) ? [] : [`${door}: ${target} is not there`]
    if (Object.keys(target).join() !== 'types,default') return [`${door} does not name types first and default after them, alone`]
    if (target.types?.replace(/\.d\.ts$/, '.js') !== target.default) return [`${door}: types and default are of two files`]
    return isThere(sourceOf(target)) ? [] : [`${door}: ${sourceOf(target)} is not there`]
  })
}

function sourceOf(target: Readonly<Record<string, string>>): string {
  return (target.default ?? '').replace(/^\.\/dist\//, '').replace(/\.js$/, '.ts')
}

function readPaths(): Readonly<Record<string, readonly string[]>> {
  const { config } = ts.readConfigFile(`${root}tsconfig.json`, (path) => ts.sys.readFile(path)) as {
    readonly config: { readonly compilerOptions: { readonly paths: Readonly<Record<string, readonly string[]>> } }
  }
  return config.compilerOptions.paths
}

function resolve(paths: Readonly<Record<string, readonly string[]>>, door: string): string | undefined {
  const name = manifest.name + door.slice(1)
  const exact = paths[name]?.[0]
  const wildcard = paths[name.replace(/[^/]+$/, '*')]?.[0]?.replace('*', name.replace(/^.*\//, ''))
  return (exact ?? wildcard)?.replace(/^\.\//, '')
}
