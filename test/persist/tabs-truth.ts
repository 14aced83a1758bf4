// What must hold of a disk after each commit. It reads the records by itself, in the plainest way: from the first chunk to the last change.
import { TidemarkError } from '../../src/errors.ts'
import type { DiskMeta, QueuedMutation } from '../../src/persist/disk.ts'
import type { MemoryState } from '../../src/persist/memory.ts'
import type { Patch } from '../../src/protocol/patch.ts'
import type { AnyRow } from '../../src/schema/row.ts'
import type { Json } from '../../src/util/json.ts'
import type { Cursor, ModelServer } from './tabs-server.ts'

/** Something that must hold did not. */
export class Violation extends Error {}

/** Throws a violation unless `isTrue`. */
export function must(isTrue: boolean, what: string): asserts isTrue {
  if (!isTrue) throw new Violation(what)
}

/** What the disk is compared with. */
export interface Truth {
  readonly server: ModelServer
  /** Ids of mutations that a tab was told are durable. */
  readonly acked: Set<string>
}

/** What is on disk. */
export interface ReadState {
  readonly meta: DiskMeta
  readonly cursor: Cursor
  readonly rows: ReadonlyMap<string, AnyRow>
  readonly queue: readonly QueuedMutation[]
  readonly quarantine: readonly string[]
}

/** Reads the records. */
export function readState(state: MemoryState): ReadState | { readonly meta: undefined } {
  const value = (key: string): Json | undefined => state.meta.find(([at]) => at === key)?.[1]
  const meta = value('meta') as unknown as DiskMeta | undefined
  if (!meta) return { meta: undefined }
  const rows = new Map<string, AnyRow>()
  const audiences = new Map<string, string>()
  for (const { key } of (value('chunks') ?? []) as readonly { key: number }[]) {
    const chunk = state.chunks.find(([at]) => at === key)?.[1] as readonly string[] | undefined
    must(chunk !== undefined, 'a chunk is missing')
    for (const row of JSON.parse(chunk[1] as string) as AnyRow[]) {
      must(!rows.has(row.id), 'a row in two chunks')
      rows.set(row.id, row)
    }
    for (const [id, audience] of JSON.parse(chunk[2] ?? '[]') as [string, string][]) audiences.set(id, audience)
  }
  const log = state.log.filter(([key]) => Number(key) > meta.compactedTo)
  // a record is its patches, or its patches and its refusals
  for (const patch of log.flatMap(([, record]) => JSON.parse([record].flat()[0] as string) as Patch[])) apply(patch, rows, audiences)
  const queue = state.queue.flatMap(([, mutations]) => JSON.parse(mutations as string) as QueuedMutation[])
  const pending = queue.filter(({ client, seq }) => seq > (meta.confirmed[client] ?? 0))
  const cursor = meta.cursor === null ? { v: 0, b: false } : (JSON.parse(meta.cursor) as Cursor)
  return { meta, cursor, rows, queue: pending, quarantine: state.quarantine.map(([id]) => String(id)) }
}

function apply(patch: Patch, rows: Map<string, AnyRow>, audiences: Map<string, string>): void {
  if (patch.op === 'put') {
    rows.set(patch.id, patch.value as AnyRow)
    audiences.set(patch.id, patch.audience ?? 'shared')
  } else if (patch.op === 'del') {
    if ((audiences.get(patch.id) ?? 'shared') === (patch.audience ?? 'shared')) rows.delete(patch.id)
  } else for (const id of [...rows.keys()]) if (audiences.get(id) === patch.audience) rows.delete(id)
}

/** A commit of a tab, and the terms that it was given; a dead tab's are not known. */
export interface SeenCommit {
  readonly before: MemoryState | undefined
  readonly after: MemoryState | undefined
  readonly led: ReadonlySet<number> | undefined
}

/** Checks what a commit leaves. */
export function checkCommit(truth: Truth, { before, after, led }: SeenCommit): void {
  const now = after && readState(after)
  if (!after || !now?.meta) return
  const was = before && readState(before)
  if (was?.meta?.instance === now.meta.instance) checkStep(was as ReadState, now, led)
  const { cursor, queue } = now
  checkRows(truth.server, { rows: now.rows, cursor, what: 'base' })
  for (const id of truth.acked) must(isDone(truth, id, cursor) || queue.some((one) => one.id === id), 'a durable mutation is lost')
  must(new Set(queue.map(({ id }) => id)).size === queue.length, 'a mutation is queued twice')
  for (const { id } of queue) must(!isDone(truth, id, cursor), 'a settled mutation is pending')
  for (const [id, { v, isApplied }] of truth.server.verdictsById)
    must(isApplied || v > cursor.v || now.quarantine.includes(id), 'a refusal is not in quarantine')
  if (!cursor.b) checkPurged(after)
}

function checkStep(was: ReadState, now: ReadState, led: SeenCommit['led']): void {
  must(now.cursor.v >= was.cursor.v, 'the cursor went back')
  const isLeaders = now.meta.cursor !== was.meta.cursor || now.meta.compactedTo !== was.meta.compactedTo
  must(!isLeaders || !led || led.has(now.meta.term), 'a stale leader wrote')
}

function checkPurged({ meta, chunks, log }: MemoryState): void {
  const map = (meta.find(([key]) => key === 'chunks')?.[1] ?? []) as readonly { key: number }[]
  const keys = new Set(map.map(({ key }) => key))
  const texts = JSON.stringify([chunks.filter(([key]) => keys.has(Number(key))), log])
  must(!/\\"id\\":\\"b\d\\",\\"text\\"/.test(texts), 'a purged row is on disk')
}

function isDone({ server }: Truth, id: string, cursor: Cursor): boolean {
  const verdict = server.verdictsById.get(id)
  return verdict !== undefined && verdict.v <= cursor.v
}

/** Rows of which the version is known. */
export interface SeenRows {
  readonly rows: ReadonlyMap<string, AnyRow>
  readonly cursor: Cursor
  readonly what: string
}

/** Checks that rows are the server's at their cursor. */
export function checkRows(server: ModelServer, { rows, cursor, what }: SeenRows): void {
  const text = (of: ReadonlyMap<string, AnyRow>): string => JSON.stringify([...of].sort(([a], [b]) => (a < b ? -1 : 1)))
  must(text(rows) === text(server.rowsAt(cursor)), `${what} is not the server at its cursor`)
}

/** After storage went back in time: what was told durable since is lost, and that is known. */
export function rollBack({ acked, ...truth }: Truth, state: MemoryState | undefined): void {
  const now = state && readState(state)
  if (!now?.meta) return acked.clear()
  const queued = new Set(now.queue.map(({ id }) => id))
  for (const id of acked) if (!queued.has(id) && !isDone({ acked, ...truth }, id, now.cursor)) acked.delete(id)
}

/** Whether an error is the disk's, and no violation. */
export function isDiskError(error: unknown): error is TidemarkError {
  return error instanceof TidemarkError && error.code.startsWith('disk/')
}
