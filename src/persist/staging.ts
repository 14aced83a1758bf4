import { TidemarkError } from '../errors.ts'
import type { AnyRow } from '../schema/row.ts'
import {
  addToChunk,
  type Chunk,
  type ChunkEntry,
  makeOpenChunk,
  type OpenChunk,
  putChunkKeys,
  putChunkMap,
  putChunks,
  readChunkKeys,
  findChunkMap,
  sealChunk,
} from './chunk.ts'
import { putCommit } from './commit.ts'
import type { BaseCommit, Lease, Staging } from './disk.ts'
import { sharedAudience } from './fold.ts'
import type { DiskTx } from './persistence.ts'
import { type DiskSession, findHead, findLeased, mustFindHead } from './session.ts'

/*
 * A new base beside the old one. Its chunks are written as rows come, under keys that the map does not know, so that nobody sees them; one transaction
 * then puts them on the map, drops the old ones and the log, and moves cursor and outcomes along:
 *
 *   log    … 41 42 │ 43 the swap: compactedTo │ 44 the commit's patches
 *
 * Whoever stands at 42 or below reads everything anew. What a staging that never ended leaves behind is swept by the next leader, and a staging
 * that began under an older term writes nothing more.
 */

/** Begins a new base, under the term that is on disk now. */
export async function createStaging(session: DiskSession): Promise<Staging> {
  const instance = session.instance
  const { meta } = await session.persistence.transact('read', ['meta', 'log'], (tx) => mustFindHead(tx, instance))
  const openByCollection = new Map<string, OpenChunk>()
  const entries: ChunkEntry[] = []
  let isOver = false

  const isMine = async (tx: DiskTx): Promise<boolean> => {
    const found = await findHead(tx)
    return found?.meta.instance === instance && found?.meta.term === meta.term && found.meta.schema <= session.schema
  }
  const write = async (chunks: readonly Chunk[]): Promise<void> => {
    if (chunks.length === 0 || isOver) return
    const added = await session.persistence.transact('write', ['meta', 'log', 'chunks'], async (tx) => {
      if (!(await isMine(tx))) return undefined
      const { next, keys } = await readChunkKeys(tx)
      const put = putChunks(tx, chunks, next)
      putChunkKeys(tx, { next: next + put.length, keys: [...keys, ...put.map(({ key }) => key)] })
      return put
    })
    if (added) entries.push(...added)
    else isOver = true
  }
  const sealAll = (): readonly Chunk[] => [...openByCollection.values()].map(sealChunk).filter((chunk) => chunk !== undefined)

  return {
    async add(rows) {
      if (isOver) return
      await write(await fillChunks(session, openByCollection, rows))
    },
    async commit(lease, commit) {
      if (isOver || lease.term !== meta.term) return null
      await write(sealAll())
      openByCollection.clear()
      return isOver ? null : swap({ session, instance, entries }, lease, commit)
    },
    async discard() {
      isOver = true
      await session.persistence.transact('write', ['meta', 'log', 'chunks'], async (tx) => {
        if (await isMine(tx)) await dropStaged(tx, new Set(entries.map(({ key }) => key)))
      })
    },
  }
}

/** Drops what stagings that never ended left behind. */
export async function sweepStaged(tx: DiskTx): Promise<void> {
  const { keys } = await readChunkKeys(tx)
  if (keys.length > 0) await dropStaged(tx, new Set(keys))
}

async function dropStaged(tx: DiskTx, dropped: ReadonlySet<number>): Promise<void> {
  const { next, keys } = await readChunkKeys(tx)
  const left = new Set(keys.filter((key) => dropped.has(key)))
  for (const key of left) tx.delete('chunks', key)
  putChunkKeys(tx, { next, keys: keys.filter((key) => !left.has(key)) })
}

const sliceRows = 2000

async function fillChunks(
  session: DiskSession,
  openByCollection: Map<string, OpenChunk>,
  rows: Parameters<Staging['add']>[0],
): Promise<readonly Chunk[]> {
  const full: Chunk[] = []
  for (const [index, [collection, row, audience]] of rows.entries()) {
    if (index % sliceRows === sliceRows - 1) await session.clock.sleep(0)
    const open = openByCollection.get(collection) ?? makeOpenChunk(collection)
    openByCollection.set(collection, open)
    const chunk = addToChunk(open, { row: row as AnyRow, audience: audience ?? sharedAudience })
    if (chunk) full.push(chunk)
  }
  return full
}

interface Staged {
  readonly session: DiskSession
  readonly instance: string | null
  readonly entries: readonly ChunkEntry[]
}

async function swap({ session, instance, entries }: Staged, lease: Lease, commit: BaseCommit): Promise<number | null> {
  return session.persistence.transact('write', ['meta', 'log', 'chunks', 'queue', 'quarantine'], async (tx) => {
    const found = await findLeased(session, tx, { instance, lease })
    if (!found) return null
    const { next, keys } = await readChunkKeys(tx)
    const mine = new Set(entries.map(({ key }) => key))
    if (entries.some(({ key }) => !keys.includes(key))) throw new TidemarkError('bug/invariant', { details: { staged: entries.length } })
    for (const { key } of (await findChunkMap(tx)) ?? []) tx.delete('chunks', key)
    putChunkMap(tx, entries)
    putChunkKeys(tx, { next, keys: keys.filter((key) => !mine.has(key)) })
    tx.clear('log')
    const compactedTo = found.head + 1
    return putCommit(session, tx, { meta: { ...found.meta, schema: session.schema, compactedTo }, head: compactedTo, commit })
  })
}
