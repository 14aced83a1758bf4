import { expect, test } from 'vitest'
import { Filter } from '../../src/live/filter.ts'
import type { AnyRow } from '../../src/schema/row.ts'
import { testOperator } from '../contract/operator.ts'
import { idsOf, listen, makeFeed } from './operators.ts'
import { makeRow } from './tiny-pool.ts'

const small = makeRow('a', { n: 1 })
const large = makeRow('a', { n: 9 })

test('a filter passes what meets its condition; an edit across the boundary is an add or a remove', () => {
  const feed = makeFeed([makeRow('x', { n: 2 }), makeRow('y', { n: 7 }), makeRow('z', { n: 8 })])
  const filter = new Filter(feed, (row) => Number(row.n) > 5)
  const heard = listen(filter)
  expect(idsOf(filter.rows())).toBe('y z')
  feed.to.add(small)
  feed.to.edit(small, large)
  feed.to.edit(large, makeRow('a', { n: 8 }))
  feed.to.edit(large, small)
  feed.to.edit(small, small)
  feed.to.remove(small)
  feed.to.add(large)
  feed.to.remove(large)
  feed.to.settle()
  expect(heard).toEqual(['add a', 'edit a', 'remove a', 'add a', 'remove a', 'settle'])
})

const isLarge = (row: AnyRow): boolean => Number(row.n) > 1
testOperator({ name: 'filter', make: (input) => new Filter(input, isLarge), expect: (rows) => rows.filter(isLarge) })
