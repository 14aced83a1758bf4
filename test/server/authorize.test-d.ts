import * as v from 'valibot'
import { expectTypeOf, test } from 'vitest'
import { defineMutators, mutator } from '../../src/mutator/mutator.ts'
import { collection } from '../../src/schema/collection.ts'
import { defineSchema } from '../../src/schema/schema.ts'
import type { Database } from '../../src/server/database.ts'
import { createServer, type Server } from '../../src/server/handler.ts'
import { schema as appSchema, mutators as appMutators } from './app.ts'

const schema = defineSchema({
  version: 1,
  collections: {
    books: collection(v.object({ id: v.string(), title: v.string(), ownerId: v.optional(v.string()) }), { crud: true }),
    shelves: collection(v.object({ id: v.string() })),
  },
})
const mutators = defineMutators(schema, {
  addBook: mutator([v.string(), v.optional(v.string())], (tx, id, title = '') => tx.books.insert({ id, title })),
  rename: mutator(v.object({ id: v.string(), title: v.string() }), (tx, { id, title }) => tx.books.patch(id, { title })),
})
declare const database: Database
const parts = { schema, mutators, database }

test('rules know the transaction and the arguments of their mutator', () => {
  createServer({
    ...parts,
    authorize: {
      addBook: (tx, id, title) => {
        expectTypeOf(id).toEqualTypeOf<string>()
        expectTypeOf(title).toEqualTypeOf<string | undefined>()
        return tx.user !== null
      },
      rename: (tx, { id, title }) => {
        expectTypeOf(title).toEqualTypeOf<string>()
        return tx.books.get(id)?.ownerId === tx.user
      },
      'books.*': (tx, rowOrId) => tx.user !== null && (typeof rowOrId === 'string' || rowOrId.ownerId === tx.user),
    },
    audiences: (tx) => tx.shelves.read().map(({ id }) => id),
    authenticate: async (request) => (request.headers.has('x') ? { user: null } : null),
  })
})

test('generated mutators are named together, or each by itself; one function and everybody will do as well', () => {
  const [addBook, rename] = [() => true, () => true]
  createServer({
    ...parts,
    authorize: {
      addBook,
      rename,
      'books.insert': (_, row) => row.title !== '',
      'books.patch': (_, id) => id !== '',
      'books.remove': () => true,
    },
  })
  createServer({ ...parts, authorize: (tx, name) => tx.user !== null && name !== 'rename' })
  expectTypeOf(createServer({ ...parts, authorize: 'anyone' })).toEqualTypeOf<Server>()
})

test('a mutator that is not named, or does not exist, does not compile', () => {
  const [addBook, rename] = [() => true, () => true]
  // @ts-expect-error rename is missing
  createServer({ ...parts, authorize: { addBook, 'books.*': () => true } })
  // @ts-expect-error what crud generates is missing
  createServer({ ...parts, authorize: { addBook, rename } })
  // @ts-expect-error books.remove is missing
  createServer({ ...parts, authorize: { addBook, rename, 'books.insert': () => true, 'books.patch': () => true } })
  // @ts-expect-error there is no such mutator
  createServer({ ...parts, authorize: { addBook, rename, 'books.*': (tx) => tx.user !== null, nope: () => true } })
  // @ts-expect-error nor such a word
  createServer({ ...parts, authorize: 'everyone' })
  // @ts-expect-error a rule is not asynchronous
  createServer({ ...parts, authorize: { addBook: async () => true, rename, 'books.*': () => true } })
  // @ts-expect-error without a rule nobody may do anything: say so
  createServer({ ...parts })
  // @ts-expect-error mutators over another schema
  createServer({ schema: appSchema, mutators, database, authorize: 'anyone' })
  expectTypeOf(createServer({ schema: appSchema, mutators: appMutators, database, authorize: 'anyone' })).toEqualTypeOf<Server>()
})
