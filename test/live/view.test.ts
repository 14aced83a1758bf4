import { expect, test } from 'vitest'
import { Sort } from '../../src/live/sort.ts'
import { keepSame, makeView } from '../../src/live/view.ts'
import { makeOrder } from '../../src/query/node.ts'
import { makeFeed } from './operators.ts'
import { makeRow } from './tiny-pool.ts'

const a = makeRow('a')
const b = makeRow('b')

test('a view builds its list once per commit, and only if something changed', () => {
  const feed = makeFeed([a])
  const view = makeView(new Sort(feed, makeOrder({})), undefined)
  let changes = 0
  view.onChange = () => changes++
  const before = view.value
  feed.to.settle()
  feed.to.add(b)
  feed.to.remove(b)
  feed.to.settle()
  expect(view.value).toBe(before)
  expect(changes).toBe(0)
  feed.to.add(b)
  feed.to.edit(a, makeRow('a', { n: 1 }))
  expect(view.value).toBe(before)
  feed.to.settle()
  expect(view.value).toEqual([makeRow('a', { n: 1 }), b])
  expect(before).toEqual([a])
  expect(changes).toBe(1)
})

test('lists of the very same rows are one list; equal rows are not the same row', () => {
  const list = [a, b]
  expect(keepSame(list, [a, b])).toBe(list)
  expect(keepSame(list, [b, a])).not.toBe(list)
  expect(keepSame(list, [a])).not.toBe(list)
  expect(keepSame(list, [a, makeRow('b')])).not.toBe(list)
})
