import { expect, test } from 'vitest'
import { createLives } from '../../src/live/live.ts'
import { makeQuery } from '../../src/query/builder.ts'
import { signal } from '../../src/reactive.ts'
import { allIn, book, createLiveKit, schema } from '../live/lives.ts'

const size = 5000
function createSpied(shelfCount: number) {
  const { pool, clock } = createLiveKit()
  pool.commit(
    Array.from({ length: shelfCount }, (_, i) => ({ id: `s${i}`, name: `s${i}`, room: null })),
    [],
    'shelves',
  )
  pool.commit(Array.from({ length: size }, (_, i) => book(`b${i}`, { pages: i, shelf: `s${i % shelfCount}` })))
  pool.commit(
    Array.from({ length: size }, (_, i) => ({ id: `k${i}`, bookId: `b${i}`, labelId: `l${i % 9}` })),
    [],
    'bookLabels',
  )
  const reads = { rows: 0 }
  const counted = <T>(rows: Iterable<T>): T[] => {
    const all = [...rows]
    reads.rows += all.length
    return all
  }
  const spied: typeof pool = {
    ...pool,
    lookUp: (...of) => counted(pool.lookUp(...of)),
    narrow(of) {
      const { rows, by } = pool.narrow(of)
      return { rows: counted(rows), by }
    },
  }
  const lives = createLives({
    pool: spied,
    clock,
    ready: signal(allIn),
    onError: (error) => {
      throw error
    },
  })
  return { pool, reads, books: makeQuery(lives, schema, 'books'), shelves: makeQuery(lives, schema, 'shelves') }
}

test('a condition on related rows within a row reads the links once, and not once for each row of the window', () => {
  const { shelves, reads } = createSpied(50)
  shelves
    .limit(20)
    .with('books', (books) => books.exists('labels').limit(3))
    .live()
    .subscribe(() => {})
  expect(reads.rows).toBeLessThan(6 * size)
})
