// The live floor over a tiny pool, in virtual time: what most tests of this folder begin with.
import { createLives, type LiveReadiness, type Lives } from '../../src/live/live.ts'
import { makeQuery } from '../../src/query/builder.ts'
import type { Query } from '../../src/query/query.ts'
import * as v from 'valibot'
import { collection, type RowOf } from '../../src/schema/collection.ts'
import { many, one } from '../../src/schema/relation.ts'
import { defineSchema, type Row } from '../../src/schema/schema.ts'
import { type Signal, signal } from '../../src/reactive.ts'
import { createVirtualClock, type VirtualClock } from '../kit/clock.ts'
import { createTinyPool, type TinyPool } from './tiny-pool.ts'

const text = v.string()
/** Books on shelves, with labels: what tests of this folder ask about. */
export const schema = defineSchema({
  version: 1,
  collections: {
    books: collection(v.object({ id: text, title: text, pages: v.number(), shelf: v.nullable(text) }), {
      relations: { place: one('shelves', 'shelf'), labels: many('labels', { link: 'bookLabels', from: 'bookId', to: 'labelId' }) },
    }),
    shelves: collection(v.object({ id: text, name: text, room: v.nullable(text) }), { relations: { books: many('books', 'shelf') } }),
    labels: collection(v.object({ id: text, name: text })),
    bookLabels: collection(v.object({ id: text, bookId: text, labelId: text })),
  },
})

/** A row of the tests' main collection. */
export type Book = Row<typeof schema, 'books'>
type Collections = (typeof schema)['collections']
/** A question about all rows of a collection. */
export type QueryOf<N extends keyof Collections> = Query<RowOf<Collections[N]>, Collections, N>

export const allIn: LiveReadiness = { state: 'ready', complete: true, stale: false, error: undefined }
export const loading: LiveReadiness = { state: 'loading', complete: false, stale: false, error: undefined }

/** What a test of the live floor has at hand. */
export interface LiveKit {
  readonly pool: TinyPool
  readonly clock: VirtualClock
  readonly ready: Signal<LiveReadiness>
  readonly errors: unknown[]
  readonly lives: Lives
  readonly books: QueryOf<'books'>
  readonly shelves: QueryOf<'shelves'>
}

export function createLiveKit(): LiveKit {
  const pool = createTinyPool()
  const clock = createVirtualClock()
  const ready = signal<LiveReadiness>(allIn)
  const errors: unknown[] = []
  const lives = createLives({ pool, clock, ready, onError: (error) => errors.push(error), lingerMs: 100 })
  return { pool, clock, ready, errors, lives, books: makeQuery(lives, schema, 'books'), shelves: makeQuery(lives, schema, 'shelves') }
}

export function book(id: string, fields: Partial<Omit<Book, 'id'>> = {}): Book & { readonly [field: string]: string | number | null } {
  return Object.freeze({ id, title: id, pages: 0, shelf: null, ...fields })
}
