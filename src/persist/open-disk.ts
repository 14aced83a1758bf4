import { TidemarkError } from '../errors.ts'
import type { Clock } from '../util/clock.ts'
import { commitHere, commitStep, compactTo } from './commit.ts'
import type { Disk, Lease, QueuedMutation } from './disk.ts'
import { orHeal } from './heal.ts'
import type { DiskTx, Persistence } from './persistence.ts'
import { readDisk, readTail } from './read.ts'
import { encodePatches, encodeQueued } from './record.ts'
import { markEach, type Rewrite, renameEach } from './rewrite.ts'
import { type DiskHead, type DiskSession, findLeased, mustFindHead, putMeta, readQueued } from './session.ts'
import { createStaging, sweepStaged } from './staging.ts'

/** What a disk needs of its tab. */
export interface DiskOptions {
  /** The version of the app's schema. Rows of an older one are dropped when they are read, and fetched anew; of a later one, `disk/too-new`. */
  readonly schema: number
  readonly clock: Clock
  readonly randomId: () => string
  /** Told of records that cannot be read: `disk/corrupt`, with the number of rows in `details.count` and of records of the queue in `details.mutations`. */
  readonly onError: (error: TidemarkError) => void
}

/**
 * One tab's disk over a keeper. Every transaction compares the instance that its task began with: where site data was cleared meanwhile, `enqueue`, `commitHere`, `discard`
 * and `lead` raise `disk/lost` and have written nothing, the leader's operations have lost their lease, and `follow` answers with the new database.
 */
export function openDisk(persistence: Persistence, options: DiskOptions): Disk {
  const session: DiskSession = { persistence, ...options, instance: null, doubtful: new Set(), queuedByKey: new Map() }
  return {
    kind: persistence.kind,
    load: () => readDisk(session),
    follow: (position) => readTail(session, position),
    enqueue: (mutations) => enqueue(session, mutations),
    markSent: (ids, lease) => rewriteQueue(session, lease, markEach(ids)),
    renameClient: (from, to, lease) => rewriteQueue(session, lease, renameEach(from, to)),
    lead: () => lead(session),
    commit: (lease, commit) => commitStep(session, lease, commit),
    commitHere: (position, commit) => commitHere(session, position, commit),
    stage: () => createStaging(session),
    discard: (ids) => discard(session, ids),
    compact: (lease, position) => compact(session, lease, position),
    destroy: () => persistence.destroy(),
    close: () => persistence.close(),
  }
}

async function enqueue(session: DiskSession, mutations: readonly QueuedMutation[]): Promise<number> {
  const instance = session.instance
  try {
    const position = await session.persistence.transact('write', ['meta', 'log', 'queue'], async (tx) => {
      const found = await mustFindHead(tx, instance)
      const missing = await withoutWritten(session, tx, mutations)
      if (missing.length === 0) return found.head
      tx.put('queue', found.head + 1, encodeQueued(missing))
      return takeKey(tx, found)
    })
    for (const { id } of mutations) session.doubtful.delete(id)
    return position
  } catch (error) {
    for (const { id } of mutations) session.doubtful.add(id)
    throw error
  }
}

// A disk that did not answer in time may have written a burst after all: it is not written twice.
async function withoutWritten(session: DiskSession, tx: DiskTx, mutations: readonly QueuedMutation[]): Promise<readonly QueuedMutation[]> {
  if (!mutations.some(({ id }) => session.doubtful.has(id))) return mutations
  const written = new Set(readQueued(session, await tx.list('queue')).flatMap(([, list]) => list?.map(({ id }) => id) ?? []))
  return mutations.filter(({ id }) => !written.has(id))
}

// Every write takes a key of the log: its head tells other tabs whether anything happened.
function takeKey(tx: DiskTx, { head }: DiskHead): number {
  tx.put('log', head + 1, encodePatches([]))
  return head + 1
}

async function rewriteQueue(session: DiskSession, lease: Lease, rewrite: Rewrite): Promise<number | null> {
  const instance = session.instance
  return session.persistence.transact('write', ['meta', 'log', 'queue'], async (tx) => {
    const found = await findLeased(session, tx, { instance, lease })
    if (!found) return null
    let isChanged = false
    for (const [key, mutations] of readQueued(session, await tx.list('queue'))) {
      const rewritten = mutations && rewrite(mutations, found)
      if (!rewritten || rewritten === mutations) continue
      tx.put('queue', key, encodeQueued(rewritten))
      isChanged = true
    }
    return isChanged ? takeKey(tx, found) : found.head
  })
}

async function lead(session: DiskSession): Promise<number> {
  const instance = session.instance
  return session.persistence.transact('write', ['meta', 'log', 'chunks'], async (tx) => {
    const { meta } = await mustFindHead(tx, instance)
    if (meta.schema > session.schema) throw new TidemarkError('disk/too-new', { details: { schema: meta.schema } })
    await sweepStaged(tx)
    putMeta(tx, { ...meta, term: meta.term + 1 })
    return meta.term + 1
  })
}

async function discard(session: DiskSession, ids: readonly string[]): Promise<number> {
  const instance = session.instance
  return session.persistence.transact('write', ['meta', 'log', 'quarantine'], async (tx) => {
    const found = await mustFindHead(tx, instance)
    for (const id of ids) tx.delete('quarantine', id)
    return takeKey(tx, found)
  })
}

async function compact(session: DiskSession, lease: Lease, position: number): Promise<boolean> {
  const instance = session.instance
  const write = () =>
    session.persistence.transact('write', ['meta', 'log', 'chunks'], async (tx) => {
      const found = await findLeased(session, tx, { instance, lease })
      if (!found || position > found.head) return false
      if (position > found.meta.compactedTo) await compactTo(tx, found, position)
      return true
    })
  return orHeal(session, write, false)
}
