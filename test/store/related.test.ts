import * as v from 'valibot'
import { expect, test } from 'vitest'
import { makeRelated } from '../../src/store/related.ts'
import { createLiveKit, schema as liveSchema } from '../live/lives.ts'
import { collection, createStore, defineMutators, defineSchema, many, one, type Store } from '../../src/index.ts'

const text = v.string()
const schema = defineSchema({
  version: 1,
  collections: {
    books: collection(v.object({ id: text, title: text, shelfId: v.nullable(text) }), {
      crud: true,
      relations: { shelf: one('shelves', 'shelfId'), labels: many('labels', { link: 'bookLabels', from: 'bookId', to: 'labelId' }) },
    }),
    shelves: collection(v.object({ id: text, name: text }), { crud: true, relations: { books: many('books', 'shelfId') } }),
    labels: collection(v.object({ id: text, name: text }), { crud: true }),
    bookLabels: collection(v.object({ id: text, bookId: text, labelId: text }), { crud: true }),
  },
})
const mutators = defineMutators(schema, {})

async function openStore() {
  const store = createStore({ name: 'related', schema, mutators, persistence: 'memory' })
  await store.ready
  return store
}

test('C7 what a relation of a row leads to is a signal: a child is added, moved, and removed', async () => {
  const store = await openStore()
  const { shelves, books } = store.collections
  shelves.insert({ id: 's', name: 'Sea' })
  const seen: string[] = []
  const stop = shelves
    .entity('s')
    .related('books')
    .subscribe((rows) => seen.push(rows.map(({ title }) => title).join(' ')))
  books.insert({ id: 'a', title: 'Tides', shelfId: 's' })
  books.insert({ id: 'b', title: 'Keels', shelfId: null })
  books.patch('b', { shelfId: 's' })
  books.patch('a', { shelfId: null })
  books.remove('b')
  expect(seen).toEqual(['', 'Tides', 'Tides Keels', 'Keels', ''])
  stop()
  await store.close()
})

test('C7 one row, or rows by links; of a row that is not there, nothing', async () => {
  const store = await openStore()
  const { shelves, books, labels, bookLabels } = store.collections
  const book = books.entity('a')
  const [shelf, labelled] = [book.related('shelf'), book.related('labels')]
  expect([shelf.value, labelled.value]).toEqual([undefined, []])
  shelves.insert({ id: 's', name: 'Sea' })
  books.insert({ id: 'a', title: 'Tides', shelfId: 's' })
  labels.insert({ id: 'l', name: 'wet' })
  bookLabels.insert({ id: 'x', bookId: 'a', labelId: 'l' })
  expect([shelf.value?.name, labelled.value.map(({ name }) => name)]).toEqual(['Sea', ['wet']])
  expect(book.related('shelf')).toBe(shelf)
  expect(shelf.status.value.state).toBe('ready')
  await store.close()
})

test('C7 a relation that the schema does not have is refused where it is asked for', async () => {
  const store: Store<(typeof schema)['collections'], {}> = await openStore()
  // @ts-expect-error there is no such relation
  expect(() => store.collections.books.entity('a').related('author')).toThrow(expect.objectContaining({ code: 'invalid/query' }))
  await store.close()
})

test('a subscriber of a relation that throws is reported', () => {
  const { lives, errors } = createLiveKit()
  const r = makeRelated(lives, liveSchema as never, { collection: 'books', id: 'b1', relation: 'labels' })
  r.subscribe(() => {
    throw new Error('boom')
  })
  expect(errors).toHaveLength(1)
})
