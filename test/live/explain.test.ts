import { expect, test } from 'vitest'
import { createLives } from '../../src/live/live.ts'
import { makeQuery } from '../../src/query/builder.ts'
import { signal } from '../../src/reactive.ts'
import { createVirtualClock } from '../kit/clock.ts'
import { allIn, book, createLiveKit, schema } from './lives.ts'
import { createTinyPool } from './tiny-pool.ts'

test('explain draws the operators, the way to the rows, and how many are held', () => {
  const { pool, books } = createLiveKit()
  pool.commit([book('a', { pages: 3, shelf: 's' }), book('b', { pages: 1 })])
  pool.commit([{ id: 's', name: 'S', room: null }], [], 'shelves')
  const drawing = String(books.where('pages', '>', 0).orderBy('pages', 'desc').limit(1).with('place').explain())
  expect(drawing).toBe(
    [
      'shape with place: shelves by shelf = id · holds 1 row',
      '  take limit 1 · holds 1 row',
      '    sort pages desc, id · holds 2 rows',
      '      filter pages > 0',
      '        tap books by all rows; hears of all changes · 0 pushes',
      '  branch place, 1 time',
      '    tap shelves by the id; hears of changes where id is "s" · 0 pushes',
    ].join('\n'),
  )
})

test('explain names the index, and the equality by which changes find the question', () => {
  const pool = createTinyPool(new Map([['books', ['shelf', 'pages']]]))
  const lives = createLives({ pool, clock: createVirtualClock(), ready: signal(allIn), onError: () => {} })
  const books = makeQuery(lives, schema, 'books')
  pool.commit([book('a', { pages: 3, shelf: 's' })])
  const tap = (text: string) => text.split('\n').at(-1)?.trim()
  expect(tap(String(books.where('shelf', '=', 's').explain()))).toMatch('tap books by index shelf; hears of changes where shelf is "s"')
  expect(tap(String(books.where('pages', '>=', 2).explain()))).toMatch('tap books by index pages ≥ 2; hears of all changes')
})

test('explain counts the commits that an open question heard of, and what they took', () => {
  const pool = createTinyPool()
  let now = 0
  const lives = createLives({ pool, clock: createVirtualClock(), ready: signal(allIn), onError: () => {}, stopwatch: () => now++ })
  const books = makeQuery(lives, schema, 'books')
  books.live().subscribe(() => {})
  pool.commit([book('a'), book('b')])
  pool.commit([book('c')])
  const [tap] = books.explain().inputs
  // the first of every eight is timed: two changes and a settle, each a step of this watch
  expect([tap?.pushes, tap?.msPerPush]).toEqual([2, 3])
  expect(String(books.explain())).toContain('2 pushes · 3.0 ms each')
  for (let i = 0; i < 7; i++) pool.commit([book('d', { pages: i })])
  expect(books.explain().inputs[0]).toMatchObject({ pushes: 9, msPerPush: 2.5 })
})
