// A library that questions are asked of: books on shelves, with labels and sequels, and things of which nothing is known.
import * as v from 'valibot'
import { TidemarkError } from '../../src/errors.ts'
import { answerQuery, answerRows } from '../../src/query/answer.ts'
import type { PlainAst, QueryAst } from '../../src/query/ast.ts'
import { makeQuery } from '../../src/query/builder.ts'
import { collection } from '../../src/schema/collection.ts'
import { many, one } from '../../src/schema/relation.ts'
import { defineSchema } from '../../src/schema/schema.ts'
import type { AnyRow } from '../../src/schema/row.ts'

const Book = v.object({
  id: v.string(),
  title: v.string(),
  pages: v.nullable(v.number()),
  shelfId: v.nullable(v.string()),
  sequelOf: v.optional(v.string()),
  lent: v.optional(v.boolean()),
  tags: v.optional(v.array(v.string())),
  size: v.optional(v.object({ width: v.number() })),
  status: v.optional(v.picklist(['new', 'old'])),
})

export const schema = defineSchema({
  version: 1,
  collections: {
    books: collection(Book, {
      indexes: ['pages', ['shelfId', 'title']],
      relations: {
        shelf: one('shelves', 'shelfId'),
        original: one('books', 'sequelOf'),
        sequels: many('books', 'sequelOf'),
        labels: many('labels', { link: 'bookLabels', from: 'bookId', to: 'labelId' }),
      },
    }),
    shelves: collection(v.object({ id: v.string(), name: v.string(), rank: v.number() }), {
      relations: { books: many('books', 'shelfId') },
    }),
    labels: collection(v.object({ id: v.string(), name: v.string() }), {
      relations: { books: many('books', { link: 'bookLabels', from: 'labelId', to: 'bookId' }) },
    }),
    bookLabels: collection(v.object({ id: v.string(), bookId: v.string(), labelId: v.nullable(v.string()) })),
    things: collection(v.looseObject({ id: v.string() }), { relations: { shelf: one('shelves', 'shelfId') } }),
    secrets: collection(v.object({ id: v.string() }), { audience: 'server' }),
  },
})

/** Rows by collection. */
export type Rows = Readonly<Record<string, readonly AnyRow[]>>

export const rows: Rows = {
  books: [
    { id: 'b1', title: 'Tides', pages: 3, shelfId: 's1', tags: ['sea', 'moon'], status: 'new' },
    { id: 'b2', title: 'Tidal', pages: 4, shelfId: null, sequelOf: 'b1' },
    { id: 'b3', title: 'Moon', pages: 5, shelfId: 's2', lent: true, status: 'old' },
    { id: 'b4', title: 'Salt', pages: null, shelfId: 's1', sequelOf: 'b1' },
    { id: 'b5', title: 'Ebb', pages: 4, shelfId: 'gone', sequelOf: 'b2', status: 'old' },
  ],
  shelves: [
    { id: 's1', name: 'north', rank: 2 },
    { id: 's2', name: 'south', rank: 1 },
    { id: 's3', name: 'empty', rank: 3 },
  ],
  labels: [
    { id: 'l1', name: 'blue' },
    { id: 'l2', name: 'red' },
    { id: 'l3', name: 'none' },
  ],
  // b1 is linked with l1 twice; one link leads nowhere, one has no end
  bookLabels: [
    { id: 'k1', bookId: 'b1', labelId: 'l1' },
    { id: 'k2', bookId: 'b1', labelId: 'l1' },
    { id: 'k3', bookId: 'b1', labelId: 'l2' },
    { id: 'k4', bookId: 'b3', labelId: 'l1' },
    { id: 'k5', bookId: 'b4', labelId: 'gone' },
    { id: 'k6', bookId: 'b5', labelId: null },
  ],
  things: [],
}

/** The library's questions over some rows, what was asked last, and the plain questions that it took. */
export function openLibrary(given: Rows = rows) {
  const plain: PlainAst[] = []
  const asked: QueryAst[] = []
  const asker = {
    read(ast: QueryAst): unknown {
      asked.push(ast)
      return answerQuery(ast, (question) => {
        plain.push(question)
        return answerRows(question, given[question.from] ?? [])
      })
    },
  }
  return {
    plain,
    asked,
    books: makeQuery(asker, schema, 'books'),
    shelves: makeQuery(asker, schema, 'shelves'),
    labels: makeQuery(asker, schema, 'labels'),
    things: makeQuery(asker, schema, 'things'),
  }
}

/** The ids of rows, one behind the other. */
export function idsOf(found: readonly { readonly id: string }[]): string {
  return found.map(({ id }) => id).join(' ')
}

/** The error that is thrown, with its code and path. */
export function caught(act: () => unknown): { readonly code: string; readonly path: unknown; readonly message: string } {
  try {
    act()
  } catch (error) {
    if (error instanceof TidemarkError) return { code: error.code, path: error.details['path'], message: error.message }
    throw error
  }
  return { code: 'nothing was thrown', path: undefined, message: '' }
}
