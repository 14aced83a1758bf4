/*
 * Base on disk: chunks of many rows, since IndexedDB takes as long for one small record as for one of 200 kB.
 *
 *   meta/chunks   [ { key 1, books, 'a' to 'f', 1,000 rows }, { key 2, books, 'g' to 'k', … }, … ]     the map: what is not in it does not count
 *   meta/staged   { next: 9, keys: [7, 8] }                                                           keys never come twice; 7 and 8 belong to a base under construction
 *   chunks/1      ['books', '[{"id":"a",…},…]']
 *
 * A snapshot comes in the order of ids, so the ranges rarely overlap, and a changed row is looked for in one chunk. Where they overlap, it
 * is looked for in each: slower, never wrong.
 */

import * as v from 'valibot'
import { TidemarkError } from '../errors.ts'
import { compareText } from '../util/compare.ts'
import type { Json } from '../util/json.ts'
import { type HeldRow, sharedAudience } from './fold.ts'
import type { DiskTx } from './persistence.ts'
import { encodeChunk } from './record.ts'

/** Rows that one chunk holds at most. */
const chunkRows = 1000
/** Characters that one chunk holds at most, unless a single row is longer. */
const chunkChars = 256_000

const keySchema = v.pipe(v.number(), v.safeInteger(), v.minValue(1))
const chunkMapSchema = v.array(
  v.object({
    key: keySchema,
    collection: v.string(),
    /** The smallest and the largest id in it. */
    first: v.string(),
    last: v.string(),
    rows: keySchema,
    /** The audiences in it beside `shared`. */
    audiences: v.array(v.string()),
  }),
)
const chunkKeysSchema = v.object({ next: keySchema, keys: v.array(keySchema) })

/** Where rows are: one entry of the map of chunks. */
export type ChunkEntry = v.InferOutput<typeof chunkMapSchema>[number]

/** The keys of chunks that were given out, and those of bases under construction. */
export type ChunkKeys = v.InferOutput<typeof chunkKeysSchema>

/** A chunk that waits for its key. */
export interface Chunk extends Omit<ChunkEntry, 'key'> {
  readonly value: Json
}

/** The map of chunks, or undefined where it is missing or cannot be read: then nobody knows which chunks count. */
export async function findChunkMap(tx: DiskTx): Promise<readonly ChunkEntry[] | undefined> {
  const parsed = v.safeParse(chunkMapSchema, await tx.get('meta', 'chunks'))
  return parsed.success ? parsed.output : undefined
}

/** The map of chunks. Raises `disk/corrupt`. */
export async function mustFindChunkMap(tx: DiskTx): Promise<readonly ChunkEntry[]> {
  const entries = await findChunkMap(tx)
  if (!entries) throw new TidemarkError('disk/corrupt')
  return entries
}

/** Replaces the map of chunks. */
export function putChunkMap(tx: DiskTx, entries: readonly ChunkEntry[]): void {
  tx.put('meta', 'chunks', [...entries])
}

/** The keys that were given out; where that cannot be read, those that are taken. */
export async function readChunkKeys(tx: DiskTx): Promise<ChunkKeys> {
  const parsed = v.safeParse(chunkKeysSchema, await tx.get('meta', 'staged'))
  return parsed.success ? parsed.output : { next: Number((await tx.lastKey('chunks')) ?? 0) + 1, keys: [] }
}

/** Replaces the keys that were given out. */
export function putChunkKeys(tx: DiskTx, keys: ChunkKeys): void {
  tx.put('meta', 'staged', keys)
}

/** Puts chunks under new keys, and answers with their entries. */
export function putChunks(tx: DiskTx, chunks: readonly Chunk[], firstKey: number): readonly ChunkEntry[] {
  return chunks.map(({ value, ...about }, index) => {
    tx.put('chunks', firstKey + index, value)
    return { key: firstKey + index, ...about }
  })
}

/** A chunk that is being filled. */
export interface OpenChunk {
  readonly collection: string
  texts: string[]
  chars: number
  first: string
  last: string
  audiences: [id: string, audience: string][]
}

/** An empty chunk. */
export function makeOpenChunk(collection: string): OpenChunk {
  return { collection, texts: [], chars: 0, first: '', last: '', audiences: [] }
}

/** Adds a row; where it does not fit any more, what was there before is answered, full, and the row begins the next one. */
export function addToChunk(open: OpenChunk, { row, audience }: HeldRow, maxRows = chunkRows): Chunk | undefined {
  const text = JSON.stringify(row)
  const isFull = open.texts.length >= maxRows || (open.texts.length > 0 && open.chars + text.length > chunkChars)
  const full = isFull ? sealChunk(open) : undefined
  if (full) Object.assign(open, makeOpenChunk(open.collection))
  if (open.texts.length === 0 || row.id < open.first) open.first = row.id
  if (open.texts.length === 0 || row.id > open.last) open.last = row.id
  if (audience !== sharedAudience) open.audiences.push([row.id, audience])
  open.texts.push(text)
  open.chars += text.length
  return full
}

/** What was added so far, or undefined where that is nothing. */
export function sealChunk({ collection, texts, first, last, audiences }: OpenChunk): Chunk | undefined {
  if (texts.length === 0) return undefined
  const value = encodeChunk(collection, texts, audiences)
  return { collection, first, last, rows: texts.length, audiences: [...new Set(audiences.map(([, audience]) => audience))], value }
}

/** Rows in parts of equal size: cut at the brim, each further row would make a chunk of its own. */
export function cutChunks(collection: string, rows: readonly HeldRow[]): readonly Chunk[] {
  const sorted = [...rows].sort((a, b) => compareText(a.row.id, b.row.id))
  const open = makeOpenChunk(collection)
  const maxRows = Math.ceil(rows.length / Math.ceil(rows.length / chunkRows))
  const chunks = sorted.map((held) => addToChunk(open, held, maxRows))
  return [...chunks, sealChunk(open)].filter((chunk) => chunk !== undefined)
}
