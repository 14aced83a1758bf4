// The building inspector: imports go strictly down, packages stay in their rooms, nothing runs in a circle.
import { expect, test } from 'vitest'
import { parseSource, readSources, roomOf, type Source } from './sources.ts'

const floors: readonly (readonly string[])[] = [
  ['errors', 'reactive'],
  ['util'],
  ['protocol', 'schema', 'query'],
  ['mutator'],
  ['pool', 'transport', 'server', 'conformance'],
  ['live', 'pending', 'persist'],
  ['sync'],
  ['loader'],
  ['store', 'devtools', 'testing'],
]

// The reference server and the kit that checks backends see floors 0 to 3 alone, and no floor of the client sees them.
const apart = ['server', 'conformance']

// What may be seen beside what lies below: a query asks rows of a schema; app authors' tests run a server.
const alsoSees: Readonly<Record<string, readonly string[]>> = { query: ['schema'], testing: ['server'] }

const roomsOfPackages: readonly { readonly name: RegExp; readonly only: RegExp }[] = [
  { name: /^@preact\/signals-core$/, only: /^src\/reactive\.ts$/ },
  { name: /^dexie$/, only: /^src\/persist\/dexie\.ts$/ },
  { name: /^@electric-sql\/pglite$/, only: /^src\/server\/pglite\.ts$/ },
  { name: /^pg$/, only: /^src\/server\/postgres\.ts$/ },
  { name: /^node:/, only: /^src\/server\/(node|pglite|folder-lock)\.ts$/ },
  { name: /^valibot$/, only: /^src\// },
  { name: /^@standard-schema\/spec$/, only: /^src\/(schema|mutator)\// },
]

const sources = readSources('src', 'bindings')

test('every import goes down, to a floor that the importing one may see', () => {
  expect(sources.flatMap(complaintsAboutFloors)).toEqual([])
})

test('every package is imported in its own room alone', () => {
  expect(sources.flatMap(complaintsAboutPackages)).toEqual([])
})

test('no file inside uses a door', () => {
  expect(sources.flatMap(complaintsAboutDoors)).toEqual([])
})

test('Dexie comes by a dynamic import, so that a store without it does not pay for it', () => {
  expect(sources.flatMap(complaintsAboutDexie)).toEqual([])
})

test('imports, those of types included, run in no circle', () => {
  expect(findCycle(sources)).toBeUndefined()
})

test('every room of src has a floor', () => {
  const known = new Set([...floors.flat(), 'index'])
  expect(sources.filter(({ path }) => path.startsWith('src/') && !known.has(roomOf(path))).map(({ path }) => path)).toEqual([])
})

test('every import of a source names a file that is there', () => {
  const paths = new Set(sources.map(({ path }) => path))
  const missing = sources.flatMap(({ path, references }) =>
    references.filter(({ target, isPackage }) => !isPackage && !paths.has(target)).map(({ target }) => `${path} → ${target}`),
  )
  expect(missing).toEqual([])
})

test.each([
  ['an upward import', 'src/live/take.ts', `import { push } from '../sync/push.ts'`],
  ['a sideways import', 'src/live/take.ts', `import { queue } from '../pending/queue.ts'`],
  ['an upward import of a type', 'src/pool/table.ts', `import type { View } from '../live/view.ts'`],
  ['an upward dynamic import', 'src/sync/engine.ts', `const later = () => import('../store/store.ts')`],
  ['an upward import() type', 'src/util/lane.ts', `export type A = import('../pool/table.ts').Table`],
  ['a server that sees the pool', 'src/server/push.ts', `import { table } from '../pool/table.ts'`],
  ['a client that sees the server', 'src/sync/push.ts', `import { push } from '../server/push.ts'`],
  ['an upward re-export', 'src/mutator/tx.ts', `export { draft } from '../pool/draft.ts'`],
  ['a binding that reaches past the door', 'bindings/react/use-query.ts', `import { view } from '../../src/live/view.ts'`],
  ['errors that import', 'src/errors.ts', `import { assert } from './util/assert.ts'`],
])('the inspector complains about %s', (_, path, text) => {
  expect(complaintsAboutFloors(parseSource(path, text))).toHaveLength(1)
})

test.each([
  ['dexie', 'src/store/store.ts', `import { Dexie } from 'dexie'`],
  ['signals', 'src/live/view.ts', `import { signal } from '@preact/signals-core'`],
  ['node', 'src/server/push.ts', `import { readFile } from 'node:fs/promises'`],
  ['a package that is not ours', 'src/util/id.ts', `import { v7 } from 'uuid'`],
  ['another framework in a binding', 'bindings/react/use-query.ts', `import { ref } from 'vue'`],
])('the inspector complains about %s in the wrong room', (_, path, text) => {
  expect(complaintsAboutPackages(parseSource(path, text))).toHaveLength(1)
})

test('the inspector complains about a door used inside, a static Dexie, a circle', () => {
  expect(complaintsAboutDoors(parseSource('src/sync/push.ts', `import { x } from '../protocol/index.ts'`))).toHaveLength(1)
  expect(complaintsAboutDexie(parseSource('src/store/open.ts', `import { x } from '../persist/dexie.ts'`))).toHaveLength(1)
  const circle = [
    parseSource('src/pool/a.ts', `import { b } from './b.ts'`),
    parseSource('src/pool/b.ts', `import type { C } from './c.ts'`),
    parseSource('src/pool/c.ts', `export { a } from './a.ts'`),
  ]
  expect(findCycle(circle)).toEqual(['src/pool/a.ts', 'src/pool/b.ts', 'src/pool/c.ts', 'src/pool/a.ts'])
})

function complaintsAboutFloors({ path, references }: Source): string[] {
  const inside = references.filter(({ isPackage }) => !isPackage)
  return inside.filter(({ target }) => !maySee(path, target)).map(({ target }) => `${path} may not see ${target}`)
}

function maySee(path: string, target: string): boolean {
  if (path.startsWith('bindings/')) return target === 'src/index.ts' || target.startsWith(path.slice(0, path.lastIndexOf('/') + 1))
  if (!target.startsWith('src/')) return false
  const [from, to] = [roomOf(path), roomOf(target)]
  if (from === 'index') return !apart.includes(to)
  if (from === to) return path.split('/').length > 2
  if (alsoSees[from]?.includes(to)) return true
  if (apart.includes(to)) return false
  return floorOf(to) < (apart.includes(from) ? 4 : floorOf(from))
}

function floorOf(room: string): number {
  const floor = floors.findIndex((rooms) => rooms.includes(room))
  return floor === -1 ? Number.POSITIVE_INFINITY : floor
}

function complaintsAboutPackages({ path, references }: Source): string[] {
  return references
    .filter(({ target, isPackage }) => isPackage && !mayImport(path, target))
    .map(({ target }) => `${path} may not import ${target}`)
}

function mayImport(path: string, name: string): boolean {
  const framework = /^bindings\/([^/]+)\//.exec(path)?.[1]
  if (framework !== undefined) return name === framework || name.startsWith(`${framework}/`)
  return roomsOfPackages.some((rule) => rule.name.test(name) && rule.only.test(path))
}

function complaintsAboutDoors({ path, references }: Source): string[] {
  const doors = references.filter(({ target, isPackage }) => !isPackage && /\/index\.tsx?$/.test(target))
  return doors
    .filter(({ target }) => !(path.startsWith('bindings/') && target === 'src/index.ts'))
    .map(({ target }) => `${path} uses the door ${target}`)
}

function complaintsAboutDexie({ path, references }: Source): string[] {
  const eager = references.filter(({ target, kind, isTypeOnly }) => target === 'src/persist/dexie.ts' && kind !== 'dynamic' && !isTypeOnly)
  return eager.map(() => `${path} imports src/persist/dexie.ts statically`)
}

function findCycle(files: readonly Source[]): readonly string[] | undefined {
  const byPath = new Map(files.map((file) => [file.path, file]))
  const finished = new Set<string>()
  const visit = (path: string, trail: readonly string[]): readonly string[] | undefined => {
    const seenAt = trail.indexOf(path)
    if (seenAt !== -1) return [...trail.slice(seenAt), path]
    if (finished.has(path)) return undefined
    for (const { target } of byPath.get(path)?.references ?? []) {
      const cycle = byPath.has(target) ? visit(target, [...trail, path]) : undefined
      if (cycle) return cycle
    }
    finished.add(path)
    return undefined
  }
  for (const { path } of files) {
    const cycle = visit(path, [])
    if (cycle) return cycle
  }
  return undefined
}
