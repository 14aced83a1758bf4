import type { ErrorCode } from '../errors.ts'
import type { Status } from '../query/query.ts'
import type { SyncState } from './machine.ts'

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

/** What a status is made of. */
export interface StatusParts {
  readonly isClosed: boolean
  readonly hasTransport: boolean
  readonly sync: SyncState
  readonly progress: StoreStatus['progress']
  readonly lastSyncedAt: number | null
  readonly isLoaded: boolean
  readonly version: number
  readonly cursor: string | null
  readonly pendingSince: number | undefined
  readonly pending: number
  readonly quarantined: number
  readonly disk: string
  readonly now: number
}

/** The status that the parts amount to. */
export function makeStatus(parts: StatusParts): StoreStatus {
  const { sync } = parts
  return {
    phase: phaseOf(parts),
    connection: connectionOf(parts),
    live: sync.hasStream && !parts.isClosed,
    reason: sync.reason,
    pending: parts.pending,
    oldestPendingMs: parts.pendingSince === undefined ? 0 : Math.max(0, parts.now - parts.pendingSince),
    quarantined: parts.quarantined,
    lastSyncedAt: parts.lastSyncedAt,
    version: parts.version,
    progress: parts.progress,
    leader: sync.isLeader && !parts.isClosed,
    disk: parts.disk,
    health: sync.reason === 'outdated/protocol' || sync.reason === 'outdated/schema' ? 'update-needed' : 'ok',
  }
}

function phaseOf({ isClosed, isLoaded, hasTransport, cursor }: StatusParts): StoreStatus['phase'] {
  if (isClosed) return 'closed'
  if (!isLoaded) return 'opening'
  return hasTransport && cursor === null ? 'loading' : 'ready'
}

function connectionOf({ hasTransport, isClosed, sync, pending }: StatusParts): StoreStatus['connection'] {
  if (!hasTransport) return 'none'
  if (isClosed || !sync.isWanted || !sync.hasNetwork) return 'offline'
  // what another tab that leads is doing is not known here; what is pending is its to send
  if (!sync.isLeader) return pending > 0 ? 'syncing' : 'idle'
  if (sync.isRunning) return 'syncing'
  if (sync.isHeld) return 'held'
  return sync.failures > 0 ? 'waiting' : 'idle'
}

/** What a live answer may say of itself under this status. */
export function readinessOf({ phase, connection }: StoreStatus): Status {
  return {
    state: phase === 'opening' ? 'loading' : 'ready',
    complete: phase === 'ready',
    stale: connection === 'offline' || connection === 'waiting' || connection === 'held',
    error: undefined,
  }
}
