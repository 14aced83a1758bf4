import { expect, test } from 'vitest'
import { Sort } from '../../src/live/sort.ts'
import { SplitEdit } from '../../src/live/split-edit.ts'
import { answerRows } from '../../src/query/answer.ts'
import { makeOrder } from '../../src/query/node.ts'
import { testOperator } from '../contract/operator.ts'
import { idsOf, listen, makeFeed } from './operators.ts'
import { makeRow } from './tiny-pool.ts'

const order = makeOrder({ orderBy: [{ field: 'n', direction: 'asc' }] })
const a = makeRow('a', { n: 3 })
const b = makeRow('b', { n: 1 })
const c = makeRow('c', { n: 2 })

test('sort keeps its rows in order, and tells adds at the end of their commit', () => {
  const feed = makeFeed([a, b])
  const sort = new Sort(feed, order)
  const heard = listen(sort)
  expect(idsOf(sort.rows())).toBe('b a')
  feed.to.add(c)
  feed.to.remove(b)
  expect(heard).toEqual(['remove b'])
  feed.to.settle()
  expect(heard).toEqual(['remove b', 'add c', 'settle'])
  expect(idsOf(sort.rows())).toBe('c a')
  expect(idsOf(sort.slice(0, 1))).toBe('c')
  expect(sort.countWhile((row) => Number(row.n) < 3)).toBe(1)
})

test('an edit replaces the row in its place', () => {
  const feed = makeFeed([a, b, c])
  const sort = new Sort(feed, order)
  const after = makeRow('c', { n: 2, title: 'new' })
  feed.to.edit(c, after)
  expect(sort.rows()[1]).toBe(after)
})

test('a row may come and go, or change, within one commit', () => {
  const feed = makeFeed([a])
  const sort = new Sort(feed, order)
  const heard = listen(sort)
  feed.to.add(b)
  feed.to.edit(b, makeRow('b', { n: 1, title: 'new' }))
  feed.to.remove(b)
  feed.to.settle()
  expect(heard).toEqual(['add b', 'edit b', 'remove b', 'settle'])
  expect(sort.rows()).toEqual([a])
})

test('a change to a row that it does not have is a bug, and says so', () => {
  const feed = makeFeed([a])
  listen(new Sort(feed, order))
  const bug = expect.objectContaining({ code: 'bug/invariant' })
  expect(() => feed.to.remove(b)).toThrow(bug)
  expect(() => feed.to.edit(b, b)).toThrow(bug)
})

testOperator({
  name: 'sort',
  make: (input) => new Sort(new SplitEdit(input, order), order),
  expect: (rows) => answerRows({ from: 'x', orderBy: [{ field: 'n', direction: 'asc' }] }, rows),
  order,
})
