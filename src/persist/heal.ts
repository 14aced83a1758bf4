import { TidemarkError } from '../errors.ts'
import { putChunkMap, mustFindChunkMap } from './chunk.ts'
import type { RecordKey } from './persistence.ts'
import { decodePatches, decodeQueued, encodePatches, encodeQuarantined, makeUnreadable } from './record.ts'
import { type DiskSession, findHead, putMeta } from './session.ts'

/** Records that cannot be read, whole or in part. */
export interface Damage {
  readonly chunks: readonly { readonly key: number; readonly rows: number }[]
  readonly log: readonly { readonly key: RecordKey; readonly rows: number }[]
  readonly queue: readonly RecordKey[]
}

/** Whether there is no damage. */
export function isWhole({ chunks, log, queue }: Damage): boolean {
  return chunks.length + log.length + queue.length === 0
}

/** `disk/corrupt`, with the number of rows and changes that cannot be read in `details.count`, of records of the queue in `details.mutations`. */
export function makeDamageError(found: Partial<Damage>): TidemarkError {
  const damage: Damage = { chunks: [], log: [], queue: [], ...found }
  const count = [...damage.chunks, ...damage.log].reduce((sum, { rows }) => sum + rows, 0)
  return new TidemarkError('disk/corrupt', { details: { count, mutations: damage.queue.length, damage } })
}

/** Does the work; where it meets damage, puts that aside, reports it, and answers with `otherwise`. */
export async function orHeal<T>(session: DiskSession, work: () => Promise<T>, otherwise: T): Promise<T> {
  const instance = session.instance
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof TidemarkError) || !error.details.damage || instance === null) throw error
    session.onError(error)
    await heal(session, instance, error.details.damage as Damage)
    return otherwise
  }
}

/**
 * Puts damage aside. Damaged chunks are dropped, damaged log records keep what can be read, and the cursor is forgotten, so that the server is asked
 * for all rows again. A damaged record of the queue goes to quarantine as it is. Does nothing where the database is another one by now.
 */
export async function heal(session: DiskSession, instance: string, damage: Damage): Promise<void> {
  await session.persistence.transact('write', ['meta', 'chunks', 'log', 'queue', 'quarantine'], async (tx) => {
    const found = await findHead(tx)
    if (found?.meta.instance !== instance) return
    const broken = new Set(damage.chunks.map(({ key }) => key))
    const entries = await mustFindChunkMap(tx)
    for (const key of broken) tx.delete('chunks', key)
    putChunkMap(
      tx,
      entries.filter(({ key }) => !broken.has(key)),
    )
    for (const { key } of damage.log) {
      const value = await tx.get('log', key)
      if (value !== undefined) tx.put('log', key, encodePatches(decodePatches(value).items))
    }
    for (const key of damage.queue) {
      const value = await tx.get('queue', key)
      if (value === undefined || decodeQueued(value)) continue
      const id = `unreadable ${key} ${session.randomId()}`
      tx.put('quarantine', id, encodeQuarantined(makeUnreadable(id, value)))
      tx.delete('queue', key)
    }
    const isBaseHurt = damage.chunks.length + damage.log.length > 0
    putMeta(tx, isBaseHurt ? { ...found.meta, cursor: null, version: 0 } : found.meta)
    tx.put('log', found.head + 1, encodePatches([]))
  })
}
