import { expect, test } from 'vitest'
import { Sort } from '../../src/live/sort.ts'
import { keepSame, View } from '../../src/live/view.ts'
import { makeOrder } from '../../src/query/answer.ts'
import { makeFeed } from './operators.ts'
import { makeRow } from './tiny-pool.ts'

const a = makeRow('a')
const b = makeRow('b')

test('a view builds its list once per commit, and only if something changed', () => {
  const feed = makeFeed([a])
  const view = new View(new Sort(feed, makeOrder()))
  let changes = 0
  view.onChange = () => changes++
  const before = view.rows
  feed.to.settle()
  feed.to.add(b)
  feed.to.remove(b)
  feed.to.settle()
  expect(view.rows).toBe(before)
  expect(changes).toBe(0)
  feed.to.add(b)
  feed.to.edit(a, makeRow('a', { n: 1 }))
  expect(view.rows).toBe(before)
  feed.to.settle()
  expect(view.rows).toEqual([makeRow('a', { n: 1 }), b])
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
