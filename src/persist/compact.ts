import type { Patch } from '../protocol/patch.ts'
import { compareText } from '../util/compare.ts'
import { type Chunk, type ChunkEntry, cutChunks, putChunkKeys, putChunkMap, putChunks, readChunkKeys, mustFindChunkMap } from './chunk.ts'
import { type Fate, type Fold, foldPatches, type HeldRow, isUntouched, sharedAudience } from './fold.ts'
import { makeDamageError } from './heal.ts'
import type { DiskTx } from './persistence.ts'
import { decodeChunk } from './record.ts'

/*
 * Writes changes into the chunks that they touch, and into no others. The map is read in the same transaction, so it cannot be somebody's old one.
 * Chunks are never changed in place: what they hold then is cut anew under new keys.
 *
 * Raises `disk/corrupt` where a touched chunk cannot be read.
 */
export async function compactPatches(tx: DiskTx, patches: readonly Patch[]): Promise<void> {
  const fold = foldPatches(patches)
  let entries = await mustFindChunkMap(tx)
  let { next, keys } = await readChunkKeys(tx)
  const changed = fold.leftAudiences.size > 0 ? entries.map(({ collection }) => collection) : []
  for (const collection of new Set([...fold.fatesByCollection.keys(), ...changed])) {
    const { replaced, chunks } = await rewrite(tx, { collection, fold, entries })
    for (const key of replaced) tx.delete('chunks', key)
    const added = putChunks(tx, chunks, next)
    next += added.length
    entries = [...entries.filter(({ key }) => !replaced.has(key)), ...added]
  }
  putChunkMap(tx, entries)
  putChunkKeys(tx, { next, keys })
}

interface Rewrite {
  readonly collection: string
  readonly fold: Fold
  readonly entries: readonly ChunkEntry[]
}

async function rewrite(tx: DiskTx, { collection, fold, entries }: Rewrite): Promise<{ replaced: Set<number>; chunks: Chunk[] }> {
  const mine = entries.filter((entry) => entry.collection === collection).sort((a, b) => compareText(a.first, b.first))
  const fatesById = fold.fatesByCollection.get(collection) ?? new Map<string, Fate>()
  const ids = [...fatesById.keys()].sort(compareText)
  const arrivalsByHome = findHomes(mine, ids, fatesById)
  const replaced = new Set<number>()
  const chunks: Chunk[] = []
  for (const entry of mine) {
    const arrivals = arrivalsByHome.get(entry.key) ?? []
    if (arrivals.length === 0 && !hasWithin(ids, entry) && !entry.audiences.some((audience) => fold.leftAudiences.has(audience))) continue
    const { items, dropped, audiencesById } = decodeChunk(await tx.get('chunks', entry.key))
    if (dropped > 0) throw makeDamageError({ chunks: [{ key: entry.key, rows: dropped }] })
    const held = items.map((row): HeldRow => ({ row, audience: audiencesById.get(row.id) ?? sharedAudience }))
    const stay = held.filter(({ row, audience }) => isUntouched(fold, fatesById.get(row.id), audience))
    if (arrivals.length === 0 && stay.length === held.length) continue
    replaced.add(entry.key)
    chunks.push(...cutChunks(collection, [...stay, ...arrivals]))
  }
  chunks.push(...cutChunks(collection, arrivalsByHome.get(homeless) ?? []))
  return { replaced, chunks }
}

const homeless = 0

// By the key of the chunk where its id belongs: the last one that begins at or before it, so that ranges which do not overlap do not begin to.
function findHomes(entries: readonly ChunkEntry[], ids: readonly string[], fatesById: ReadonlyMap<string, Fate>): Map<number, HeldRow[]> {
  const arrivalsByHome = new Map<number, HeldRow[]>()
  let at = 0
  for (const id of ids) {
    const fate = fatesById.get(id)
    if (!fate?.row) continue
    while (at + 1 < entries.length && (entries[at + 1] as ChunkEntry).first <= id) at++
    const home = entries[at]?.key ?? homeless
    const arrivals = arrivalsByHome.get(home)
    if (arrivals) arrivals.push(fate)
    else arrivalsByHome.set(home, [fate])
  }
  return arrivalsByHome
}

// Whether one of the sorted ids lies in the chunk's range.
function hasWithin(ids: readonly string[], { first, last }: ChunkEntry): boolean {
  let low = 0
  let high = ids.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((ids[middle] as string) < first) low = middle + 1
    else high = middle
  }
  const next = ids[low]
  return next !== undefined && next <= last
}
