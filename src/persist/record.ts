// How each kind of record is written and read back. What cannot be read is counted, never thrown: one bad record must not keep an app from opening.

import * as v from 'valibot'
import { TidemarkError } from '../errors.ts'
import { idSchema, timeSchema, versionSchema } from '../protocol/ids.ts'
import { mutationSchema } from '../protocol/mutation.ts'
import type { Patch } from '../protocol/patch.ts'
import type { AnyRow } from '../schema/row.ts'
import { freezeDeep } from '../util/freeze.ts'
import type { Json } from '../util/json.ts'
import type { DiskMeta, QuarantinedMutation, QueuedMutation, Refusal } from './disk.ts'
import type { RecordKey } from './persistence.ts'

/** The version of this layout; a disk of a later one is not touched. */
export const diskFormat = 1

const metaSchema = v.object({
  instance: idSchema,
  format: v.literal(diskFormat),
  schema: versionSchema,
  group: idSchema,
  term: versionSchema,
  cursor: v.nullable(v.string()),
  version: versionSchema,
  epoch: v.nullable(idSchema),
  confirmed: v.record(v.string(), versionSchema),
  compactedTo: versionSchema,
  answeredAt: timeSchema,
})
const queuedSchema = v.array(v.object({ ...mutationSchema.entries, sent: v.boolean() }))
const quarantinedSchema = v.object({ ...mutationSchema.entries, code: v.string(), message: v.string(), reason: v.optional(v.string()) })

const refusalSchema = v.object({ id: idSchema, code: v.string(), message: v.string(), reason: v.optional(v.string()) })

/** A record, as the keeper gave it. */
export type RawRecord = readonly [key: RecordKey, value: Json]

/** What a record held, and how many rows or changes of it could not be read. */
export interface Decoded<T> {
  readonly items: readonly T[]
  readonly dropped: number
}

/** Meta, or undefined where it is missing or cannot be read. Raises `disk/too-new` where a later layout wrote it. */
export function decodeMeta(value: Json | undefined): DiskMeta | undefined {
  const format = isObject(value) ? value.format : undefined
  if (typeof format === 'number' && format > diskFormat) throw new TidemarkError('disk/too-new', { details: { format } })
  const parsed = v.safeParse(metaSchema, value)
  return parsed.success ? parsed.output : undefined
}

/** Meta as a record. */
export function encodeMeta(meta: DiskMeta): Json {
  return { ...meta }
}

/** Rows as one record: text, since that is both smaller and faster to read back than objects. Audiences stand beside, where they are not `shared`. */
export function encodeChunk(
  collection: string,
  rowTexts: readonly string[],
  audiences: readonly (readonly [id: string, audience: string])[],
): Json {
  const rows = `[${rowTexts.join(',')}]`
  return audiences.length === 0 ? [collection, rows] : [collection, rows, JSON.stringify(audiences)]
}

/** The rows of a chunk, frozen, and the audiences of those that are not `shared`. */
export interface DecodedChunk extends Decoded<AnyRow> {
  readonly audiencesById: ReadonlyMap<string, string>
}

/** What a chunk holds. */
export function decodeChunk(value: Json | undefined): DecodedChunk {
  const [, rows, audiences] = Array.isArray(value) ? (value as readonly Json[]) : []
  const list = findList(rows)
  const pairs = audiences === undefined ? [] : findList(audiences)
  // A row whose audience is unknown could be shown to the wrong reader, so it goes with it.
  if (!list || !pairs?.every(isPair)) return { items: [], dropped: Math.max(1, list?.length ?? 1), audiencesById: new Map() }
  const items = list.every(isRow) ? list : list.filter(isRow)
  for (const row of items) freezeDeep(row)
  return { items, dropped: list.length - items.length, audiencesById: new Map(pairs) }
}

/** Changes of one commit as a log record. Refusals ride in it: whoever looks late learns of them though they left quarantine since. */
export function encodePatches(patches: readonly Patch[], refused: readonly Refusal[] = []): Json {
  const text = JSON.stringify(patches)
  if (refused.length === 0) return text
  return [text, JSON.stringify(refused.map(({ id, code, message, reason }) => ({ id, code, message, reason })))]
}

/** The refusals of a log record. */
export function decodeRefusals(value: Json): readonly Refusal[] {
  const [, refused] = Array.isArray(value) ? (value as readonly Json[]) : []
  return (findList(refused) ?? []).filter((item) => v.is(refusalSchema, item)) as readonly Refusal[]
}

/** The changes of a log record, their rows frozen. */
export function decodePatches(value: Json): Decoded<Patch> {
  const list = findList(Array.isArray(value) ? (value as readonly Json[])[0] : value)
  if (!list) return { items: [], dropped: 1 }
  const items = list.filter(isPatch)
  for (const patch of items) freezeDeep(patch)
  return { items, dropped: list.length - items.length }
}

/** Mutations of one burst as a record of the queue. */
export function encodeQueued(mutations: readonly QueuedMutation[]): Json {
  return JSON.stringify(mutations)
}

/** The mutations of a record of the queue, or undefined where it cannot be read. */
export function decodeQueued(value: Json): readonly QueuedMutation[] | undefined {
  const parsed = v.safeParse(queuedSchema, findList(value))
  return parsed.success ? (parsed.output as readonly QueuedMutation[]) : undefined
}

/** A refused mutation as a record; its key is its id. */
export function encodeQuarantined(mutation: QuarantinedMutation): Json {
  return JSON.stringify(mutation)
}

/** A refused mutation; where its record cannot be read, a stand-in that carries the record as it was. */
export function decodeQuarantined([key, value]: RawRecord): QuarantinedMutation {
  const read = findJson(value)
  const parsed = v.safeParse(quarantinedSchema, read)
  if (parsed.success) return { ...(parsed.output as QuarantinedMutation), ...findRaw(read) }
  return makeUnreadable(String(key), value)
}

/** What stands in quarantine for a record that cannot be read. */
export function makeUnreadable(id: string, raw: Json): QuarantinedMutation {
  const { message } = new TidemarkError('disk/corrupt')
  return { client: 'unreadable', seq: 1, id, calls: [], at: 0, schema: 0, code: 'disk/corrupt', message, raw }
}

function findRaw(value: unknown): { raw?: Json } {
  return isObject(value) && value.raw !== undefined ? { raw: value.raw as Json } : {}
}

function findJson(value: Json | undefined): unknown {
  if (typeof value !== 'string') return undefined
  try {
    return JSON.parse(value)
  } catch {
    return undefined
  }
}

function findList(value: Json | undefined): readonly unknown[] | undefined {
  const read = findJson(value)
  return Array.isArray(read) ? read : undefined
}

function isObject(value: unknown): value is { readonly [field: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isRow(value: unknown): value is AnyRow {
  return isObject(value) && typeof value.id === 'string'
}

function isPair(value: unknown): value is readonly [string, string] {
  return Array.isArray(value) && typeof value[0] === 'string' && typeof value[1] === 'string'
}

function isPatch(value: unknown): value is Patch {
  if (!isObject(value)) return false
  if (value.op === 'leave') return typeof value.audience === 'string'
  if (typeof value.collection !== 'string' || typeof value.id !== 'string') return false
  return value.op === 'del' || (value.op === 'put' && isRow(value.value))
}
