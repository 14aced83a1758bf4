import type { RowKey } from '../protocol/ids.ts'
import type { Mutation } from '../protocol/mutation.ts'
import type { Patch } from '../protocol/patch.ts'
import type { AnyRow } from '../schema/row.ts'
import type { Json } from '../util/json.ts'

/** What is known of the database beside its rows. */
export interface DiskMeta {
  /** A random id of this very database: another one is another database, whatever its name. */
  readonly instance: string
  /** The version of this layout. */
  readonly format: 1
  /** The app's schema version that its rows were written with. */
  readonly schema: number
  /** The client group: this device, as the server knows it. */
  readonly group: string
  /** Which leader writes base: raised by each new one. */
  readonly term: number
  readonly cursor: string | null
  /** The version that base covers. */
  readonly version: number
  readonly epoch: string | null
  /** By client: what lies at or below counts as gone from the queue wherever it lies, and was applied unless quarantine has it. */
  readonly confirmed: Readonly<Record<string, number>>
  readonly compactedTo: number
  /** The newest server time that was heard. */
  readonly answeredAt: number
}

/** A mutation in the queue. */
export interface QueuedMutation extends Mutation {
  /** Set, on disk, before the first push of it leaves. */
  readonly sent: boolean
}

/** A refused mutation, kept until the user decides. */
export interface QuarantinedMutation extends Mutation {
  readonly code: string
  readonly message: string
  readonly reason?: string
  /** Where the record of a mutation cannot be read: that record as it was. There is nothing to retry then. */
  readonly raw?: Json
}

/** That a mutation was refused, and why. */
export type Refusal = Pick<QuarantinedMutation, 'id' | 'code' | 'message' | 'reason'>

/** Everything on disk, as one transaction saw it. */
export interface DiskState {
  /** The position: the largest key of the log, `compactedTo` where it is empty. */
  readonly head: number
  readonly meta: DiskMeta
  /** Base, by collection. */
  readonly rowsByCollection: ReadonlyMap<string, readonly AnyRow[]>
  /**
   * The audience that each row of base is held under, where it is not `shared`: it is kept on disk with the row, because a `del` patch drops
   * a row only where it is held under the audience that the patch names (none is `shared`), and `leave` drops all rows of an audience.
   */
  readonly audiences: ReadonlyMap<RowKey, string>
  /** Unconfirmed mutations, in their one order. */
  readonly queue: readonly QueuedMutation[]
  readonly quarantine: readonly QuarantinedMutation[]
}

/** What happened after a position: all of base where the log no longer reaches back, or the database is another one. */
export type DiskTail =
  | ({ readonly whole: true } & DiskState)
  | ({
      readonly whole: false
      readonly patches: readonly Patch[]
      /** Refusals after the position, also of what was discarded since. */
      readonly refused: readonly Refusal[]
    } & Omit<DiskState, 'rowsByCollection' | 'audiences'>)

/** What a transaction of the leader expects to find: it gives up where the disk says otherwise. */
export interface Lease {
  readonly term: number
  readonly cursor: string | null
}

/** One step of base: rows, cursor and outcomes together. */
export interface BaseCommit {
  readonly patches: readonly Patch[]
  readonly cursor: string
  readonly version: number
  readonly epoch: string
  readonly now: number
  readonly confirmed: Readonly<Record<string, number>>
  readonly quarantined: readonly QuarantinedMutation[]
}

/** A new base under construction, beside the old one. */
export interface Staging {
  add(rows: readonly (readonly [collection: string, row: AnyRow, audience?: string | undefined])[]): Promise<void>
  /** Swaps bases in one transaction; `commit.patches` lie over the staged rows. Answers with the new position, or null where the lease is lost. */
  commit(lease: Lease, commit: BaseCommit): Promise<number | null>
  discard(): Promise<void>
}

/**
 * The layout over a `Persistence`: chunks of base, one log, the queue, quarantine, meta. Several tabs hold one disk each over the same database;
 * the rules among them are those of design.md, "Disk": every write takes a log key, so the head of the log tells whether anything happened.
 */
export interface Disk {
  readonly kind: string
  /** Reads everything; the first one makes the database's identity. Raises `disk/…`. */
  load(): Promise<DiskState>
  follow(position: number): Promise<DiskTail>
  /** Appends mutations to the queue, all or nothing; resolves when they are durable, with the new position. */
  enqueue(mutations: readonly QueuedMutation[]): Promise<number>
  /** Marks them as sent; what is marked is never coalesced or renumbered. */
  markSent(ids: readonly string[], lease: Lease): Promise<number | null>
  /** Gives mutations of one client another client id and new sequence numbers, each in its place. */
  renameClient(from: string, to: string, lease: Lease): Promise<number | null>
  /** Raises the term and answers with it: transactions under older terms give up from now on. */
  lead(): Promise<number>
  /** Applies a step of base; answers with the new position, or null where the lease is lost. */
  commit(lease: Lease, commit: BaseCommit): Promise<number | null>
  /**
   * Applies a step of base of a store that is its own server. No lease is asked for: whoever has seen all of the log may write, and null answers who has not,
   * or whose schema is older than the disk's.
   */
  commitHere(position: number, commit: BaseCommit): Promise<number | null>
  /** Begins a new base beside the old one. */
  stage(): Promise<Staging>
  /** Takes refused mutations out of quarantine. */
  discard(ids: readonly string[]): Promise<number>
  /** Writes the log up to `position` into chunks and drops it. Answers with false where the lease is lost. */
  compact(lease: Lease, position: number): Promise<boolean>
  destroy(): Promise<void>
  close(): Promise<void>
}
