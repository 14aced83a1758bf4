import { expect, test } from 'vitest'
import type { Input, Ordered } from '../../src/live/operator.ts'
import { Sort } from '../../src/live/sort.ts'
import { SplitEdit } from '../../src/live/split-edit.ts'
import { Take, type Window } from '../../src/live/take.ts'
import { answerRows } from '../../src/query/answer.ts'
import { makeIsAfter, makeOrder } from '../../src/query/node.ts'
import type { AnyRow } from '../../src/schema/row.ts'
import { testOperator } from '../contract/operator.ts'
import { type Feed, idsOf, listen, makeFeed } from './operators.ts'
import { makeRow } from './tiny-pool.ts'

const order = makeOrder({ orderBy: [{ field: 'n', direction: 'asc' }] })
const row = (n: number): AnyRow => makeRow(`r${n}`, { n })

function takeOf(limit: number, ...numbers: readonly number[]): { feed: Feed; take: Take<AnyRow>; heard: string[]; asked: number[] } {
  const feed = makeFeed(numbers.map(row))
  const sort = new Sort(feed, order)
  const asked: number[] = []
  const counted: Ordered<AnyRow> = {
    pipe: (output) => sort.pipe(output),
    rows: () => sort.rows(),
    countWhile: (isBefore) => sort.countWhile(isBefore),
    explain: () => sort.explain(),
    slice: (start, end) => {
      asked.push(end - start)
      return sort.slice(start, end)
    },
  }
  const take = new Take(counted, { order, limit })
  sort.pipe(take)
  return { feed, take, heard: listen(take), asked }
}

test('a row that leaves a full window is followed up by the next', () => {
  const { feed, take, heard } = takeOf(2, 1, 2, 3, 4)
  feed.to.remove(row(1))
  feed.to.settle()
  expect(heard).toEqual(['remove r1', 'add r3', 'settle'])
  expect(idsOf(take.rows())).toBe('r2 r3')
})

test('a row that enters a full window pushes the last out', () => {
  const { feed, take, heard } = takeOf(2, 2, 3)
  feed.to.add(row(1))
  feed.to.settle()
  expect(heard).toEqual(['remove r3', 'add r1', 'settle'])
  expect(idsOf(take.rows())).toBe('r1 r2')
})

test('what happens beyond a full window is neither told nor looked at', () => {
  const { feed, heard, asked } = takeOf(2, 1, 2, 3, 4)
  asked.length = 0
  feed.to.add(row(5))
  feed.to.remove(row(3))
  feed.to.edit(row(4), makeRow('r4', { n: 4, title: 'new' }))
  feed.to.settle()
  expect(heard).toEqual(['settle'])
  expect(asked).toEqual([])
})

test('the last row of the window is within it', () => {
  const { feed, heard } = takeOf(2, 1, 2, 3)
  feed.to.edit(row(2), makeRow('r2', { n: 2, title: 'new' }))
  feed.to.settle()
  feed.to.remove(row(2))
  feed.to.settle()
  expect(heard).toEqual(['edit r2', 'settle', 'remove r2', 'add r3', 'settle'])
})

test('a window that is not full takes what comes', () => {
  const { feed, take } = takeOf(3, 1)
  feed.to.add(row(9))
  feed.to.settle()
  expect(idsOf(take.rows())).toBe('r1 r9')
})

test('rows that leave and rows that come in one commit are told once each', () => {
  const { feed, take, heard } = takeOf(3, 2, 4, 6, 8)
  feed.to.remove(row(4))
  feed.to.add(row(1))
  feed.to.add(row(9))
  feed.to.settle()
  expect(heard).toEqual(['remove r4', 'add r1', 'settle'])
  expect(idsOf(take.rows())).toBe('r1 r2 r6')
})

test('a window of none stays empty', () => {
  const { feed, take, heard } = takeOf(0, 1)
  feed.to.remove(row(1))
  feed.to.add(row(0))
  feed.to.settle()
  expect(heard).toEqual(['settle'])
  expect(take.rows()).toEqual([])
})

function takeFrom(input: Input, window: Omit<Window<AnyRow>, 'order'>): Take<AnyRow> {
  const sort = new Sort(new SplitEdit(input, order), order)
  const take = new Take(sort, { ...window, order })
  sort.pipe(take)
  return take
}

const sorted = (rows: readonly AnyRow[]): AnyRow[] => answerRows({ from: 'x', orderBy: [{ field: 'n', direction: 'asc' }] }, rows)

for (const limit of [0, 1, 5, 60])
  testOperator({
    name: `take ${limit}`,
    make: (input) => takeFrom(input, { limit }),
    expect: (rows) => sorted(rows).slice(0, limit),
    order,
  })

for (const offset of [1, 7, 200])
  testOperator({
    name: `take 5 from ${offset}`,
    make: (input) => takeFrom(input, { offset, limit: 5 }),
    expect: (rows) => sorted(rows).slice(offset, offset + 5),
    order,
  })

const isAfter = makeIsAfter({ orderBy: [{ field: 'n', direction: 'asc' }], after: { keys: [1], ids: ['r50'] } }) as (row: AnyRow) => boolean
for (const limit of [undefined, 4])
  testOperator({
    name: `take ${limit ?? 'all'} behind a row`,
    make: (input) => takeFrom(input, { isAfter, offset: 1, limit }),
    expect: (rows) =>
      sorted(rows)
        .filter((one) => Number(one.n) > 1 || (one.n === 1 && one.id > 'r50'))
        .slice(1, limit && 1 + limit),
    order,
  })
