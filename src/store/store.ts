import type { QuarantinedMutation } from '../persist/disk.ts'
import type { Query } from '../query/query.ts'
import type { ReadonlySignal } from '../reactive.ts'
import type { RowOf } from '../schema/collection.ts'
import type { Visible } from '../schema/schema.ts'
import type { StoreStatus } from '../sync/status.ts'
import type { CollectionFace } from './collection.ts'
import type { StoreEvent, StoreEvents } from './events.ts'
import type { Mutate, Written } from './mutate.ts'
import type { StoreOptions } from './options.ts'

/** A store: rows that are there at once, mutations that show at once, and a server that learns of them when it can. */
export interface Store<C, M> {
  /** Questions by collection. */
  readonly query: { readonly [N in Visible<C>]: Query<RowOf<C[N]>> }
  /** Rows one by one, by collection. */
  readonly collections: { readonly [N in Visible<C>]: CollectionFace<C[N]> }
  readonly mutate: Mutate<M>
  /** Unconfirmed mutations, in their order, and their stages by id, also after a reload. */
  readonly mutations: {
    readonly list: ReadonlySignal<readonly PendingMutation[]>
    get(id: string): Written | undefined
  }
  /** Refused mutations, kept with their arguments until they are discarded. */
  readonly quarantine: {
    readonly list: ReadonlySignal<readonly QuarantinedMutation[]>
    discard(id: string): Promise<void>
    discardAll(): Promise<void>
  }
  readonly status: ReadonlySignal<StoreStatus>
  /** Resolves when what is on disk is shown. Raises nothing: a disk that fails leaves a store in memory. */
  readonly ready: Promise<void>
  /** One whole cycle of push and pull. Calls made during one share the next. Raises what the cycle met. */
  sync(): Promise<void>
  goOffline(): void
  goOnline(): void
  on<E extends StoreEvent>(event: E, listener: (detail: StoreEvents[E]) => void): () => void
  /** Writes what is not on disk yet, stops everything. A closed store raises `misuse/closed`. */
  close(): Promise<void>
}

/** An unconfirmed mutation, for people to see. */
export interface PendingMutation {
  readonly id: string
  readonly calls: readonly (readonly [name: string, args: readonly unknown[]])[]
  /** `memory` until it survives a reload, `queued`, `sent`, then `accepted` until its result is shown. */
  readonly stage: 'memory' | 'queued' | 'sent' | 'accepted'
  /** Rows that it writes, as `collection/id`. */
  readonly writes: readonly string[]
}

/**
 * Opens a store. It answers at once; rows that are on disk are in when `ready` resolves.
 * Raises `misuse/options`.
 */
export function createStore<C, M>(options: StoreOptions<C, M>): Store<C, M> {
  throw options
}
