import { expect, test } from 'vitest'
import { book, createLiveKit } from '../live/lives.ts'

test('a subscriber of a window that throws is reported, and is told again', () => {
  const { pool, books, errors } = createLiveKit()
  const calls: number[] = []
  books
    .limit(1)
    .infinite()
    .subscribe((rows) => {
      calls.push(rows.length)
      throw new Error('boom')
    })
  pool.commit([book('a')])
  expect(calls).toEqual([0, 1])
  expect(errors.map(String)).toEqual(['Error: boom', 'Error: boom'])
})

test('a window over distinct rows grows too', () => {
  const { pool, books } = createLiveKit()
  pool.commit(['a', 'b', 'c', 'd'].map((id) => book(id, { title: id < 'c' ? 'x' : id })))
  const feed = books.select('title').distinct().orderBy('title', 'desc').limit(2).infinite()
  feed.subscribe(() => {})
  const [first] = feed.value
  expect([feed.value.map(({ title }) => title), feed.hasMore.value]).toEqual([['x', 'd'], true])
  feed.more()
  expect([feed.value.map(({ title }) => title), feed.hasMore.value]).toEqual([['x', 'd', 'c'], false])
  expect(feed.value[0]).toBe(first)
})

test('a window widened by no number is refused, and stays as it is: an event handler hands over its event', () => {
  const { pool, books } = createLiveKit()
  pool.commit(['a', 'b', 'c'].map((id) => book(id)))
  const feed = books.limit(1).infinite()
  const refused = expect.objectContaining({ code: 'invalid/query', details: { path: 'more' } })
  for (const pages of [{ type: 'click' }, Number.NaN, -1, 0.5]) expect(() => feed.more(pages as never)).toThrow(refused)
  expect(feed.value).toHaveLength(1)
})
