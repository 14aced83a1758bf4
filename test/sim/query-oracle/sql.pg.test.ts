// The second oracle by itself: each rule of a question on rows that a reader can work out.
import { PGlite } from '@electric-sql/pglite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { QueryAst } from '../../../src/query/ast.ts'
import type { AnyRow } from '../../../src/schema/row.ts'
import type { Json } from '../../../src/util/json.ts'
import { relations, type Tables } from './rows.ts'
import { makeSqlOracle, type SqlOracle } from './sql.ts'

let db: PGlite
let oracle: SqlOracle
beforeAll(async () => {
  db = await PGlite.create()
  oracle = await makeSqlOracle(db)
})
afterAll(() => db.close())

const none: Tables = { issues: [], projects: [], users: [], labels: [], issueLabels: [] }
const row = (id: string, fields: { readonly [field: string]: Json } = {}): AnyRow => ({ id, ...fields })
const ids = (rows: unknown): string => (rows as readonly { readonly id: string }[]).map(({ id }) => id).join(' ')
const hop = (from: string, name: string) => {
  const found = relations.find((one) => one.from === from && one.name === name)
  if (!found) throw new Error(`There is no relation ${from}.${name}.`)
  return found
}
const titled = (...values: readonly (Json | undefined)[]): Tables => ({
  ...none,
  issues: values.map((title, i) => (title === undefined ? row(`i${i}`) : row(`i${i}`, { title }))),
})
const where = async (op: string, value: Json): Promise<string> =>
  ids(await oracle.answer({ from: 'issues', where: { op, field: 'title', value } as never }))

test('operators are two-valued: null is a value, an absent field is null, nothing is less than null', async () => {
  await oracle.load(titled('a', 'B', null, undefined, 1, ['x', null], 'ab'))
  expect(await where('=', null)).toBe('i2 i3')
  expect(await where('!=', 'a')).toBe('i1 i2 i3 i4 i5 i6')
  expect(await where('<', 'b')).toBe('i0 i1 i6')
  expect(await where('>=', 1)).toBe('i4')
  expect(await where('in', ['a', null])).toBe('i0 i2 i3')
  expect(await where('in', [])).toBe('')
  expect(await where('notIn', ['a', null])).toBe('i1 i4 i5 i6')
  expect(await where('isNull', false)).toBe('i0 i1 i4 i5 i6')
  expect(await where('startsWith', 'a')).toBe('i0 i6')
  expect(await where('like', '_b')).toBe('i6')
  expect(await where('ilike', 'b%')).toBe('i1')
  expect(await where('contains', null)).toBe('i5')
  const less = { op: '<', field: 'title', value: 'b' } as const
  expect(ids(await oracle.answer({ from: 'issues', where: { op: 'not', of: [less] } }))).toBe('i2 i3 i4 i5')
})

test('the order is that of stored values, nulls where they are placed, ties by id; a cursor is a place in it', async () => {
  await oracle.load(titled('a', true, null, 2, 10, ['x', 'y'], undefined, 'Z', false, { a: 1 }))
  const ask = (more: Partial<QueryAst>, key = {}) =>
    oracle.answer({ from: 'issues', orderBy: [{ field: 'title', direction: 'asc', ...key }], ...more })
  expect(ids(await ask({}))).toBe('i2 i6 i8 i1 i3 i4 i7 i0 i5 i9')
  expect(ids(await ask({}, { direction: 'desc' }))).toBe('i9 i5 i0 i7 i4 i3 i1 i8 i2 i6')
  expect(ids(await ask({}, { nulls: 'last' }))).toBe('i8 i1 i3 i4 i7 i0 i5 i9 i2 i6')
  expect(ids(await ask({}, { direction: 'desc', nulls: 'first' }))).toBe('i2 i6 i9 i5 i0 i7 i4 i3 i1 i8')
  expect(ids(await ask({ after: { keys: [null], ids: ['i2'] }, limit: 2 }))).toBe('i6 i8')
  expect(ids(await ask({ after: { keys: ['Y'], ids: ['i'] }, offset: 1 }))).toBe('i0 i5 i9')
})

test('a join is there as often as rows are met, a hidden one is not part of the answer', async () => {
  const issues = [row('i0', { projectId: 'p1', priority: 1 }), row('i1', { projectId: 'p9', priority: 2 }), row('i2')]
  const users = [row('u0', { level: 1 }), row('u1', { level: 1 }), row('u2', { level: 2, isActive: true })]
  await oracle.load({ ...none, issues, users, projects: [row('p1', { rank: 5 })] })
  const level = { near: 'priority', collection: 'users', far: 'level', isOne: false }
  const inner: QueryAst = { from: 'issues', joins: [{ as: 'u', kind: 'inner', hop: level }] }
  expect(await oracle.answer(inner)).toEqual([
    { ...issues[0], u: users[0] },
    { ...issues[0], u: users[1] },
    { ...issues[1], u: users[2] },
  ])
  const isActive = { op: '=', field: 'isActive', value: true } as const
  const left: QueryAst = { from: 'issues', joins: [{ as: 'u', kind: 'left', hop: level, where: isActive }] }
  expect(await oracle.answer(left)).toEqual([issues[0], { ...issues[1], u: users[2] }, issues[2]])
  expect(await oracle.answer({ ...left, after: { keys: [], ids: ['i1', null] } })).toEqual([{ ...issues[1], u: users[2] }, issues[2]])
  const byRank: QueryAst = {
    from: 'issues',
    joins: [{ as: 'p', kind: 'left', hop: hop('issues', 'project').hop, isHidden: true }],
    orderBy: [{ field: 'rank', of: 'p', direction: 'desc' }],
  }
  expect(await oracle.answer(byRank)).toEqual(issues)
})

test('a row linked twice comes once, each list has an order and a limit of its own, a hop to one gives a row or nothing', async () => {
  const issues = [row('i0', { projectId: 'p1' }), row('i1', { projectId: 'p9' })]
  const labels = [row('l0', { name: 'b' }), row('l1', { name: 'a' }), row('l2', { name: 'c' })]
  const issueLabels = [
    ['i0', 'l0'],
    ['i0', 'l0'],
    ['i0', 'l1'],
    ['i0', 'l2'],
    ['i1', 'l9'],
    [null, 'l1'],
  ].map(([issueId = null, labelId = null], i) => row(`k${i}`, { issueId, labelId }))
  await oracle.load({ ...none, issues, labels, issueLabels, projects: [row('p1')] })
  const through = hop('issues', 'labels')
  const query: QueryAst = { from: 'labels', orderBy: [{ field: 'name', direction: 'asc' }], limit: 2, select: ['name'] }
  const ast: QueryAst = {
    from: 'issues',
    with: [
      { as: 'labels', hop: through.hop, ...(through.link && { link: through.link }), query },
      { as: 'project', hop: hop('issues', 'project').hop, query: { from: 'projects' } },
    ],
  }
  expect(await oracle.answer(ast)).toEqual([
    { ...issues[0], labels: [{ name: 'a' }, { name: 'b' }], project: { id: 'p1' } },
    { ...issues[1], labels: [] },
  ])
  const exists = { op: 'exists', hop: hop('issues', 'links').hop, where: { op: 'exists', hop: hop('issueLabels', 'label').hop } } as const
  expect(ids(await oracle.answer({ from: 'issues', where: exists }))).toBe('i0')
})

test('groups have null keys, exact sums and means, nothing told of nothing, and one group without keys', async () => {
  const issues = [2 ** 53, 1, 1, -(2 ** 53), null].map((estimate, i) => row(`i${i}`, { estimate, ...(i < 3 && { status: 'open' }) }))
  await oracle.load({ ...none, issues })
  const all = { n: { op: 'count' }, sum: { op: 'sum', field: 'estimate' }, avg: { op: 'avg', field: 'estimate' } } as const
  const group = { by: [{ field: 'status' }], aggregates: { ...all, max: { op: 'max', field: 'estimate' } } } as const
  expect(await oracle.answer({ from: 'issues', group })).toEqual([
    { status: null, n: 2, sum: -(2 ** 53), avg: -(2 ** 53), max: -(2 ** 53) },
    { status: 'open', n: 3, sum: 2 ** 53 + 2, avg: 3002399751580331.5, max: 2 ** 53 },
  ])
  const empty: QueryAst = { from: 'projects', group: { by: [], aggregates: all } }
  expect(await oracle.answer(empty)).toEqual([{ n: 0, sum: 0 }])
  expect(await oracle.answer({ ...empty, want: { field: 'avg' } })).toBe(undefined)
  expect(await oracle.answer({ ...empty, want: { field: 'sum' } })).toBe(0)
  const having = { op: '>', field: 'n', value: 2 } as const
  expect(await oracle.answer({ from: 'issues', group: { ...group, aggregates: { n: { op: 'count' } }, having }, want: 'first' })).toEqual({
    status: 'open',
    n: 3,
  })
  expect(await oracle.answer({ from: 'issues', limit: 4, want: 'size' })).toBe(4)
  expect(await oracle.answer({ from: 'issues', group: { by: [{ field: 'status' }], aggregates: {}, offset: 1 } })).toEqual([
    { status: 'open' },
  ])
})
