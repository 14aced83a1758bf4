import type { Poke, PokeRequest } from '../protocol/poke.ts'
import type { PullAnswer, PullRequest } from '../protocol/pull.ts'
import type { PushAnswer, PushRequest } from '../protocol/push.ts'
import type { SnapshotFoot, SnapshotHead, SnapshotRequest, SnapshotRow } from '../protocol/snapshot.ts'
import type { Clock } from '../util/clock.ts'

/** A part of a snapshot, in the order of the stream: its head, rows in batches, its foot. */
export type SnapshotPart = { readonly head: SnapshotHead } | { readonly rows: readonly SnapshotRow[] } | { readonly foot: SnapshotFoot }

/**
 * How a store reaches its backend: the contract that `http`, `memory` and an app's own keep.
 *
 * - Every failure is a `TidemarkError` of the families `unreachable/`, `auth/`, `outdated/`, `invalid/`; with `retryAfterMs` where the server asks for it.
 * - What resolves has passed the message's schema. Nothing is retried here, and nothing is kept.
 * - Every call ends soon after `signal` aborts, and by itself after a time-out.
 */
export interface Transport {
  push(request: PushRequest, signal: AbortSignal): Promise<PushAnswer>
  pull(request: PullRequest, signal: AbortSignal): Promise<PullAnswer>
  /** Ends without a foot only by throwing. */
  snapshot(request: SnapshotRequest, signal: AbortSignal): AsyncIterable<SnapshotPart>
  /** Pokes as they come; `onOpened` is called once the backend has accepted; ends or throws when the stream dies. Absent where the backend has none. */
  subscribe?(request: PokeRequest, signal: AbortSignal, onOpened?: () => void): AsyncIterable<Poke>
}

/** What a transport needs of the world. */
export interface TransportWorld {
  readonly clock: Clock
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>
}

/** Makes the transport of a store; `http(…)` and `memory(…)` answer with one. */
export type Connect = (world: TransportWorld) => Transport
