import { expect, test } from 'vitest'
import { compile } from '../../src/live/compile.ts'
import { makeSortBook } from '../../src/live/shared-sort.ts'
import { makeSource } from '../../src/live/source.ts'
import { answerRows } from '../../src/query/answer.ts'
import type { ConditionAst, OrderAst, QueryAst } from '../../src/query/ast.ts'
import type { AnyRow } from '../../src/schema/row.ts'
import { createTinyPool, makeRow } from './tiny-pool.ts'

const open: ConditionAst = { op: '=', field: 'status', value: 'open' }
const newest: readonly OrderAst[] = [{ field: 'at', direction: 'desc' }]
const start: readonly AnyRow[] = [1, 2, 3, 4, 5, 6].map((at) => makeRow(`r${at}`, { status: at % 3 === 0 ? 'done' : 'open', at }))

const questions: readonly [string, QueryAst][] = [
  ['all', { from: 'x' }],
  ['a condition', { from: 'x', where: open }],
  ['an order', { from: 'x', orderBy: newest }],
  ['a window', { from: 'x', where: open, orderBy: newest, limit: 2 }],
  ['a window by id', { from: 'x', limit: 3 }],
  ['a window wider than the rows', { from: 'x', where: open, orderBy: newest, limit: 50 }],
  ['a window of none', { from: 'x', where: open, limit: 0 }],
]

type Step = readonly [before: AnyRow | undefined, after: AnyRow | undefined]
const steps: readonly [string, readonly Step[]][] = [
  ['jumps into the window', [[start[0], makeRow('r1', { status: 'open', at: 9 })]]],
  ['is renamed in place', [[start[4], makeRow('r5', { status: 'open', at: 5, title: 'new' })]]],
  ['leaves the window, the next is pulled in', [[start[4], makeRow('r5', { status: 'done', at: 5 })]]],
  ['comes back in', [[start[5], makeRow('r6', { status: 'open', at: 6 })]]],
  ['loses its key', [[start[4], makeRow('r5', { status: 'open' })]]],
  ['ties with another', [[start[4], makeRow('r5', { status: 'open', at: 4 })]]],
  ['is removed', [[start[3], undefined]]],
  ['is new', [[undefined, makeRow('r0', { status: 'open', at: 4 })]]],
  ['all go', start.map((row) => [row, undefined])],
  ['all change places', start.map((row) => [row, makeRow(row.id, { status: 'open', at: -Number(row.at) })])],
  [
    'one goes as another comes',
    [
      [start[4], undefined],
      [undefined, makeRow('r9', { status: 'open', at: 5 })],
    ],
  ],
]

const cases = questions.flatMap(([question, ast]) => steps.map(([what, changes]) => [question, what, ast, changes] as const))
test.each(cases)('%s, when a row %s: kept answered, it equals asked from scratch', (_question, _what, ast, changes) => {
  const pool = createTinyPool()
  const source = makeSource(pool, () => 0)
  pool.onCommit(source.push)
  pool.commit(start, [], 'x')
  const { view, open } = compile(ast, { source, sorts: makeSortBook() })
  expect(view.value).toEqual(answerRows(ast, start))
  const before = view.value as readonly AnyRow[]
  let told = 0
  view.onChange = () => told++
  open((error) => {
    throw error
  })
  const gone = changes.flatMap(([was, is]) => (was && !is ? [was.id] : []))
  pool.commit(
    changes.flatMap(([, is]) => is ?? []),
    gone,
    'x',
  )
  const expected = answerRows(ast, pool.rows('x'))
  expect(view.value).toEqual(expected)
  const isSame = before.length === expected.length && expected.every((row, i) => row === before[i])
  expect(told).toBe(isSame ? 0 : 1)
  expect(view.value === before).toBe(isSame)
})
