import { expect, test } from 'vitest'
import { SplitEdit } from '../../src/live/split-edit.ts'
import { makeOrder } from '../../src/query/node.ts'
import { testOperator } from '../contract/operator.ts'
import { idsOf, listen, makeFeed } from './operators.ts'
import { makeRow } from './tiny-pool.ts'

test('an edit that moves a row is split; one that keeps its place passes', () => {
  const feed = makeFeed([makeRow('x')])
  const split = new SplitEdit(feed, makeOrder({ orderBy: [{ field: 'n', direction: 'desc' }] }))
  const heard = listen(split)
  expect(idsOf(split.rows())).toBe('x')
  feed.to.add(makeRow('a', { n: 1, title: 'one' }))
  feed.to.edit(makeRow('a', { n: 1, title: 'one' }), makeRow('a', { n: 1, title: 'two' }))
  feed.to.edit(makeRow('a', { n: 1 }), makeRow('a', { n: 2 }))
  feed.to.edit(makeRow('a', { n: null }), makeRow('a'))
  feed.to.edit(makeRow('a', { n: { p: 1, q: 2 } }), makeRow('a', { n: { q: 2, p: 1 } }))
  feed.to.remove(makeRow('a'))
  feed.to.settle()
  expect(heard).toEqual(['add a', 'edit a', 'remove a', 'add a', 'edit a', 'edit a', 'remove a', 'settle'])
})

const order = makeOrder({ orderBy: [{ field: 'n', direction: 'desc' }] })
testOperator({ name: 'split-edit', make: (input) => new SplitEdit(input, order), expect: (rows) => rows })
