import { expect, test } from 'vitest'
import type { ConditionAst } from '../../src/query/ast.ts'
import { type IndexesByCollection, type Lookup, makeLookup } from '../../src/pool/lookup.ts'
import { createPool, type Pool } from '../../src/pool/pool.ts'
import { makeRowKey, type RowKey } from '../../src/protocol/ids.ts'
import { compileCondition } from '../../src/query/condition.ts'
import type { AnyRow } from '../../src/schema/row.ts'
import type { Json } from '../../src/util/json.ts'
import { createRng, type Rng } from '../kit/rng.ts'

type Comparison = Extract<ConditionAst, { readonly field: string }>

const is = (field: string, op: Comparison['op'], value: Json): Comparison => ({ field, op, value })
const and = (...of: readonly ConditionAst[]): ConditionAst => ({ op: 'and', of })
const idsOf = (rows: Iterable<AnyRow>): string[] => Array.from(rows, ({ id }) => id).sort()

function openBooks(): Pool {
  const indexesByCollection = new Map([['books', ['status', 'pages', ['shelf', 'title']]]])
  const pool = createPool(
    (error) => {
      throw error
    },
    { indexesByCollection },
  )
  const fields = [
    { status: 'open', pages: 1, shelf: 'a', title: 'one' },
    { status: 'open', pages: 4, shelf: 'a', title: 'once' },
    { status: 'shut', pages: 4, shelf: 'b', title: 'two' },
    { status: null, pages: '4', shelf: 'b', title: null },
    { shelf: ['a'], title: 'list' },
  ]
  put(
    pool,
    fields.map((one, i) => ({ id: `b${i}`, ...one })),
  )
  return pool
}

function put(pool: Pool, rows: readonly AnyRow[]): void {
  pool.commit({ base: new Map(rows.map((row) => [makeRowKey('books', row.id), row])) })
}

test.each<[string, ConditionAst, string, readonly string[]]>([
  ['an id', is('id', '=', 'b1'), 'the id', ['b1']],
  ['ids, each once', is('id', 'in', ['b1', 'b1', 'none', null]), 'the id', ['b1']],
  ['an equality', and(is('status', '=', 'open'), is('note', '=', 1)), 'index status', ['b0', 'b1']],
  ['several values of one field', is('status', 'in', ['shut', 'open', 'none', 'shut']), 'index status', ['b0', 'b1', 'b2']],
  ['null, which absence is too', is('status', '=', null), 'index status', ['b3', 'b4']],
  ['null by its name', is('status', 'isNull', true), 'index status', ['b3', 'b4']],
  ['the first of several fields', is('shelf', '=', 'b'), 'index shelf', ['b2', 'b3']],
  ['a number from there on', is('pages', '>=', 4), 'index pages ≥ 4', ['b1', 'b2']],
  ['a range', and(is('pages', '>', 1), is('pages', '<=', 4)), 'index pages > 1 and ≤ 4', ['b1', 'b2']],
  ['an empty range', and(is('pages', '>', 4), is('pages', '<', 1)), 'index pages > 4 and < 1', []],
  ['text, apart from numbers', is('pages', '<', '5'), 'index pages < "5"', ['b3']],
  [
    'a range behind an equality',
    and(is('title', 'startsWith', 'onc'), is('shelf', '=', 'a')),
    'index shelf, title startsWith "onc"',
    ['b1'],
  ],
  ['two equalities', and(is('shelf', '=', 'a'), is('title', '=', 'one')), 'index shelf, title', ['b0']],
  ['the best of several', and(is('status', '=', 'open'), is('pages', '<', 4)), 'index pages < 4', ['b0']],
  ['equalities deep in ands', and(and(and(is('status', '=', 'shut')))), 'index status', ['b2']],
])('narrow goes by %s', (_, where, by, ids) => {
  const narrowed = openBooks().narrow({ from: 'books', where })
  expect([narrowed.by, idsOf(narrowed.rows)]).toEqual([by, ids])
})

test.each<[string, ConditionAst]>([
  ['a field that nobody declared', is('note', '=', 1)],
  ['the second of declared fields', is('title', '=', 'one')],
  ['what is not so', { op: 'not', of: [is('status', '=', 'open')] }],
  ['one or the other', { op: 'or', of: [is('status', '=', 'open'), is('pages', '=', 1)] }],
  ['a list', is('status', '=', ['open'])],
  ['a list among values', is('status', 'in', ['open', ['open']])],
])('narrow knows no way by %s', (_, where) => {
  expect(openBooks().narrow({ from: 'books', where })).toMatchObject({ by: 'all rows' })
})

test('narrow goes by a field that was looked up before, and makes no index of its own accord', () => {
  const pool = openBooks()
  const where = is('title', '=', 'one')
  expect(pool.narrow({ from: 'books', where }).by).toBe('all rows')
  expect(idsOf(pool.lookUp('books', 'title', 'one'))).toEqual(['b0'])
  expect(pool.narrow({ from: 'books', where }).by).toBe('index title')
})

test('lookUp tells apart what JavaScript would not, and knows neither null nor lists', () => {
  const pool = openBooks()
  const values: readonly Json[] = [1, '1', true, 'true', 0, '', false]
  put(
    pool,
    values.map((flag, i) => ({ id: `v${i}`, flag })),
  )
  for (const [i, value] of values.entries()) expect(idsOf(pool.lookUp('books', 'flag', value))).toEqual([`v${i}`])
  for (const value of [null, [1], {}, 'none']) expect([...pool.lookUp('books', 'flag', value)]).toEqual([])
  expect(idsOf(pool.lookUp('books', 'id', 'v1'))).toEqual(['v1'])
  expect([...pool.lookUp('nothing', 'flag', 1)]).toEqual([])
})

test('what was found does not change when rows do', () => {
  const pool = openBooks()
  const found = [pool.lookUp('books', 'status', 'open'), pool.narrow({ from: 'books', where: is('pages', '>', 0) }).rows]
  const before = found.map(idsOf)
  put(pool, [
    { id: 'b0', status: 'shut', pages: -1 },
    { id: 'b9', status: 'open', pages: 9 },
  ])
  expect(found.map(idsOf)).toEqual(before)
})

test('view and base answer from their own rows by the same indexes', () => {
  const pool = openBooks()
  const ast = { from: 'books', where: is('status', '=', 'open') }
  pool.commit({
    pending: new Map([
      [makeRowKey('books', 'b0'), { row: { id: 'b0', status: 'shut' } }],
      [makeRowKey('books', 'b2'), { row: { id: 'b2', status: 'open' } }],
      [makeRowKey('books', 'b1'), { row: undefined }],
      [makeRowKey('books', 'p'), { row: { id: 'p', status: 'open' } }],
    ]),
  })
  expect(idsOf(pool.view.select(ast) as readonly AnyRow[])).toEqual(['b2', 'p'])
  expect(idsOf(pool.base.select(ast) as readonly AnyRow[])).toEqual(['b0', 'b1'])
})

test('a question by index looks at no other rows, and an edit of another field at one', () => {
  const rows = new Map<string, AnyRow>()
  let looked = 0
  const find = (_: string, id: string): AnyRow | undefined => (looked++, rows.get(id))
  const all = (): Iterable<AnyRow> => ((looked += rows.size), rows.values())
  const lookup = makeLookup({ find, rows: all }, new Map([['books', ['status', 'pages']]]))
  for (let i = 0; i < 1000; i++) place(lookup, rows, { id: `b${i}`, status: i % 100, pages: i })
  const ask = (where: ConditionAst): readonly AnyRow[] => [...lookup.narrow({ from: 'books', where }).rows]
  expect(ask(is('status', '=', 7))).toHaveLength(10)
  expect(ask(is('pages', '<', 5))).toHaveLength(5)
  expect(looked).toBe(2000)
  place(lookup, rows, { id: 'b7', status: 7, pages: -1 })
  expect(ask(is('status', '=', 7))).toHaveLength(10)
  expect(ask(is('status', '=', 7))).toContainEqual({ id: 'b7', status: 7, pages: -1 })
  expect(idsOf(ask(is('pages', '<', 5)))).toEqual(['b0', 'b1', 'b2', 'b3', 'b4', 'b7'])
  expect(looked).toBe(2000)
})

function place(lookup: Lookup, rows: Map<string, AnyRow>, row: AnyRow): void {
  const before = rows.get(row.id)
  rows.set(row.id, row)
  lookup.place('books', before, row)
}

const fields = ['a', 'b', 'c', 'id']
const declared: IndexesByCollection = new Map([['books', ['a', ['b', 'a'], ['c', 'b', 'a'], 'b', ['id']]]])
const scalars: readonly Json[] = [null, true, false, 0, 1, -1, 1.5, 10, '', 'a', 'ab', 'b', 'B', '1', '\uD7FF', '😀', '\uE000']
const values: readonly Json[] = [...scalars, [], [1], ['a'], {}, { a: 1 }]
const ids = Array.from({ length: 30 }, (_, i) => `r${i}`)

// seeds that differ in when the indexes are made: at once, in the middle of a history, or for some fields only
test.each(Array.from({ length: 60 }, (_, i) => i + 1))('SEED=%i: after any commits an index finds what a scan finds', (seed) => {
  const rng = createRng(seed)
  const pool = createPool(
    (error) => {
      throw error
    },
    { indexesByCollection: declared },
  )
  const firstQuestion = rng.pick([0, 10, 25])
  let narrowed = 0
  for (let step = 0; step < 40; step++) {
    pool.commit({ base: drawMoves(rng, (row) => row), pending: drawMoves(rng, (row) => (rng.chance(0.4) ? null : { row })) })
    if (step < firstQuestion) continue
    const rows = [...pool.rows('books')]
    for (let i = 0; i < 8; i++) {
      const where = drawCondition(rng, 2)
      const isMatch = compileCondition(where)
      const { rows: found, by } = pool.narrow({ from: 'books', where })
      const list = [...found]
      const label = `${by} for ${JSON.stringify(where)}`
      expect(idsOf(list.filter(isMatch)), label).toEqual(idsOf(rows.filter(isMatch)))
      expect(new Set(list.map((row) => row.id)).size, label).toBe(list.length)
      for (const row of list) expect(pool.find('books', row.id), label).toBe(row)
      if (by !== 'all rows') narrowed++
    }
    const [field, value] = [rng.pick(fields), rng.pick(values)]
    const isIn = value !== null && typeof value !== 'object'
    expect(idsOf(pool.lookUp('books', field, value))).toEqual(isIn ? idsOf(rows.filter((row) => row[field] === value)) : [])
    const ast = { from: 'books', where: drawCondition(rng, 2) }
    const base = Array.from(pool.baseKeys(), (key) => pool.base.find(...splitKey(key)) as AnyRow)
    expect(idsOf(pool.base.select(ast) as readonly AnyRow[])).toEqual(idsOf(base.filter(compileCondition(ast.where))))
    expect(idsOf(pool.view.select(ast) as readonly AnyRow[])).toEqual(idsOf(rows.filter(compileCondition(ast.where))))
  }
  expect(narrowed).toBeGreaterThan(20)
})

function splitKey(key: RowKey): [collection: string, id: string] {
  const at = key.indexOf('/')
  return [key.slice(0, at), key.slice(at + 1)]
}

function drawMoves<T>(rng: Rng, of: (row: AnyRow | undefined) => T): ReadonlyMap<RowKey, T> {
  const moved = Array.from({ length: rng.pick([0, 2, 2, 20]) }, () => rng.pick(ids))
  return new Map(moved.map((id) => [makeRowKey('books', id), of(rng.chance(0.2) ? undefined : drawRow(rng, id))]))
}

function drawRow(rng: Rng, id: string): AnyRow {
  const row: Record<string, Json> = {}
  for (const field of ['a', 'b', 'c']) if (rng.chance(0.85)) row[field] = rng.pick(rng.chance(0.5) ? [1, 'a'] : values)
  return Object.freeze({ ...row, id })
}

function drawCondition(rng: Rng, depth: number): ConditionAst {
  const kind = depth === 0 ? 9 : rng.int(0, 9)
  const parts = () => Array.from({ length: rng.int(1, 3) }, () => drawCondition(rng, depth - 1))
  if (kind < 5) return { op: 'and', of: parts() }
  if (kind === 5) return { op: 'or', of: parts() }
  if (kind === 6) return { op: 'not', of: [drawCondition(rng, depth - 1)] }
  const field = rng.chance(0.1) ? 'id' : rng.pick(['a', 'b', 'c'])
  const value = field === 'id' ? rng.pick(ids) : rng.pick(values)
  switch (rng.int(0, 9)) {
    case 0:
    case 1:
    case 2:
      return is(field, '=', value)
    case 3:
      return is(
        field,
        'in',
        Array.from({ length: rng.int(0, 3) }, () => (rng.chance(0.8) ? rng.pick(scalars) : value)),
      )
    case 4:
      return is(field, 'startsWith', rng.pick(['', 'a', 'r', 'r1', '1', '😀', '\uD7FF']))
    case 5:
      return is(field, 'isNull', rng.chance(0.7))
    case 6:
      return is(field, rng.pick(['!=', 'contains', 'like', 'ilike'] as const), rng.pick(['a', 'b']))
    default:
      return is(
        field,
        rng.pick(['<', '<=', '>', '>='] as const),
        rng.pick(scalars.filter((one) => typeof one === 'string' || typeof one === 'number')),
      )
  }
}
