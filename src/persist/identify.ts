import type { DiskMeta } from './disk.ts'
import { putChunkMap } from './chunk.ts'
import { decodeMeta, diskFormat } from './record.ts'
import { type DiskSession, findHead, putMeta } from './session.ts'

/*
 * Gives a database that has none an identity. Where meta was there and cannot be read, rows and log go with it, since nothing says any more what they are;
 * queue and quarantine stay. Rows of an older schema go too, and are fetched anew.
 */
export async function identify(session: DiskSession): Promise<void> {
  await session.persistence.transact('write', ['meta', 'chunks', 'log'], async (tx) => {
    const found = await findHead(tx)
    if (found && found.meta.schema >= session.schema) return
    const last = await tx.lastKey('log')
    const head = found?.head ?? (typeof last === 'number' ? last : 0)
    // The keys of the log go on, so that whoever knows an older one reads anew.
    const isFresh = decodeMeta(await tx.get('meta', 'meta')) === undefined && last === undefined
    const compactedTo = isFresh ? 0 : head + 1
    tx.clear('chunks')
    tx.clear('log')
    putChunkMap(tx, [])
    putMeta(
      tx,
      found ? { ...found.meta, schema: session.schema, cursor: null, version: 0, compactedTo } : { ...makeMeta(session), compactedTo },
    )
  })
}

function makeMeta({ schema, randomId, clock }: DiskSession): DiskMeta {
  return {
    instance: randomId(),
    format: diskFormat,
    schema,
    group: randomId(),
    // Terms of a database that takes another one's place do not repeat those of the other.
    term: Math.max(0, Math.floor(clock.now())),
    cursor: null,
    version: 0,
    epoch: null,
    confirmed: {},
    compactedTo: 0,
    answeredAt: 0,
  }
}
