import { TidemarkError } from '../errors.ts'
import type { Writes } from '../mutator/source.ts'
import type { Pending } from '../pending/pending.ts'
import type { StageBook } from '../pending/stages.ts'
import type {
  BaseCommit,
  Disk,
  DiskMeta,
  DiskState,
  DiskTail,
  Lease,
  QuarantinedMutation,
  QueuedMutation,
  Staging,
} from '../persist/disk.ts'
import type { Pool } from '../pool/pool.ts'
import type { Call } from '../protocol/mutation.ts'
import type { Verdict } from '../protocol/push.ts'
import { type ReadonlySignal, signal } from '../reactive.ts'
import type { Clock } from '../util/clock.ts'
import { makeId, type RandomBytes } from '../util/id.ts'
import { createSerial } from '../util/serial.ts'
import { makeBase, type StagedRow } from './base.ts'
import { makeQueue, type PendingItem, type Queue, type Refused } from './queue.ts'
import { refusalToError } from './refusal.ts'
import { makeServerClock, type ServerClock } from './server-clock.ts'

/*
 * This tab's copy of the disk: base in the pool, the queue, and the position up to which both follow the log.
 * Whatever looks at the disk goes through one lane, so that an older read is never applied over a newer one.
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
  /** Called when the data that this device had is gone. */
  readonly onLost: (error: TidemarkError) => void
  readonly report: (error: TidemarkError) => void
}

/** One step of base, as the server told it. */
export type Step = Omit<BaseCommit, 'quarantined'> & { readonly refused: readonly Refused[] }

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
  /** What may be pushed, in order. */
  sendable(): readonly QueuedMutation[]
  /** Marks as sent, on disk, before a push leaves. Raises `unreachable/busy` where another tab leads by now. */
  markSent(mutations: readonly QueuedMutation[]): Promise<void>
  noteVerdicts(verdicts: readonly Verdict[]): void
  /** One step of base. Answers with false where it came too late, and base is newer. Raises `unreachable/busy` where another tab leads by now. */
  commit(step: Step): Promise<boolean>
  stage(): Promise<Staging>
  /** All of base anew: rows that were staged, then a step over them. */
  replace(staging: Staging, rows: readonly StagedRow[], step: Step): Promise<void>
  /** Gives all queued mutations of a client a new client id. */
  rename(client: string): Promise<void>
  discard(ids: readonly string[]): Promise<void>
  /** Folds the log into chunks, where it has grown long. */
  compact(): Promise<void>
  close(): Promise<void>
}

/** Mutations that one record of the queue holds at most: a record is rewritten whole when one of its mutations is marked as sent. */
const burstSize = 250

/** Log records after which it is worth folding them. */
const longLog = 300

/** Opens nothing yet: `open` reads the disk; before it, mutations are queued and shown when the rows are in. */
export function createReplica(options: ReplicaOptions): Replica {
  const { pool, pending, book, clock, randomBytes, report } = options
  const newId = (): string => makeId(clock.now(), randomBytes)
  const serial = createSerial()
  const isLoaded = signal(false)
  const changed = signal(0)
  const serverClock = makeServerClock(clock)
  const base = makeBase(pool)
  const queue: Queue = makeQueue(options.schemaVersion, newId)
  let disk: Disk = unopened
  let meta: DiskMeta | undefined
  let position = -1
  let term = -1
  let writing: Promise<void> | undefined

  const touch = (): void => {
    changed.value = changed.peek() + 1
  }
  const mustMeta = (): DiskMeta => {
    if (!meta)
      throw new TidemarkError('bug/invariant', { message: 'Bug: the disk is used before it was read. Please report it with the stack.' })
    return meta
  }
  const lease = (): Lease => ({ term, cursor: mustMeta().cursor })

  /** Takes over what the disk says now; what is no longer queued was decided. */
  const absorb = (next: Pick<DiskState, 'head' | 'meta' | 'queue' | 'quarantine'>, changes: Writes): void => {
    meta = next.meta
    position = next.head
    const { settled, durable } = queue.absorb({ queue: next.queue, quarantine: next.quarantine, confirmed: meta.confirmed })
    pending.rebase(changes, queue.list)
    for (const id of durable) book.durable(id)
    for (const { id, refusal } of settled) {
      if (refusal) book.refused(id, refusalToError(refusal))
      else book.confirmed(id)
    }
    touch()
    for (const { id, refusal } of settled) options.onOutcome(id, refusal)
  }
  /** The database was cleared or replaced under this tab. */
  const restart = (): void => {
    const count = queue.restart()
    const message = `The data on this device is gone, ${count} unsent changes of other tabs with it. The rest is fetched again; nothing to do.`
    options.onLost(new TidemarkError('disk/lost', { details: { count }, message }))
  }
  const absorbTail = (tail: DiskTail): void => {
    if (meta && tail.meta.instance !== meta.instance) restart()
    if (tail.whole) absorb(tail, base.loaded(tail))
    else if (tail.head >= position) absorb(tail, base.patched(tail.patches))
  }
  const absorbStep = (key: number, commit: BaseCommit, changes: Writes): void => {
    const { cursor, version, epoch, now, quarantined } = commit
    const before = mustMeta()
    const next: DiskMeta = {
      ...before,
      cursor,
      version,
      epoch,
      confirmed: { ...before.confirmed, ...commit.confirmed },
      answeredAt: Math.max(now, before.answeredAt),
    }
    absorb({ head: key, meta: next, queue: queue.onDisk, quarantine: [...queue.quarantine, ...quarantined] }, changes)
  }
  const follow = async (): Promise<void> => {
    const instance = meta?.instance
    absorbTail(await disk.follow(position))
    // whoever leads goes on leading, under a term of the new database
    if (term >= 0 && meta?.instance !== instance) term = await disk.lead()
  }
  /** Own writes are applied where they came next in the log; else the log is read. A new base takes two keys of it. */
  const moved = async (key: number | null, apply: (key: number) => void, keys = 1): Promise<void> => {
    if (key === position + keys) apply(key)
    else await follow()
  }

  const write = async (): Promise<void> => {
    // all calls of this turn go into one burst
    await Promise.resolve()
    while (isLoaded.peek() && queue.burst.length > 0) {
      const burst = queue.burst.slice(0, burstSize)
      await serial(() => enqueue(burst))
      if (queue.isStuck) return
    }
  }
  const enqueue = async (burst: readonly QueuedMutation[]): Promise<void> => {
    let key: number
    try {
      key = await disk.enqueue(burst)
    } catch (error) {
      const failure = errorToTidemark(error, 'disk/unavailable')
      if (failure.code === 'disk/lost') return follow()
      // nothing may pass a mutation that the disk refused: all of them go with the next burst
      const unwritten = queue.burst
      queue.volatile(unwritten)
      for (const { id } of unwritten) book.volatile(id, failure)
      report(failure)
      touch()
      return options.onWritten()
    }
    await moved(key, () => {
      position = key
      queue.written(burst)
      for (const { id } of burst) book.durable(id)
      touch()
    })
    options.onWritten()
  }
  const startWriting = (): Promise<void> => {
    writing ??= write().finally(() => {
      writing = undefined
    })
    return writing
  }

  return {
    isLoaded,
    changed,
    serverClock,
    get meta() {
      return meta
    },
    get queue() {
      return queue.items
    },
    get quarantine() {
      return queue.quarantine
    },
    async open(opened) {
      await serial(async () => {
        disk = opened
        const state = await disk.load()
        serverClock.restore(state.queue.reduce((newest, { at }) => Math.max(newest, at), state.meta.answeredAt))
        absorb(state, base.loaded(state))
        isLoaded.value = true
      })
      await startWriting()
    },
    mutate(id, calls) {
      const mutation = queue.make(id, calls, serverClock.stamp())
      let needs: readonly string[] = []
      if (isLoaded.peek()) needs = pending.add(mutation)
      else pending.addUnseen(mutation)
      queue.add(needs.length ? { ...mutation, needs: [...needs] } : mutation)
      touch()
      startWriting().catch((error: unknown) => report(errorToTidemark(error, 'disk/unavailable')))
    },
    flush: startWriting,
    follow: () => serial(follow),
    lead: () =>
      serial(async () => {
        term = await disk.lead()
        await follow()
      }),
    sendable: () => queue.sendable,
    async markSent(mutations) {
      const ids = new Set(mutations.filter(({ sent }) => !sent).map(({ id }) => id))
      if (ids.size === 0) return
      await serial(async () => {
        const key = await disk.markSent([...ids], lease())
        if (key === null) throw anotherLeads()
        await moved(key, () => {
          position = key
          queue.marked(ids)
          touch()
        })
      })
    },
    noteVerdicts(verdicts) {
      for (const id of queue.noteVerdicts(verdicts)) book.accepted(id)
      touch()
    },
    commit: ({ refused, ...step }) =>
      serial(async () => {
        if (step.version < mustMeta().version && step.epoch === mustMeta().epoch) return false
        const commit: BaseCommit = { ...step, quarantined: queue.toQuarantine(refused) }
        serverClock.hear(step.now)
        const key = await disk.commit(lease(), commit)
        await moved(key, (next) => absorbStep(next, commit, base.patched(commit.patches)))
        options.onWritten()
        if (key === null) throw anotherLeads()
        return true
      }),
    stage: () => serial(() => disk.stage()),
    replace: (staging, rows, { refused, ...step }) =>
      serial(async () => {
        const commit: BaseCommit = { ...step, quarantined: queue.toQuarantine(refused) }
        serverClock.hear(step.now)
        const key = await staging.commit(lease(), commit)
        await moved(key, (next) => absorbStep(next, commit, base.replaced(rows, commit.patches)), 2)
        options.onWritten()
        if (key === null) throw anotherLeads()
      }),
    rename: (client) =>
      serial(async () => {
        if ((await disk.renameClient(client, newId(), lease())) === null) throw anotherLeads()
        queue.forgetVerdicts()
        await follow()
      }),
    async discard(ids) {
      await serial(async () => {
        await disk.discard(ids)
        await follow()
      })
      options.onWritten()
    },
    compact: () =>
      serial(async () => {
        const before = mustMeta()
        if (position - before.compactedTo < longLog) return
        const to = position
        if (await disk.compact(lease(), to)) meta = { ...before, compactedTo: to }
      }),
    async close() {
      await startWriting()
      await serial(() => disk.close())
    },
  }
}

function anotherLeads(): TidemarkError {
  return new TidemarkError('unreachable/busy', { message: 'Another tab syncs now. Nothing to do: it goes on there.' })
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
