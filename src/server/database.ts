import type { RowKey } from '../protocol/ids.ts'
import type { PlainAst } from '../query/ast.ts'
import type { AnyRow } from '../schema/row.ts'

/** A row as the server keeps it. */
export interface StoredRow {
  readonly collection: string
  readonly id: string
  readonly value: AnyRow
  readonly audience: string
  /** The version of the space that wrote it last. */
  readonly version: number
}

/** Says that a row left an audience: by removal, or by a move to another one. */
export interface Departure {
  readonly audience: string
  readonly collection: string
  readonly id: string
  readonly version: number
}

/** A place in the order of changes: (version, collection, id), text by code point (`comparePositions`), which is not the order of answers. */
export type Position = readonly [version: number, collection: string, id: string]

/** What is kept of a client. */
export interface StoredClient {
  readonly client: string
  readonly group: string
  readonly user: string | null
  /** The last sequence number with a verdict. */
  readonly seq: number
}

/** The word on one mutation, kept so that a lost answer can be asked for again. */
export interface StoredVerdict {
  readonly client: string
  readonly group: string
  readonly seq: number
  readonly id: string
  readonly attempt: number
  readonly status: 'applied' | 'refused'
  readonly code?: string
  readonly message?: string
  readonly reason?: string
  readonly version: number
}

/** The head of a space. */
export interface SpaceHead {
  /** 0 for a space that nobody has written. */
  readonly version: number
  readonly epoch: string
  /** Cursors below this version are too old: departures before it are gone. */
  readonly floor: number
}

/** Reads of one space, all from one state. */
export interface SpaceReader {
  head(): Promise<SpaceHead>
  /** The rows that are there, in any order. */
  rows(keys: readonly RowKey[]): Promise<readonly StoredRow[]>
  /** The complete answer, by our order (`query/answer`), whatever the database’s own is. */
  select(ast: PlainAst): Promise<readonly StoredRow[]>
  /** How many rows an audience has. */
  count(audiences: readonly string[]): Promise<number>
  /** Rows of an audience after (collection, id), in that order, leaving out those newer than `version`. */
  fill(audience: string, after: readonly [collection: string, id: string], version: number, limit: number): Promise<readonly StoredRow[]>
  /** Rows and departures of the audiences, each after its own position, merged in order of (version, collection, id); of one place the departure comes first. A place is never parted: it may be a few more than `limit`. */
  changes(positionsByAudience: ReadonlyMap<string, Position>, limit: number): Promise<readonly (StoredRow | Departure)[]>
  clients(ids: readonly string[]): Promise<readonly StoredClient[]>
  /** All clients of a group, for `confirmed`. */
  group(group: string): Promise<readonly StoredClient[]>
  /** Verdicts by (client, seq). */
  verdicts(keys: readonly (readonly [client: string, seq: number])[]): Promise<readonly StoredVerdict[]>
  /** The newest verdict of each mutation id, under whatever client. */
  fates(ids: readonly string[]): Promise<readonly StoredVerdict[]>
  /** A group’s verdicts after `version`. */
  outcomes(group: string, version: number): Promise<readonly StoredVerdict[]>
}

/** All that one transaction writes: it takes one version. */
export interface SpaceWrite {
  readonly version: number
  readonly rows: readonly StoredRow[]
  readonly removed: readonly RowKey[]
  readonly departures: readonly Departure[]
  readonly clients: readonly StoredClient[]
  readonly verdicts: readonly StoredVerdict[]
}

/** A transaction that holds the space. */
export interface SpaceWriter extends SpaceReader {
  /** Once, at the end: all or nothing. */
  write(batch: SpaceWrite): Promise<void>
}

/**
 * What the server keeps, as operations and not as SQL: memory, PGlite and PostgreSQL keep this contract, and one suite checks them.
 *
 * - `write` locks the space with its first statement, before anything is read: commit order is version order. What `run` throws rolls back and is thrown.
 * - `run` may be run again, from the start, after a failure for a while that rolled it back: what it tells the outside, it answers with.
 * - `read` is one repeatable-read snapshot. Names come from the schema; values travel as parameters.
 * - Refusals for a while are `unreachable/busy` with `retryAfterMs`; refusals of the data are `refused/constraint`.
 */
export interface Database {
  write<T>(space: string, run: (writer: SpaceWriter) => Promise<T>): Promise<T>
  read<T>(space: string, run: (reader: SpaceReader) => Promise<T>): Promise<T>
  /** Calls `listener` after a commit of any node, at least once while it listens, perhaps for several at once. Answers with how to stop. */
  listen(listener: (space: string, version: number) => void): Promise<() => Promise<void>>
  /** A secret of this database, for signing cursors. */
  secret(): Promise<Uint8Array>
  close(): Promise<void>
}
