import { TidemarkError } from '../errors.ts'
import type { Writes } from '../mutator/source.ts'
import type { Pending } from '../pending/pending.ts'
import type { StageBook } from '../pending/stages.ts'
import type { BaseCommit, Disk, DiskMeta, DiskState, DiskTail, Lease, QuarantinedMutation, QueuedMutation, Staging } from '../persist/disk.ts'
import type { Pool } from '../pool/pool.ts'
import { makeRowKey, type RowKey } from '../protocol/ids.ts'
import type { Call, Mutation } from '../protocol/mutation.ts'
import type { Verdict } from '../protocol/push.ts'
import { type ReadonlySignal, signal } from '../reactive.ts'
import type { AnyRow } from '../schema/row.ts'
import type { Clock } from '../util/clock.ts'
import { makeId, type RandomBytes } from '../util/id.ts'
import { createSerial } from '../util/serial.ts'
import { refusalToError } from './refusal.ts'
import { type Audiences, freezeRow, patchesToChanges } from './patches.ts'
import { makeServerClock, type ServerClock } from './server-clock.ts'

/*
 * This tab's copy of the disk: base in the pool, the queue in `pending`, and the position up to which both follow the log.
 *
 *   mutate ─▶ shown at once ─▶ own ─ one write in flight ─▶ queue on disk ─ verdict, pull ─▶ gone: confirmed or in quarantine
 *
 * It does not know when to sync nor how; `engine` does.
 */

/** What a replica needs. */
export interface ReplicaOptions {
  readonly pool: Pool
  readonly pending: Pending
  readonly book: StageBook
  readonly clock: Clock
  readonly randomBytes: RandomBytes
  readonly schemaVersion: number
  /** Called after this tab moved the disk: other tabs are to look, and what is new is to be sent. */
  readonly onWritten: () => void
  /** Called for each mutation that the server decided, after its result is shown. */
  readonly onOutcome: (id: string, refusal: QuarantinedMutation | undefined) => void
  readonly report: (error: TidemarkError) => void
}

/** A tab's copy of the disk. */
export interface Replica {
  /** Whether what is on disk is in memory. */
  readonly isLoaded: ReadonlySignal<boolean>
  /** Moves whenever queue, quarantine or version do. */
  readonly changed: ReadonlySignal<number>
  readonly meta: DiskMeta | undefined
  readonly serverClock: ServerClock
  /** All unconfirmed mutations, in their order, with how far each is. */
  readonly queue: readonly PendingItem[]
  readonly quarantine: readonly QuarantinedMutation[]
  open(disk: Disk): Promise<void>
  /** Shows a mutation and queues it. Raises what its mutators raise; nothing has happened then. */
  mutate(id: string, calls: readonly Call[]): void
  /** Resolves when all that was made before is on disk, or was refused by it. */
  flush(): Promise<void>
  /** Looks for what other tabs did. */
  follow(): Promise<void>
  /** Begins to lead: writes of base under older terms give up from now on. */
  lead(): Promise<void>
  /** What may be pushed, in order: durable, or refused by the disk, and without a verdict. */
  sendable(): readonly QueuedMutation[]
  markSent(mutations: readonly QueuedMutation[]): Promise<void>
  noteVerdicts(verdicts: readonly Verdict[]): void
  /** One step of base. Answers with false where it came too late: base is newer, or another tab leads. */
  commit(commit: Omit<BaseCommit, 'quarantined'> & { readonly refused: readonly Refused[] }): Promise<boolean>
  /** All of base anew: rows that were staged, then a step over them. */
  replace(staging: Staging, rows: readonly StagedRow[], commit: Parameters<Replica['commit']>[0]): Promise<boolean>
  stage(): Promise<Staging>
  /** Gives all queued mutations of a client a new client id. */
  rename(client: string): Promise<void>
  discard(ids: readonly string[]): Promise<void>
  close(): Promise<void>
}

/** A row of a snapshot. */
export type StagedRow = readonly [collection: string, row: AnyRow, audience?: string | undefined]

/** A refusal as the server tells it. */
export interface Refused {
  readonly client: string
  readonly seq: number
  readonly code: string
  readonly message: string
  readonly reason?: string | undefined
}

/** An unconfirmed mutation and how far it is. */
export interface PendingItem {
  readonly mutation: QueuedMutation
  readonly stage: 'memory' | 'queued' | 'sent' | 'accepted'
}

/** Opens nothing yet: `open` reads the disk; before it, mutations are queued and shown when the rows are in. */
export function createReplica(options: ReplicaOptions): Replica {
  const { pool, pending, book, clock, randomBytes, report } = options
  const serial = createSerial()
  const isLoaded = signal(false)
  const changed = signal(0)
  const serverClock = makeServerClock(clock)
  const audiences: Audiences = new Map()
  const accepted = new Set<string>()
  const volatile = new Set<string>()
  const made = new Set<string>()
  let client = makeId(clock.now(), randomBytes)
  let seq = 0
  let disk: Disk = unopened
  let meta: DiskMeta | undefined
  let position = -1
  let term = -1
  let queue: readonly QueuedMutation[] = []
  let own: readonly QueuedMutation[] = []
  let quarantine: readonly QuarantinedMutation[] = []
  let writing: Promise<void> | undefined
  let isClosed = false

  const touch = (): void => {
    changed.value = changed.peek() + 1
  }
  const mustMeta = (): DiskMeta => {
    if (!meta) throw new TidemarkError('bug/invariant', { message: 'Bug: the disk is used before it was read. Please report it with the stack.' })
    return meta
  }
  const isSettled = (mutation: Mutation): boolean => mutation.seq <= (meta?.confirmed[mutation.client] ?? 0)

  /** Takes over what the disk says now; what is no longer queued was decided. */
  const absorb = (next: Pick<DiskState, 'head' | 'meta' | 'queue' | 'quarantine'>, changes: Writes): void => {
    const before = [...queue, ...own]
    meta = next.meta
    position = next.head
    queue = next.queue
    quarantine = next.quarantine
    const queued = new Set(queue.map(({ id }) => id))
    own = own.filter((mutation) => !queued.has(mutation.id) && !isSettled(mutation))
    adoptClient()
    pending.rebase(changes, [...queue, ...own])
    for (const { id } of queue) if (made.has(id)) book.durable(id)
    settle(before)
    touch()
  }
  const settle = (before: readonly QueuedMutation[]): void => {
    const left = new Set([...queue, ...own].map(({ id }) => id))
    const refusedById = new Map(quarantine.map((held) => [held.id, held]))
    for (const { id } of before) {
      if (left.has(id)) continue
      accepted.delete(id)
      volatile.delete(id)
      made.delete(id)
      const refusal = refusedById.get(id)
      if (refusal) book.refused(id, refusalToError(refusal))
      else book.confirmed(id)
      options.onOutcome(id, refusal)
    }
  }
  // the leader gave this tab's client another id: what is made from now on must not go on under the old one
  const adoptClient = (): void => {
    if (!queue.some((mutation) => made.has(mutation.id) && mutation.client !== client)) return
    client = makeId(clock.now(), randomBytes)
    seq = 0
    own = own.map((mutation) => ({ ...mutation, client, seq: ++seq }))
  }
  const wholeToChanges = (state: DiskState): Writes => {
    audiences.clear()
    for (const [key, audience] of state.audiences) audiences.set(key, audience)
    return replaceRows(pool, rowsOf(state))
  }
  const absorbTail = (tail: DiskTail): void => {
    if (!tail.whole && tail.head < position) return
    absorb(tail, tail.whole ? wholeToChanges(tail) : patchesToChanges(tail.patches, audiences))
  }
  const followNow = async (): Promise<void> => absorbTail(await disk.follow(position))

  const write = async (): Promise<void> => {
    // all calls of this turn go into one burst
    await Promise.resolve()
    while (!isClosed) {
      const burst = own
      if (!isLoaded.peek() || burst.length === 0) return
      await serial(() => enqueue(burst))
      if (own.every((mutation) => volatile.has(mutation.id))) return
    }
  }
  const enqueue = async (burst: readonly QueuedMutation[]): Promise<void> => {
    let key: number
    try {
      key = await disk.enqueue(burst)
    } catch (error) {
      const failure = errorToTidemark(error, 'disk/unavailable')
      for (const { id } of burst) {
        volatile.add(id)
        book.volatile(id, failure)
      }
      report(failure)
      options.onWritten()
      return touch()
    }
    for (const { id } of burst) volatile.delete(id)
    if (key === position + 1) {
      position = key
      const written = new Set(burst.map(({ id }) => id))
      own = own.filter(({ id }) => !written.has(id))
      queue = [...queue, ...burst]
      for (const { id } of burst) book.durable(id)
      touch()
    } else await followNow()
    options.onWritten()
  }
  const startWriting = (): Promise<void> => {
    writing ??= write().finally(() => {
      writing = undefined
    })
    return writing
  }
  const lease = (): Lease => ({ term, cursor: mustMeta().cursor })

  const toBaseCommit = ({ refused, ...commit }: Parameters<Replica['commit']>[0]): BaseCommit => {
    const byKey = new Map([...queue, ...own].map((mutation) => [`${mutation.client} ${mutation.seq}`, mutation]))
    const quarantined = refused.flatMap((refusal): QuarantinedMutation[] => {
      const mutation = byKey.get(`${refusal.client} ${refusal.seq}`)
      if (!mutation) return []
      const { sent: _, ...rest } = mutation
      return [{ ...rest, code: refusal.code, message: refusal.message, ...(refusal.reason === undefined ? {} : { reason: refusal.reason }) }]
    })
    return { ...commit, quarantined }
  }
  const absorbCommit = (key: number, commit: BaseCommit, changes: Writes): void => {
    const { cursor, version, epoch, now } = commit
    const confirmed = { ...mustMeta().confirmed, ...commit.confirmed }
    const next: DiskMeta = { ...mustMeta(), cursor, version, epoch, confirmed, answeredAt: Math.max(now, mustMeta().answeredAt) }
    const left = queue.filter((mutation) => mutation.seq > (confirmed[mutation.client] ?? 0))
    absorb({ head: key, meta: next, queue: left, quarantine: [...quarantine, ...commit.quarantined] }, changes)
  }

  return {
    isLoaded,
    changed,
    serverClock,
    get meta() {
      return meta
    },
    get queue() {
      return [...queue, ...own].map((mutation) => ({ mutation, stage: stageOf(mutation) }))
    },
    get quarantine() {
      return quarantine
    },
    async open(opened) {
      await serial(async () => {
        disk = opened
        const state = await disk.load()
        serverClock.restore(Math.max(state.meta.answeredAt, ...state.queue.map(({ at }) => at)))
        absorb(state, wholeToChanges(state))
        isLoaded.value = true
      })
      await startWriting()
    },
    mutate(id, calls) {
      const mutation: Mutation = { client, seq: seq + 1, id, calls: [...calls], at: serverClock.stamp(), schema: options.schemaVersion }
      let needs: readonly string[] = []
      if (isLoaded.peek()) needs = pending.add(mutation)
      else pending.addUnseen(mutation)
      seq++
      made.add(id)
      own = [...own, { ...mutation, ...(needs.length ? { needs: [...needs] } : {}), sent: false }]
      touch()
      startWriting().catch((error: unknown) => report(errorToTidemark(error, 'disk/unavailable')))
    },
    flush: () => startWriting(),
    follow: () => serial(followNow),
    async lead() {
      await serial(async () => {
        term = await disk.lead()
        await followNow()
      })
    },
    sendable: () => [...queue, ...own.filter(({ id }) => volatile.has(id))].filter(({ id }) => !accepted.has(id)),
    async markSent(mutations) {
      const ids = new Set(mutations.filter(({ sent }) => !sent).map(({ id }) => id))
      if (ids.size === 0) return
      await serial(async () => {
        const key = await disk.markSent([...ids], lease())
        if (key === null) throw new TidemarkError('unreachable/busy', { message: 'Another tab syncs now. Nothing to do: it goes on there.' })
        if (key !== position + 1) return followNow()
        position = key
        const mark = (mutation: QueuedMutation): QueuedMutation => (ids.has(mutation.id) ? { ...mutation, sent: true } : mutation)
        queue = queue.map(mark)
        own = own.map(mark)
        touch()
      })
    },
    noteVerdicts(verdicts) {
      const byKey = new Map([...queue, ...own].map((mutation) => [`${mutation.client} ${mutation.seq}`, mutation]))
      for (const verdict of verdicts) {
        const mutation = byKey.get(`${verdict.client} ${verdict.seq}`)
        if (!mutation || verdict.status === 'retry') continue
        accepted.add(mutation.id)
        if (verdict.status === 'applied') book.accepted(mutation.id)
      }
      touch()
    },
    commit: (given) =>
      serial(async () => {
        if (given.version < mustMeta().version && given.epoch === mustMeta().epoch) return false
        const commit = toBaseCommit(given)
        serverClock.hear(given.now)
        const key = await disk.commit(lease(), commit)
        if (key === position + 1) absorbCommit(key, commit, patchesToChanges(commit.patches, audiences))
        else await followNow()
        options.onWritten()
        return key !== null
      }),
    replace: (staging, rows, given) =>
      serial(async () => {
        const commit = toBaseCommit(given)
        serverClock.hear(given.now)
        const key = await staging.commit(lease(), commit)
        if (key === null) await followNow()
        else absorbCommit(key, commit, replaceRows(pool, stagedToRows(rows, commit, audiences)))
        options.onWritten()
        return key !== null
      }),
    stage: () => serial(() => disk.stage()),
    async rename(from) {
      await serial(async () => {
        await disk.renameClient(from, makeId(clock.now(), randomBytes), lease())
        accepted.clear()
        await followNow()
      })
    },
    async discard(ids) {
      await serial(async () => {
        await disk.discard(ids)
        await followNow()
      })
      options.onWritten()
    },
    async close() {
      await startWriting()
      isClosed = true
      await serial(() => disk.close())
    },
  }

  function stageOf(mutation: QueuedMutation): PendingItem['stage'] {
    if (accepted.has(mutation.id)) return 'accepted'
    if (mutation.sent) return 'sent'
    return own.some(({ id }) => id === mutation.id) ? 'memory' : 'queued'
  }
}

const unopened = new Proxy({} as Disk, {
  get() {
    throw new TidemarkError('bug/invariant', { message: 'Bug: the disk is used before it was opened. Please report it with the stack.' })
  },
})

/** The error itself, or a coded one around it. */
export function errorToTidemark(error: unknown, code: 'disk/unavailable' | 'unreachable/server-error' | 'bug/invariant'): TidemarkError {
  return error instanceof TidemarkError ? error : new TidemarkError(code, { cause: error })
}

function* rowsOf(state: DiskState): Iterable<readonly [RowKey, AnyRow]> {
  for (const [collection, rows] of state.rowsByCollection) for (const row of rows) yield [makeRowKey(collection, row.id), row]
}

function stagedToRows(staged: readonly StagedRow[], commit: BaseCommit, audiences: Audiences): Iterable<readonly [RowKey, AnyRow]> {
  audiences.clear()
  const rows = new Map<RowKey, AnyRow>()
  for (const [collection, row, audience] of staged) {
    const key = makeRowKey(collection, row.id)
    rows.set(key, freezeRow(row))
    if (audience !== undefined && audience !== 'shared') audiences.set(key, audience)
  }
  for (const [key, row] of patchesToChanges(commit.patches, audiences)) {
    if (row) rows.set(key, row)
    else rows.delete(key)
  }
  return rows
}

// what a whole new base changes: all its rows, and the going of those that it has not
function replaceRows(pool: Pool, rows: Iterable<readonly [RowKey, AnyRow]>): Writes {
  const changes = new Map<RowKey, AnyRow | undefined>()
  for (const key of pool.baseKeys()) changes.set(key, undefined)
  for (const [key, row] of rows) changes.set(key, row)
  return changes
}
