import { expect, test } from 'vitest'
import { diffAnswers } from '../../src/live/watch.ts'
import { createRng } from '../kit/rng.ts'
import { book, createLiveKit } from './lives.ts'

test('C8 watch tells the rows that are there as added, then what changed, and nothing when it is stopped', () => {
  const { pool, books } = createLiveKit()
  const [a, b, c] = [book('a', { pages: 4 }), book('b', { pages: 5 }), book('c', { pages: 1 })]
  pool.commit([a, b, c])
  const told: unknown[] = []
  const stop = books.where('pages', '>', 3).watch((diff) => told.push(diff))
  const renamed = book('a', { pages: 4, title: 'new' })
  pool.commit([renamed])
  pool.commit([book('c', { pages: 7 })], ['b'])
  pool.commit([book('q', { pages: 0 })])
  stop()
  pool.commit([], ['a'])
  expect(told).toEqual([
    { added: [a, b], edited: [], removed: [] },
    { added: [], edited: [{ before: a, after: renamed }], removed: [] },
    { added: [book('c', { pages: 7 })], edited: [], removed: [b] },
  ])
})

test('C8 an empty answer is told at first, so that a page can say that there is nothing', () => {
  const { books } = createLiveKit()
  const told: unknown[] = []
  books.watch((diff) => told.push(diff))
  expect(told).toEqual([{ added: [], edited: [], removed: [] }])
})

test('C8 rows without an id, and groups, are told apart by what they are of', () => {
  const { pool, books } = createLiveKit()
  pool.commit([book('a', { shelf: 's' }), book('b', { shelf: 's' })])
  const titles: unknown[] = []
  const shelves: unknown[] = []
  books.select('title').watch((diff) => titles.push(diff))
  books
    .groupBy('shelf')
    .count()
    .watch((diff) => shelves.push(diff))
  pool.commit([book('b', { title: 'new', shelf: 't' })])
  expect(titles.at(-1)).toEqual({ added: [], edited: [{ before: { title: 'b' }, after: { title: 'new' } }], removed: [] })
  const [before, after] = [
    { shelf: 's', count: 2 },
    { shelf: 's', count: 1 },
  ]
  expect(shelves.at(-1)).toEqual({ added: [{ shelf: 't', count: 1 }], edited: [{ before, after }], removed: [] })
})

test.each([1, 2, 3, 4])('C8 a diff leads from one answer to the next, and names no row that stayed (SEED=%i)', (seed) => {
  const rng = createRng(seed)
  const draw = () => [...new Set(Array.from({ length: rng.int(0, 12) }, () => rng.int(0, 15)))].map((id) => rows[id] as object)
  const rows: object[] = Array.from({ length: 16 }, (_, id) => ({ id: `r${id}` }))
  for (let step = 0; step < 200; step++) {
    const before = draw()
    if (rng.chance(0.5)) rows[rng.int(0, 15)] = { id: `r${rng.int(0, 15)}` }
    rows.forEach((_, id) => (rows[id] = rng.chance(0.1) ? { id: `r${id}` } : (rows[id] as object)))
    rows.forEach((row, id) => Object.assign(row, { id: `r${id}` }))
    const after = draw()
    const { added, edited, removed } = diffAnswers(before, after)
    const led = new Set(before)
    for (const row of removed) led.delete(row)
    for (const edit of edited) led.delete(edit.before)
    for (const row of [...added, ...edited.map((edit) => edit.after)]) expect(led.has(row)).toBe(false)
    for (const row of [...added, ...edited.map((edit) => edit.after)]) led.add(row)
    expect(led).toEqual(new Set(after))
  }
})
