import { TidemarkError } from '../errors.ts'
import { findChunkMap, putChunkMap } from './chunk.ts'
import { makeMeta } from './meta.ts'
import { type DiskSession, findHead, putMeta } from './session.ts'

/*
 * Gives a database that has none an identity. Where meta or the map of chunks were there and cannot be read, rows and log go, since nothing says any more
 * what they are; queue and quarantine stay. Rows of an older schema go too. What went is fetched anew.
 */
export async function identify(session: DiskSession): Promise<void> {
  const isCorrupt = await session.persistence.transact('write', ['meta', 'chunks', 'log'], async (tx) => {
    const found = await findHead(tx)
    const map = await findChunkMap(tx)
    if (found && map && found.meta.schema >= session.schema) return false
    const [last, some] = [await tx.lastKey('log'), await tx.lastKey('meta')]
    const head = found?.head ?? (typeof last === 'number' ? last : 0)
    // The keys of the log go on, so that whoever knows an older one reads anew.
    const compactedTo = some === undefined ? 0 : head + 1
    tx.clear('chunks')
    tx.clear('log')
    putChunkMap(tx, [])
    putMeta(
      tx,
      found ? { ...found.meta, schema: session.schema, cursor: null, version: 0, compactedTo } : { ...makeMeta(session), compactedTo },
    )
    return some !== undefined && !(found && map)
  })
  if (isCorrupt) session.onError(new TidemarkError('disk/corrupt', { details: { count: 1, mutations: 0 } }))
}
