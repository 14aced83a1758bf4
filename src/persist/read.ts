/*
 * From disk to memory. Raw records are fetched in one transaction, so that base, log, queue and outcomes are of one moment; only decoding is sliced.
 *
 *   chunks ─┐
 *   log ────┴─▶ base        queue without what `confirmed` covers ─▶ pending        quarantine
 */

import { TidemarkError } from '../errors.ts'
import { makeRowKey, type RowKey } from '../protocol/ids.ts'
import type { Patch } from '../protocol/patch.ts'
import type { AnyRow } from '../schema/row.ts'
import type { Clock } from '../util/clock.ts'
import { type ChunkEntry, findChunkMap } from './chunk.ts'
import type { DiskState, DiskTail, QuarantinedMutation, QueuedMutation } from './disk.ts'
import { type Fold, foldPatches, isUntouched, sharedAudience } from './fold.ts'
import { type Damage, heal, isWhole, makeDamageError } from './heal.ts'
import { identify } from './identify.ts'
import { type RecordKey, storeNames } from './persistence.ts'
import { decodeChunk, decodePatches, decodeQuarantined, decodeRefusals, type RawRecord } from './record.ts'
import { type DiskHead, type DiskSession, findHead, isSettled, readQueued } from './session.ts'

const sliceMs = 10

/** Everything on disk. A database without an identity is given one; what cannot be read is reported, put aside, and fetched anew. */
export async function readDisk(session: DiskSession): Promise<DiskState> {
  const raw = await fetchAll(session)
  if (!raw) {
    await identify(session)
    return readDisk(session)
  }
  const rest = makeRest(session.clock)
  const log = await readLog(raw.log, rest)
  const base = await readBase(raw, foldPatches(log.patches), rest)
  const damage: Damage = { chunks: base.damaged, log: log.damaged, queue: damagedQueue(session, raw.queue) }
  if (!isWhole(damage)) {
    session.onError(makeDamageError(damage))
    await heal(session, raw.meta.instance, damage)
    return readDisk(session)
  }
  session.instance = raw.meta.instance
  const { rowsByCollection, audiences } = base
  return { head: raw.head, meta: raw.meta, rowsByCollection, audiences, ...readOutstanding(session, raw) }
}

/** What happened after `position`; everything, where the log does not reach back to it or the database is another one. */
export async function readTail(session: DiskSession, position: number): Promise<DiskTail> {
  const began = session.instance
  const raw = await session.persistence.transact('read', ['meta', 'log', 'queue', 'quarantine'], async (tx) => {
    const found = await findHead(tx)
    if (!found || found.meta.instance !== began || position < found.meta.compactedTo || position > found.head) return undefined
    const [log, queue, quarantine] = await Promise.all([tx.list('log', position), tx.list('queue'), tx.list('quarantine')])
    return { ...found, log, queue, quarantine }
  })
  if (raw) mustBeReadable(session, raw)
  const log = raw && (await readLog(raw.log, makeRest(session.clock)))
  if (!raw || !log || log.damaged.length > 0 || damagedQueue(session, raw.queue).length > 0)
    return { whole: true, ...(await readDisk(session)) }
  const refused = raw.log.flatMap(([, value]) => decodeRefusals(value))
  return { whole: false, head: raw.head, meta: raw.meta, patches: log.patches, refused, ...readOutstanding(session, raw) }
}

interface RawDisk extends DiskHead {
  readonly entries: readonly ChunkEntry[]
  readonly chunks: readonly RawRecord[]
  readonly log: readonly RawRecord[]
  readonly queue: readonly RawRecord[]
  readonly quarantine: readonly RawRecord[]
}

// Undefined where there is no identity, no map, or the rows are of an older schema.
async function fetchAll(session: DiskSession): Promise<RawDisk | undefined> {
  return session.persistence.transact('read', storeNames, async (tx) => {
    const found = await findHead(tx)
    if (!found || found.meta.schema < session.schema) return undefined
    mustBeReadable(session, found)
    const after = found.meta.compactedTo
    const lists = [tx.list('chunks'), tx.list('log', after), tx.list('queue'), tx.list('quarantine')] as const
    const [entries, chunks, log, queue, quarantine] = await Promise.all([findChunkMap(tx), ...lists])
    return entries && { ...found, entries, chunks, log, queue, quarantine }
  })
}

function mustBeReadable(session: DiskSession, { meta }: DiskHead): void {
  if (meta.schema > session.schema) throw new TidemarkError('disk/too-new', { details: { schema: meta.schema } })
}

interface Base extends Pick<DiskState, 'rowsByCollection' | 'audiences'> {
  readonly damaged: Damage['chunks']
}

async function readBase({ entries, chunks }: RawDisk, fold: Fold, rest: Rest): Promise<Base> {
  const rowsByCollection = new Map<string, AnyRow[]>()
  const audiences = new Map<RowKey, string>()
  const damaged: { key: number; rows: number }[] = []
  const valueByKey = new Map(chunks)
  const hold = (collection: string, row: AnyRow, audience: string): void => {
    const rows = rowsByCollection.get(collection)
    if (rows) rows.push(row)
    else rowsByCollection.set(collection, [row])
    if (audience !== sharedAudience) audiences.set(makeRowKey(collection, row.id), audience)
  }
  for (const { key, collection, rows } of entries) {
    const { items, dropped, audiencesById } = decodeChunk(valueByKey.get(key))
    if (dropped > 0) damaged.push({ key, rows: Math.max(1, rows - items.length) })
    const fates = fold.fatesByCollection.get(collection)
    for (const row of items) {
      const audience = audiencesById.get(row.id) ?? sharedAudience
      if (isUntouched(fold, fates?.get(row.id), audience)) hold(collection, row, audience)
    }
    await rest()
  }
  for (const [collection, fates] of fold.fatesByCollection)
    for (const fate of fates.values()) if (fate.row) hold(collection, fate.row, fate.audience)
  return { rowsByCollection, audiences, damaged }
}

async function readLog(
  records: readonly RawRecord[],
  rest: Rest,
): Promise<{ readonly patches: readonly Patch[]; readonly damaged: Damage['log'] }> {
  const patches: Patch[] = []
  const damaged: { key: RecordKey; rows: number }[] = []
  for (const [key, value] of records) {
    const { items, dropped } = decodePatches(value)
    for (const patch of items) patches.push(patch)
    if (dropped > 0) damaged.push({ key, rows: dropped })
    await rest()
  }
  return { patches, damaged }
}

/** Lets the page draw, where it was kept from it for long enough. */
type Rest = () => Promise<void> | undefined

function makeRest(clock: Clock): Rest {
  let sliceEnds = clock.now() + sliceMs
  return () => {
    if (clock.now() < sliceEnds) return undefined
    return clock.sleep(0).then(() => {
      sliceEnds = clock.now() + sliceMs
    })
  }
}

function damagedQueue(session: DiskSession, records: readonly RawRecord[]): readonly RecordKey[] {
  return readQueued(session, records).flatMap(([key, mutations]) => (mutations ? [] : [key]))
}

interface Outstanding {
  readonly queue: readonly QueuedMutation[]
  readonly quarantine: readonly QuarantinedMutation[]
}

function readOutstanding(session: DiskSession, { meta, queue, quarantine }: Pick<RawDisk, 'meta' | 'queue' | 'quarantine'>): Outstanding {
  const mutations = readQueued(session, queue).flatMap(([, list]) => list ?? [])
  return { queue: mutations.filter((mutation) => !isSettled(meta.confirmed, mutation)), quarantine: quarantine.map(decodeQuarantined) }
}
