import type { Json } from '../util/json.ts'

/** The stores of a database. Keys are numbers or text; values are JSON. */
export const storeNames = ['meta', 'chunks', 'log', 'queue', 'quarantine'] as const
/** A store of a database. */
export type StoreName = (typeof storeNames)[number]
/** The key of a record. */
export type RecordKey = number | string

/** One transaction over some stores. */
export interface DiskTx {
  get(store: StoreName, key: RecordKey): Promise<Json | undefined>
  /** All records from `after` (exclusive), in the order of their keys. */
  list(store: StoreName, after?: RecordKey): Promise<readonly (readonly [RecordKey, Json])[]>
  put(store: StoreName, key: RecordKey, value: Json): void
  delete(store: StoreName, key: RecordKey): void
  /** Deletes all records up to `to` (inclusive); all of the store where it is left out. */
  clear(store: StoreName, to?: RecordKey): void
  /** The largest key of a store. */
  lastKey(store: StoreName): Promise<RecordKey | undefined>
}

/**
 * Where a store keeps its records: the contract that Dexie and memory keep, and that an app may keep too.
 *
 * - `transact('write', …)` is all or nothing, resolves when the records are durable, and runs alone among the writers of its stores,
 *   in whatever tab they are. `transact('read', …)` sees one state from beginning to end.
 * - What `run` throws aborts the transaction and is thrown by `transact`. `run` awaits nothing but its own `tx`.
 * - A refusal of the disk is a `TidemarkError` of the family `disk/`; nothing of the transaction has happened then.
 */
export interface Persistence {
  /** What status.disk says: `indexeddb`, `memory`, or a name of your own. */
  readonly kind: string
  transact<T>(mode: 'read' | 'write', stores: readonly StoreName[], run: (tx: DiskTx) => Promise<T>): Promise<T>
  /** Deletes the whole database and closes. */
  destroy(): Promise<void>
  close(): Promise<void>
}

/** Opens the database of a name. Raises `disk/unavailable`, `disk/blocked`, `disk/timeout`, `disk/too-new`. */
export type OpenPersistence = (name: string) => Promise<Persistence>
