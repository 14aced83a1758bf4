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

test('an edit of one of many joined rows looks at it, and not at all that are joined to the same row', () => {
  const { shelves, pool, reads } = createSpied(4)
  shelves
    .leftJoin('books', { as: 'book', on: ['id', 'shelf'] })
    .limit(20)
    .live()
    .subscribe(() => {})
  reads.rows = 0
  pool.commit([book('b4', { pages: 4, shelf: 's0', title: 'new' })])
  expect(reads.rows).toBeLessThan(100)
})
