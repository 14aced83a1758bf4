import { TidemarkError } from '../errors.ts'
import { must } from '../util/assert.ts'
import type { Clock } from '../util/clock.ts'
import type { DiskMeta, Lease, QueuedMutation } from './disk.ts'
import type { DiskTx, Persistence, RecordKey } from './persistence.ts'
import { decodeMeta, decodeQueued, encodeMeta, type RawRecord } from './record.ts'

/** What the parts of one tab's disk share. */
export interface DiskSession {
  readonly persistence: Persistence
  /** The version of the app's schema. */
  readonly schema: number
  readonly clock: Clock
  readonly randomId: () => string
  /** Told of records that cannot be read: `disk/corrupt`, with how many rows in `details.count`. */
  readonly onError: (error: TidemarkError) => void
  /** The database that this tab has read last; null before. Whoever begins a task takes it then, and finds at its end whether it is still there. */
  instance: string | null
  /** Ids of bursts that the disk refused, some of which may have been written all the same. */
  readonly doubtful: Set<string>
  /** What the queue's records held when they were last read: they rarely change. */
  readonly queuedByKey: Map<RecordKey, { readonly raw: unknown; readonly mutations: readonly QueuedMutation[] }>
}

/** Meta and the head of the log, as one transaction sees them. */
export interface DiskHead {
  readonly meta: DiskMeta
  readonly head: number
}

/** Meta and head, or undefined where there is no meta that can be read. */
export async function findHead(tx: DiskTx): Promise<DiskHead | undefined> {
  const [value, last] = await Promise.all([tx.get('meta', 'meta'), tx.lastKey('log')])
  const meta = decodeMeta(value)
  return meta && { meta, head: typeof last === 'number' ? last : meta.compactedTo }
}

/** Meta and head of the database that was read. Raises `disk/lost` where another one is in its place: read it, then write again. */
export async function mustFindHead(tx: DiskTx, instance: string | null): Promise<DiskHead> {
  const found = await findHead(tx)
  if (!found || (instance !== null && found.meta.instance !== instance)) throw new TidemarkError('disk/lost')
  return found
}

/** What a transaction of the leader compares first. */
export interface LeaseClaim {
  readonly instance: string | null
  readonly lease: Lease
}

/** Meta and head where instance, term and cursor are those of the lease and no newer schema has written; else undefined. */
export async function findLeased(session: DiskSession, tx: DiskTx, { instance, lease }: LeaseClaim): Promise<DiskHead | undefined> {
  const found = await findHead(tx)
  if (!found || found.meta.instance !== instance || found.meta.schema > session.schema) return undefined
  return found.meta.term === lease.term && found.meta.cursor === lease.cursor ? found : undefined
}

/** Replaces meta. */
export function putMeta(tx: DiskTx, meta: DiskMeta): void {
  tx.put('meta', 'meta', encodeMeta(meta))
}

/** Whether a mutation counts as gone. */
export function isSettled(confirmed: DiskMeta['confirmed'], mutation: { readonly client: string; readonly seq: number }): boolean {
  return mutation.seq <= (Object.hasOwn(confirmed, mutation.client) ? must(confirmed[mutation.client], 'an own key has a value') : 0)
}

/** The mutations of each record of the queue; undefined where it cannot be read. */
export function readQueued(
  session: DiskSession,
  records: readonly RawRecord[],
): readonly (readonly [RecordKey, readonly QueuedMutation[] | undefined])[] {
  const known = session.queuedByKey
  const read = records.map(([key, raw]) => {
    const seen = known.get(key)
    return [key, raw, seen?.raw === raw ? seen.mutations : decodeQueued(raw)] as const
  })
  known.clear()
  for (const [key, raw, mutations] of read) if (mutations) known.set(key, { raw, mutations })
  return read.map(([key, , mutations]) => [key, mutations] as const)
}
