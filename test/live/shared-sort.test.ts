import { expect, test } from 'vitest'
import type { Explanation } from '../../src/query/query.ts'
import { book, createLiveKit } from './lives.ts'

const ids = (rows: readonly { readonly id: string }[]): string => rows.map(({ id }) => id).join(' ')
const sortOf = (of: Explanation): Explanation => (of.operator === 'sort' ? of : sortOf(of.inputs[0] as Explanation))
const tapOf = (of: Explanation): Explanation => (of.operator === 'tap' ? of : tapOf(of.inputs[0] as Explanation))

test('questions that differ in offset and limit alone are kept up by one sort; it goes with the last of them', async () => {
  const { pool, books, clock } = createLiveKit()
  pool.commit([book('a', { pages: 1 }), book('b', { pages: 2 }), book('c', { pages: 3 }), book('d', { pages: 4 })])
  const long = books.where('pages', '>', 1).orderBy('pages')
  const stopFirst = long
    .limit(1)
    .live()
    .subscribe(() => {})
  pool.commit([book('c', { pages: 9 })])
  // what joins later finds the sort as it is: it has heard of a commit that came before
  const later = long.offset(1).limit(2)
  const stopLater = later.live().subscribe(() => {})
  expect(tapOf(later.explain()).pushes).toBe(1)
  pool.commit([book('e', { pages: 3 })])
  expect([ids(long.limit(1).live().value), ids(later.live().value)]).toEqual(['b', 'e d'])
  expect(tapOf(long.limit(1).explain()).pushes).toBe(2)
  stopFirst()
  await clock.advance(1000)
  pool.commit([book('b', { pages: 0 })])
  expect(ids(later.live().value)).toBe('d c')
  stopLater()
  await clock.advance(1000)
  pool.commit([book('z', { pages: 2 })])
  expect(ids(later.read())).toBe('e d')
  expect(tapOf(later.explain()).pushes).toBe(0)
})

test('another condition or order is another sort', () => {
  const { pool, books } = createLiveKit()
  pool.commit([book('a', { pages: 1 }), book('b', { pages: 2 })])
  books
    .where('pages', '>', 0)
    .orderBy('pages')
    .live()
    .subscribe(() => {})
  pool.commit([book('c', { pages: 3 })])
  const other = books.where('pages', '>', 0).orderBy('pages', 'desc')
  other.live().subscribe(() => {})
  expect([sortOf(other.explain()).detail, tapOf(other.explain()).pushes]).toEqual(['pages desc, id', 0])
})
