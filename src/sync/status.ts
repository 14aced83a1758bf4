import type { ErrorCode } from '../errors.ts'

/** What a store is doing, for people to see. */
export interface StoreStatus {
  /** `opening` until the disk is read, `loading` until a first snapshot is in, then `ready`. */
  readonly phase: 'opening' | 'loading' | 'ready' | 'closed'
  /** `idle`: all is said; `waiting`: it failed and is tried again; `held`: it waits for a sign-in or an update; `none`: there is no transport. */
  readonly connection: 'none' | 'offline' | 'syncing' | 'idle' | 'waiting' | 'held'
  /** Whether pokes arrive by a stream. */
  readonly live: boolean
  /** Why the connection is not well. */
  readonly reason: ErrorCode | undefined
  /** Mutations that the server has not confirmed. */
  readonly pending: number
  /** How long the oldest of them has waited, in milliseconds, when the status was made. */
  readonly oldestPendingMs: number
  /** Refused mutations that wait for a decision. */
  readonly quarantined: number
  /** When the server last confirmed that all is said, by this device's clock; null before. */
  readonly lastSyncedAt: number | null
  /** The version of the space that is shown, and 0 before the first answer. */
  readonly version: number
  /** Rows received of a first load or a resync. */
  readonly progress: { readonly received: number; readonly total: number } | undefined
  /** Whether this tab is the one that syncs. */
  readonly leader: boolean
  /** Where data is kept: `indexeddb`, `memory`, or a code of the family `disk/` where keeping failed. */
  readonly disk: string
  readonly health: 'ok' | 'update-needed'
}
