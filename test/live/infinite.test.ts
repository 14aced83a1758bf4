import { expect, test } from 'vitest'
import { book, createLiveKit } from './lives.ts'

const ids = (rows: readonly { readonly id: string }[]): string => rows.map(({ id }) => id).join(' ')

test('a window grows by a page at a time, says whether there is more, and stays live', () => {
  const { pool, books } = createLiveKit()
  pool.commit(['a', 'b', 'c', 'd', 'e'].map((id, pages) => book(id, { pages })))
  const feed = books.orderBy('pages').limit(2).infinite()
  const shown: string[] = []
  const stop = feed.subscribe((rows) => shown.push(ids(rows)))
  expect(feed.hasMore.value).toBe(true)
  feed.more()
  feed.more()
  feed.more()
  expect(feed.hasMore.value).toBe(false)
  pool.commit([book('f', { pages: -1 })])
  pool.commit([], ['a', 'b', 'c'])
  expect(shown).toEqual(['a b', 'a b c d', 'a b c d e', 'f a b c d e', 'f d e'])
  stop()
})

test('rows that stay are the same objects when a window grows, what is within them included', () => {
  const { pool, books } = createLiveKit()
  pool.commit([{ id: 's', name: 'S', room: null }], [], 'shelves')
  pool.commit(['a', 'b', 'c'].map((id) => book(id, { shelf: 's' })))
  const feed = books.limit(1).with('place').with('labels').infinite()
  feed.subscribe(() => {})
  const [first] = feed.value
  feed.more()
  expect(feed.value[0]).toBe(first)
  pool.commit([book('b', { shelf: 's', title: 'new' })])
  expect(feed.value[0]).toBe(first)
  pool.commit([book('a', { shelf: 's', title: 'new' })])
  expect(feed.value[0]).not.toBe(first)
  expect([feed.value[0]?.place === first?.place, feed.value[0]?.labels === first?.labels]).toEqual([true, true])
})

test('a window may grow by several pages at once', () => {
  const { pool, books } = createLiveKit()
  pool.commit(['a', 'b', 'c', 'd', 'e'].map((id) => book(id)))
  const feed = books.limit(1).infinite()
  feed.more(3)
  expect([ids(feed.value), feed.hasMore.value]).toEqual(['a b c d', true])
})

test('two windows on one question grow by themselves', () => {
  const { pool, books } = createLiveKit()
  pool.commit([book('a'), book('b'), book('c')])
  const [one, two] = [books.limit(1).infinite(), books.limit(1).infinite()]
  one.more()
  expect([ids(one.value), ids(two.value)]).toEqual(['a b', 'a'])
})

test('a window without the size of a page is refused, and says what to ask', () => {
  const { books } = createLiveKit()
  expect(() => books.infinite()).toThrow(expect.objectContaining({ code: 'invalid/query', details: { path: 'limit' } }))
  expect(() => books.limit(0).infinite()).toThrow(expect.objectContaining({ code: 'invalid/query' }))
})
