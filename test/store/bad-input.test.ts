import * as v from 'valibot'
import { expect, test } from 'vitest'
import { collection, createStore, defineMutators, defineSchema, http, mergeMutators, mutator } from '../../src/index.ts'
import { mutators as appMutators, schema as appSchema } from '../kit/schemas.ts'
import { createVirtualClock } from '../kit/clock.ts'
import { ending, inWorlds, openDevices } from '../scenarios/steps.ts'

const world = { clock: createVirtualClock() }

/** What an act throws: its code, and the path or name of what is wrong. */
function thrown(act: () => unknown): readonly unknown[] {
  try {
    act()
  } catch (error) {
    const { code, details } = error as { readonly code?: string; readonly details?: { readonly path?: unknown; readonly name?: unknown } }
    return [code ?? String(error), details?.path ?? details?.name]
  }
  return ['nothing was thrown']
}

const otherSchema = defineSchema({ version: 1, collections: {} })
const options = { name: 'x', schema: appSchema, mutators: appMutators, persistence: 'memory', world }
const wrongOptions: readonly (readonly [path: string, change: object])[] = [
  ['name', { name: undefined }],
  ['name', { name: '' }],
  ['name', { name: 7 }],
  ['name', { name: 'x'.repeat(257) }],
  ['name', { name: 'a\u0000b' }],
  ['space', { space: '' }],
  ['space', { space: null }],
  ['user', { user: '' }],
  ['user', { user: 7 }],
  ['schema', { schema: undefined }],
  ['schema', { schema: {} }],
  ['mutators', { mutators: undefined }],
  ['mutators', { mutators: {} }],
  ['mutators', { schema: otherSchema }],
  ['transport', { transport: { url: '/sync' } }],
  ['transport', { transport: '/sync' }],
  ['persistence', { persistence: 'localStorage' }],
  ['persistence', { persistence: {} }],
  ['pollMs', { pollMs: 0 }],
  ['pollMs', { pollMs: Number.NaN }],
  ['pollMs', { pollMs: '5' }],
  ['spce', { spce: 'main' }],
]
test.each(wrongOptions)('createStore refuses a wrong `%s`: %j', (path, change) => {
  expect(thrown(() => createStore({ ...options, ...change } as never))).toEqual(['misuse/options', path])
})

test.each([
  ['url', {}],
  ['url', { url: '' }],
  ['timeoutMs', { url: '/', timeoutMs: 0 }],
  ['timeoutMs', { url: '/', timeoutMs: Number.NaN }],
  ['poke', { url: '/', poke: 'socket' }],
])('http refuses a wrong `%s`: %j', (path, given) => {
  expect(thrown(() => http(given as never))).toEqual(['misuse/options', path])
})

const Note = v.object({ id: v.string() })
const wrongSchemas: readonly (readonly [what: string, code: string, path: unknown, act: () => unknown])[] = [
  ['no version', 'misuse/schema', 'version', () => defineSchema({ collections: {} } as never)],
  ['version 0', 'misuse/schema', 'version', () => defineSchema({ version: 0, collections: {} })],
  ['half a version', 'misuse/schema', 'version', () => defineSchema({ version: 1.5, collections: {} })],
  ['a name with a dot', 'misuse/schema', 'a.b', () => defineSchema({ version: 1, collections: { 'a.b': collection(Note) } })],
  ['a name with a slash', 'misuse/schema', 'a/b', () => defineSchema({ version: 1, collections: { 'a/b': collection(Note) } })],
  ['an empty name', 'misuse/schema', '', () => defineSchema({ version: 1, collections: { '': collection(Note) } })],
  [
    'the name constructor',
    'misuse/schema',
    'constructor',
    () => defineSchema({ version: 1, collections: { constructor: collection(Note) } as never }),
  ],
  ['a name of tx', 'misuse/reserved-name', 'user', () => defineSchema({ version: 1, collections: { user: collection(Note) } as never })],
  [
    'a name of tx',
    'misuse/reserved-name',
    'reject',
    () => defineSchema({ version: 1, collections: { reject: collection(Note) } as never }),
  ],
  ['no schema', 'misuse/schema', 'schema', () => collection(undefined as never)],
  ['what is no schema', 'misuse/schema', 'schema', () => collection({ id: 'string' } as never)],
  ['an unknown option', 'misuse/schema', 'crude', () => collection(Note, { crude: true } as never)],
  ['an option of another kind', 'misuse/schema', 'crud', () => collection(Note, { crud: 'yes' } as never)],
  ['an unknown audience', 'misuse/schema', 'audience', () => collection(Note, { audience: 'everybody' } as never)],
  ['a mutator called batch', 'misuse/reserved-name', 'batch', () => defineMutators(appSchema, { batch: mutator([], () => {}) } as never)],
  [
    'a mutator with a dot',
    'misuse/reserved-name',
    'notes.insert',
    () => defineMutators(appSchema, { 'notes.insert': mutator([], () => {}) }),
  ],
  [
    'a mutator twice',
    'misuse/reserved-name',
    'go',
    () => mergeMutators(defineMutators(appSchema, { go: mutator([], () => {}) }), defineMutators(appSchema, { go: mutator([], () => {}) })),
  ],
]
test.each(wrongSchemas)('a schema with %s is refused: %s', (_, code, path, act) => {
  expect(thrown(act)).toEqual([code, path])
})

// An app that takes anything, so that only Tidemark's own rules are left.
const anySchema = defineSchema({
  version: 1,
  collections: { boxes: collection(v.object({ id: v.string(), of: v.any() }), { crud: true }) },
})
const slowText = { '~standard': { version: 1 as const, vendor: 'slow', validate: async (value: unknown) => ({ value: value as string }) } }
let count = 0
const anyMutators = defineMutators(anySchema, {
  box: mutator([v.string(), v.any()], (tx, id, of) => tx.boxes.put({ id, of })),
  lazy: mutator([slowText], () => {}),
  later: mutator([], (async () => {}) as never),
  impure: mutator([v.string()], (tx, id) => tx.boxes.put({ id, of: count++ })),
  keepReading: mutator([v.string()], (tx, id) => void tx.boxes.get(id)),
  badQuery: mutator([v.any()], (tx, value) => void tx.boxes.where('of', '<', value as number).read()),
})

const cycle: Record<string, unknown> = {}
cycle['self'] = cycle
const deep = (levels: number): unknown => (levels === 0 ? 1 : { in: deep(levels - 1) })
class Point {
  x = 1
}
const values: readonly (readonly [what: string, value: unknown, path: readonly (string | number)[] | undefined])[] = [
  ['NaN', { a: Number.NaN }, ['a']],
  ['Infinity', { a: [Infinity] }, ['a', 0]],
  ['minus zero', { a: -0 }, ['a']],
  ['2 to the 53', { a: 2 ** 53 }, ['a']],
  ['a BigInt', { a: 1n }, ['a']],
  ['a Date', { a: new Date(0) }, ['a']],
  ['a Map', { a: new Map() }, ['a']],
  ['a Set', { a: new Set() }, ['a']],
  ['a typed array', { a: new Uint8Array(1) }, ['a']],
  ['an instance of a class', { a: new Point() }, ['a']],
  ['a function', { a: () => 1 }, ['a']],
  ['a symbol', { a: Symbol('x') }, ['a']],
  ['NUL', { a: 'x\u0000' }, ['a']],
  ['a lone surrogate', { a: { b: '\ud800' } }, ['a', 'b']],
  ['a lone surrogate in a key', { '\udc00': 1 }, ['\udc00']],
  ['a cycle', cycle, undefined],
  ['__proto__', JSON.parse('{"a":{"__proto__":1}}'), ['a', '__proto__']],
  ['a hole in a list', { a: [1, undefined] }, ['a', 1]],
  ['65 levels', deep(65), undefined],
]

test.each(values)(
  'a value that JSON or Postgres would change is refused with its path, and nothing is queued: %s',
  async (_, value, path) => {
    await inWorlds({}, async ({ clock, run }) => {
      const store = createStore({ name: 'x', schema: anySchema, mutators: anyMutators, persistence: 'memory', world: { clock } })
      await run(store.ready)
      const byArgument = thrown(() => store.mutate.box('b1', value))
      const byRow = thrown(() => store.collections.boxes.insert({ id: 'b1', of: value }))
      const byPatch = thrown(() => store.collections.boxes.patch('b1', { of: value }))
      for (const [code] of [byArgument, byRow, byPatch]) expect(code).toBe('invalid/value')
      if (path) {
        expect(byArgument[1]).toEqual(path)
        expect(byRow[1]).toEqual(['of', ...path])
        expect(byPatch[1]).toEqual(['of', ...path])
      }
      expect(store.status.value.pending).toBe(0)
      expect(store.query.boxes.read()).toEqual([])
      await run(store.close())
    })
  },
)

test.each([
  ['a million characters', { a: 'x'.repeat(1_000_001) }],
  ['a list too long', Array.from({ length: 200_000 }, (_, i) => i)],
])('a value beyond the limit is refused as too large: %s', async (_, value) => {
  await inWorlds({}, async ({ clock, run }) => {
    const store = createStore({ name: 'x', schema: anySchema, mutators: anyMutators, persistence: 'memory', world: { clock } })
    await run(store.ready)
    expect(thrown(() => store.mutate.box('b1', value))[0]).toBe('invalid/too-large')
    expect(store.status.value.pending).toBe(0)
    await run(store.close())
  })
})

test('what is within the limits comes back as it was given, and later changes of it change nothing', async () => {
  await inWorlds({}, async ({ clock, run }) => {
    const store = createStore({ name: 'x', schema: anySchema, mutators: anyMutators, persistence: 'memory', world: { clock } })
    await run(store.ready)
    const given = { text: 'ä😀\n', list: [1, -1.5, 0, null, true, []], deep: deep(50), least: -(2 ** 53 - 1), small: 5e-324 }
    const copy = structuredClone(given)
    store.mutate.box('b1', new Proxy(given, {}))
    given.list.push(7)
    expect(store.query.boxes.read()).toEqual([{ id: 'b1', of: copy }])
    expect(() => {
      ;(store.query.boxes.read()[0] as { of: { text: string } }).of.text = 'changed'
    }).toThrow(TypeError)
    await run(store.close())
  })
})

test('wrong arguments, rows and ids throw their code at once, name the path and queue nothing', () =>
  inWorlds({}, async (w) => {
    const { a } = await openDevices(w, 'a')
    const { mutate, collections, query } = a.store
    const { shelves } = collections
    const table: readonly (readonly [code: string, path: unknown, act: () => unknown])[] = [
      ['invalid/args', [], () => mutate.createNote(7 as never, 'x')],
      ['invalid/args', [], () => mutate.createNote('n1', undefined as never)],
      ['invalid/args', [], () => (mutate.createNote as () => unknown)()],
      ['invalid/args', ['2'], () => (mutate.createNote as (...args: readonly string[]) => unknown)('n1', 'x', 'more')],
      ['invalid/row', [], () => shelves.insert(undefined as never)],
      ['invalid/row', [], () => shelves.insert('s1' as never)],
      ['invalid/row', ['name'], () => shelves.insert({ id: 's1', rank: 1 } as never)],
      ['invalid/row', ['rank'], () => shelves.insert({ id: 's1', name: 'x', rank: '1' as never })],
      ['invalid/row', ['id'], () => shelves.insert({ id: '', name: 'x', rank: 1 })],
      ['invalid/row', ['id'], () => shelves.insert({ name: 'x', rank: 1 } as never)],
      ['invalid/too-large', ['id'], () => shelves.insert({ id: 'x'.repeat(257), name: 'x', rank: 1 })],
      ['invalid/row', ['id'], () => shelves.remove('')],
      ['invalid/row', ['id'], () => shelves.remove(undefined as never)],
      ['invalid/row', ['id'], () => shelves.patch(7 as never, {})],
      ['invalid/args', ['1'], () => shelves.patch('s1', undefined as never)],
      ['invalid/args', ['1'], () => shelves.patch('s1', [] as never)],
      ['invalid/args', ['1'], () => shelves.patch('s1', { id: 's2' } as never)],
      ['invalid/args', ['2'], () => shelves.patch('s1', {}, { unset: 'name' } as never)],
      ['invalid/args', ['2'], () => shelves.patch('s1', {}, { set: [] } as never)],
      ['invalid/row', ['id'], () => collections.notes.entity('')],
      ['invalid/row', ['id'], () => collections.notes.entity(undefined as never)],
      ['invalid/too-large', ['id'], () => collections.notes.entity('x'.repeat(257))],
      ['invalid/query', 'where.title', () => query.notes.where('title', '==' as never, 'x' as never)],
      ['invalid/query', 'where', () => query.notes.where('' as 'title', '=', 'x')],
      ['invalid/query', 'where.title', () => query.notes.where('title', '<', null as never)],
      ['invalid/query', 'where.title', () => query.notes.where('title', '=', undefined as never)],
      ['invalid/query', 'where.title', () => query.notes.where('title', 'in', 'x' as never)],
      ['invalid/query', 'where.title', () => query.notes.where('title', 'startsWith', 7 as never)],
      [
        'invalid/query',
        'where.title',
        () =>
          query.notes.where(
            'title',
            'in',
            Array.from({ length: 1001 }, (_, i) => `${i}`),
          ),
      ],
      ['invalid/query', 'where', () => query.notes.where((() => true) as never)],
      ['invalid/query', 'orderBy', () => query.notes.orderBy('' as never)],
      ['invalid/query', 'orderBy', () => query.notes.orderBy('title', 'up' as never)],
      ['invalid/query', 'limit', () => query.notes.limit(-1)],
      ['invalid/query', 'limit', () => query.notes.limit(1.5)],
      ['invalid/query', 'limit', () => query.notes.limit('5' as never)],
    ]
    for (const [index, [code, path, act]] of table.entries()) expect([index, ...thrown(act)]).toEqual([index, code, path])
    expect(a.store.status.value).toMatchObject({ pending: 0, quarantined: 0 })
    expect(a.store.mutations.list.value).toEqual([])
    const requests = w.net.counts.requests
    await w.clock.advance(1_000)
    expect(w.net.counts.requests).toBe(requests)
  }))

test('a row that a mutator spoils is thrown by the call, with what is wrong of it', () =>
  inWorlds({}, async (w) => {
    const { a } = await openDevices(w, 'a')
    await w.run(a.store.collections.shelves.insert({ id: 's1', name: 'x', rank: 1 }))
    expect(thrown(() => a.store.collections.shelves.patch('s1', { rank: 'high' as never }))).toEqual(['invalid/row', ['rank']])
    expect(a.store.query.shelves.read()).toEqual([{ id: 's1', name: 'x', rank: 1 }])
    expect(a.store.mutations.list.value.map(({ calls }) => calls[0]?.[0])).toEqual(['shelves.insert'])
  }))

test('an asynchronous schema, an asynchronous mutator and an impure one are the developer’s to mend', () =>
  inWorlds({}, async ({ clock, run }) => {
    const store = createStore({
      name: 'x',
      schema: anySchema,
      mutators: anyMutators,
      persistence: 'memory',
      world: { clock, isDevelopment: true },
    })
    await run(store.ready)
    expect(thrown(() => store.mutate.lazy('x'))[0]).toBe('misuse/async-schema')
    expect(thrown(() => store.mutate.later())[0]).toBe('misuse/async-mutator')
    expect(thrown(() => store.mutate.impure('b1'))[0]).toBe('misuse/impure-mutator')
    expect(thrown(() => store.mutate.keepReading(''))[0]).toBe('invalid/row')
    expect(thrown(() => store.mutate.badQuery('x'))[0]).toBe('nothing was thrown')
    expect(thrown(() => store.mutate.badQuery(null))[0]).toBe('invalid/query')
    expect(store.query.boxes.read()).toEqual([])
    expect(store.mutations.list.value.map(({ calls }) => calls[0]?.[0])).toEqual(['badQuery'])
    await run(store.close())
  }))

test('a closed store refuses what would change or ask anything', () =>
  inWorlds({}, async (w) => {
    const { a } = await openDevices(w, 'a')
    const shelf = a.store.collections.shelves.entity('s1')
    await w.run(a.store.close())
    const acts: readonly (() => unknown)[] = [
      () => a.store.mutate.createNote('n1', 'x'),
      () => a.store.mutate.batch(() => {}),
      () => a.store.collections.shelves.insert({ id: 's1', name: 'x', rank: 1 }),
      () => shelf.patch({ name: 'y' }),
      () => shelf.remove(),
      () => a.store.goOffline(),
      () => a.store.goOnline(),
    ]
    for (const [index, act] of acts.entries()) expect([index, thrown(act)[0]]).toEqual([index, 'misuse/closed'])
    expect(await w.run(ending(a.store.sync()))).toBe('misuse/closed')
    expect(await w.run(ending(a.store.query.notes.run()))).toBe('misuse/closed')
    expect(await w.run(ending(a.store.quarantine.discardAll()))).toBe('misuse/closed')
    expect(await w.run(ending(a.store.quarantine.discard('m1')))).toBe('misuse/closed')
  }))
