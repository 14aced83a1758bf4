import { expect, test } from 'vitest'
import { effect, signal } from '../../src/reactive.ts'
import { book, createLiveKit } from '../live/lives.ts'

test('an effect that commits depends on what it read, and on nothing else', () => {
  const { pool, books } = createLiveKit()
  books.live().subscribe(() => {})
  const selected = signal('a')
  let runs = 0
  effect(() => {
    runs++
    if (runs < 50) pool.commit([book(selected.value, { pages: runs })])
  })
  expect(runs).toBe(1)
  pool.commit([book('z')])
  expect(runs).toBe(1)
  selected.value = 'b'
  expect(runs).toBe(2)
})

test('a window that an effect widens grows by one page, and the effect runs no more often for it', () => {
  const { pool, books } = createLiveKit()
  pool.commit(Array.from({ length: 50 }, (_, i) => book(`b${i}`)))
  const feed = books.limit(5).infinite()
  feed.subscribe(() => {})
  const isAtEnd = signal(false)
  effect(() => {
    if (isAtEnd.value) feed.more()
  })
  isAtEnd.value = true
  expect(feed.value).toHaveLength(10)
})
