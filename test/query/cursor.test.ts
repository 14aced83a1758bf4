import { expect, test } from 'vitest'
import { book, createLiveKit } from '../live/lives.ts'

const ids = (rows: readonly { readonly id: string }[]): string => rows.map(({ id }) => id).join(' ')
const refused = (path: string) => expect.objectContaining({ code: 'invalid/query', details: { path } })

function createShelves() {
  const { pool, books } = createLiveKit()
  pool.commit(
    ['s1', 's2', 's3'].map((id) => ({ id, name: id, room: null })),
    [],
    'shelves',
  )
  pool.commit([1, 2, 3].map((pages) => book(`b${pages}`, { pages, shelf: `s${pages}` })))
  pool.commit([book('b4', { pages: 4, shelf: 'gone' }), book('b5', { pages: 5 })])
  return books
}

test('a row that does not have what the order goes by is no cursor', () => {
  const asked = createShelves().orderBy('pages').select('id', 'title')
  const [first] = asked.limit(1).read()
  expect(() => asked.after(first as never)).toThrow(refused('after.pages'))
})

test('nor is one whose relation was selected away, in part or with what leads to it', () => {
  const books = createShelves().orderBy('place.name')
  const partly = books.with('place', (place) => place.select('id'))
  expect(() => partly.after(partly.read()[4] as never)).toThrow(refused('after.place.name'))
  const wholly = books.select('id', 'title')
  expect(() => wholly.after(wholly.read()[4] as never)).toThrow(refused('after.place'))
})

test('nor is one whose related row may be there, but was narrowed away', () => {
  const asked = createShelves()
    .orderBy('place.name')
    .with('place', (place) => place.where('room', '=', 'x'))
  expect(() => asked.after(asked.read()[4] as never)).toThrow(refused('after.place'))
})

test('a row that leads nowhere is a cursor all the same', () => {
  const asked = createShelves().orderBy('place.name').with('place')
  const pages = [0, 1, 2].map((i) => ids(asked.after(asked.read()[i] as never).read()))
  expect(pages).toEqual(['b5 b1 b2 b3', 'b1 b2 b3', 'b2 b3'])
})
