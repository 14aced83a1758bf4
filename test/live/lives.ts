// The live floor over a tiny pool, in virtual time: what most tests of this folder begin with.
import { createLives, type LiveReadiness, type Lives } from '../../src/live/live.ts'
import { makeQuery } from '../../src/query/builder.ts'
import type { Query } from '../../src/query/query.ts'
import { type Signal, signal } from '../../src/reactive.ts'
import { createVirtualClock, type VirtualClock } from '../kit/clock.ts'
import { createTinyPool, type TinyPool } from './tiny-pool.ts'

/** A row of the tests' one collection. */
export interface Book {
  readonly id: string
  readonly title: string
  readonly pages: number
  readonly shelf: string | null
}

export const allIn: LiveReadiness = { state: 'ready', complete: true, stale: false, error: undefined }
export const loading: LiveReadiness = { state: 'loading', complete: false, stale: false, error: undefined }

/** What a test of the live floor has at hand. */
export interface LiveKit {
  readonly pool: TinyPool
  readonly clock: VirtualClock
  readonly ready: Signal<LiveReadiness>
  readonly errors: unknown[]
  readonly lives: Lives
  readonly books: Query<Book>
}

export function createLiveKit(): LiveKit {
  const pool = createTinyPool()
  const clock = createVirtualClock()
  const ready = signal<LiveReadiness>(allIn)
  const errors: unknown[] = []
  const lives = createLives({ pool, clock, ready, onError: (error) => errors.push(error), lingerMs: 100 })
  return { pool, clock, ready, errors, lives, books: makeQuery<Book>(lives, 'books') }
}

export function book(id: string, fields: Partial<Omit<Book, 'id'>> = {}): Book & { readonly [field: string]: string | number | null } {
  return Object.freeze({ id, title: id, pages: 0, shelf: null, ...fields })
}
