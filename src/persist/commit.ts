import { compactPatches } from './compact.ts'
import type { BaseCommit, DiskMeta, Lease } from './disk.ts'
import { makeDamageError, orHeal } from './heal.ts'
import { moveMeta } from './meta.ts'
import type { DiskTx } from './persistence.ts'
import { decodePatches, encodePatches, encodeQuarantined } from './record.ts'
import { type DiskHead, type DiskSession, findLeased, isSettled, mustFindHead, putMeta, readQueued } from './session.ts'

/** Applies a step of base: rows, cursor and outcomes in one transaction. Answers with the new position, or null where the lease is lost. */
export async function commitStep(session: DiskSession, lease: Lease, commit: BaseCommit): Promise<number | null> {
  const instance = session.instance
  const isPurge = commit.patches.some(({ op }) => op === 'leave')
  const stores = ['meta', 'log', 'queue', 'quarantine', ...(isPurge ? (['chunks'] as const) : [])] as const
  const write = () =>
    session.persistence.transact('write', stores, async (tx) => {
      const found = await findLeased(session, tx, { instance, lease })
      if (!found) return null
      return putCommit(session, tx, { ...(isPurge ? await purge(tx, found, commit) : found), commit })
    })
  return orHeal(session, write, null)
}

/** Applies a step of base where nothing lies behind `position`. Answers with the new one, else null. Raises `disk/lost`. */
export async function commitHere(session: DiskSession, position: number, commit: BaseCommit): Promise<number | null> {
  const instance = session.instance
  const write = () =>
    session.persistence.transact('write', ['meta', 'log', 'queue', 'quarantine'], async (tx) => {
      const found = await mustFindHead(tx, instance)
      if (found.head !== position || found.meta.schema > session.schema) return null
      return putCommit(session, tx, { ...found, commit })
    })
  return orHeal(session, write, null)
}

/** Writes a step of base after `head`, within the caller's transaction. Answers with its position. */
export async function putCommit(
  session: DiskSession,
  tx: DiskTx,
  { meta, head, commit }: DiskHead & { readonly commit: BaseCommit },
): Promise<number> {
  const moved = moveMeta(meta, commit)
  await dropSettled(session, tx, moved.confirmed)
  for (const mutation of commit.quarantined) tx.put('quarantine', mutation.id, encodeQuarantined(mutation))
  putMeta(tx, moved)
  tx.put('log', head + 1, encodePatches(commit.patches, commit.quarantined))
  return head + 1
}

/** Writes the log up to `position` into chunks and drops it, within the caller's transaction. Raises `disk/corrupt` where something of it cannot be read. */
export async function compactTo(tx: DiskTx, { meta }: DiskHead, position: number): Promise<void> {
  const records = (await tx.list('log', meta.compactedTo)).filter(([key]) => Number(key) <= position)
  const decoded = records.map(([key, value]) => ({ key, ...decodePatches(value) }))
  const damaged = decoded.filter(({ dropped }) => dropped > 0).map(({ key, dropped }) => ({ key, rows: dropped }))
  if (damaged.length > 0) throw makeDamageError({ log: damaged })
  await compactPatches(
    tx,
    decoded.flatMap(({ items }) => items),
  )
  tx.clear('log', position)
  putMeta(tx, { ...meta, compactedTo: position })
}

// What left an audience must not stay on disk: the log goes into the chunks up to its head, and the leaving with it. Whoever stands before that reads anew.
async function purge(tx: DiskTx, found: DiskHead, commit: BaseCommit): Promise<DiskHead> {
  await compactTo(tx, found, found.head)
  await compactPatches(tx, commit.patches)
  const compactedTo = found.head + 1
  return { meta: { ...found.meta, compactedTo }, head: compactedTo }
}

// A record of the queue goes when all in it are gone.
async function dropSettled(session: DiskSession, tx: DiskTx, confirmed: DiskMeta['confirmed']): Promise<void> {
  for (const [key, mutations] of readQueued(session, await tx.list('queue')))
    if (mutations?.every((mutation) => isSettled(confirmed, mutation))) tx.delete('queue', key)
}
