import * as v from 'valibot'
import { expect, test } from 'vitest'
import { collection } from '../../src/schema/collection.ts'
import { many, one } from '../../src/schema/relation.ts'
import { defineSchema } from '../../src/schema/schema.ts'
import { caught } from '../query/library.ts'

const Book = v.object({ id: v.string(), shelfId: v.string() })
const Shelf = v.object({ id: v.string() })
const Link = v.object({ id: v.string(), bookId: v.string(), labelId: v.string() })

// what TypeScript refuses and JavaScript can say
const define = (options: object, book: v.GenericSchema = Book): (() => unknown) => {
  const collections = { books: collection(book as never, options), shelves: collection(Shelf), links: collection(Link) }
  return () => defineSchema({ version: 1, collections: collections as never })
}
const through = { link: 'links', from: 'bookId', to: 'labelId' } as const

test.each<[string, () => unknown, path: string]>([
  ['a relation to no collection', define({ relations: { shelf: one('shelfs', 'shelfId') } }), 'books.shelf'],
  ['a relation by no field of its own', define({ relations: { shelf: one('shelves', 'shelf') } }), 'books.shelf'],
  ['a relation by no field of the other', define({ relations: { parts: many('shelves', 'bookId') } }), 'books.parts'],
  ['links in no collection', define({ relations: { labels: many('shelves', { ...through, link: 'label' }) } }), 'books.labels'],
  ['links without the first field', define({ relations: { labels: many('shelves', { ...through, from: 'book' }) } }), 'books.labels'],
  ['links without the second field', define({ relations: { labels: many('shelves', { ...through, to: 'label' }) } }), 'books.labels'],
  ['a relation with the name of a field', define({ relations: { shelfId: one('shelves', 'shelfId') } }), 'books.shelfId'],
  ['an index on no field', define({ indexes: ['shelf'] }), 'books.indexes'],
  ['an index on several fields, one of them none', define({ indexes: [['shelfId', 'title']] }), 'books.indexes'],
])('%s is refused, with its path', (_, act, path) => {
  expect(caught(act)).toMatchObject({ code: 'misuse/schema', path })
})

test('relations and indexes by fields that are there are fine, and so are those of a schema that does not tell its fields', () => {
  const options = {
    indexes: ['shelfId', ['shelfId', 'id']],
    relations: { shelf: one('shelves', 'shelfId'), labels: many('shelves', through) },
  }
  expect(define(options)).not.toThrow()
  expect(
    define({ indexes: ['anything'], relations: { shelf: one('shelves', 'whatever') } }, v.looseObject({ id: v.string() })),
  ).not.toThrow()
})
