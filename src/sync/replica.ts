import { TidemarkError } from '../errors.ts'
import type { Pending } from '../pending/pending.ts'
import type { StageBook } from '../pending/stages.ts'
import type { BaseCommit, Disk, DiskMeta, QuarantinedMutation, QueuedMutation, Staging, Refusal } from '../persist/disk.ts'
import type { Pool } from '../pool/pool.ts'
import type { Call } from '../protocol/mutation.ts'
import type { Verdict } from '../protocol/push.ts'
import { type ReadonlySignal, signal } from '../reactive.ts'
import type { Clock } from '../util/clock.ts'
import { makeId, type RandomBytes } from '../util/id.ts'
import { createSerial } from '../util/serial.ts'
import { makeBase, type StagedRow } from './base.ts'
import { createBursts } from './bursts.ts'
import { makeLocalStep } from './local.ts'
import { createMirror } from './mirror.ts'
import { makeQueue, type PendingItem, type Refused } from './queue.ts'
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
  /** Whether the store is its own server: what is pending then goes into base, in the commit that makes it durable. */
  readonly isLocal: boolean
  /** Called after this tab moved the disk: other tabs are to look, and what is new is to be sent. */
  readonly onWritten: () => void
  /** Called for each mutation that the server decided, after its result is shown. */
  readonly onOutcome: (id: string, refusal: Refusal | undefined) => void
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
  readonly unconfirmed: readonly QueuedMutation[]
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
  /** Leads again where another tab has led since: without locks several tabs lead, each after the other. */
  leadAgain(): Promise<void>
  /** What may be pushed, in order. */
  sendable(): readonly QueuedMutation[]
  /** Marks as sent, on disk, before a push leaves. Raises `unreachable/busy` where another tab leads by now. */
  markSent(mutations: readonly QueuedMutation[]): Promise<void>
  noteVerdicts(verdicts: readonly Verdict[]): void
  /** Makes base of all that is pending, in a store that is its own server. Raises what the disk raises. */
  fold(): Promise<void>
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

/** Opens nothing yet: `open` reads the disk; before it, mutations are queued and shown when the rows are in. */
export function createReplica(options: ReplicaOptions): Replica {
  const { pool, pending, book, clock, randomBytes, report, onWritten } = options
  const newId = (): string => makeId(clock.now(), randomBytes)
  const serial = createSerial()
  const isLoaded = signal(false)
  const serverClock = makeServerClock(clock)
  const base = makeBase(pool)
  const queue = makeQueue(options.schemaVersion, newId)
  const mirror = createMirror({ ...options, base, queue })
  // whoever has not seen all of the log looks at it, runs anew what that touched, and tries again
  const foldSome = async (): Promise<void> => {
    for (let key: number | null = null; key === null; ) {
      const mutations = queue.list.slice(0, foldSize)
      const meta = mirror.mustMeta()
      if (mutations.length === 0 && meta.cursor !== null) return
      const commit = makeLocalStep({
        ...{ meta, mutations, pending, quarantine: queue.quarantine, audienceOf: base.audienceOf },
        now: serverClock.stamp(),
      })
      key = await mirror.disk.commitHere(mirror.position, commit)
      if (key === null) await mirror.follow()
      else await mirror.wrote(key, () => mirror.step(commit, base.patched(commit.patches)))
    }
    onWritten()
  }
  const bursts = createBursts({ mirror, queue, book, serial, fold: options.isLocal ? foldSome : undefined, onWritten, report })
  const toCommit = ({ refused, ...step }: Step): BaseCommit => {
    serverClock.hear(step.now)
    return { ...step, quarantined: queue.toQuarantine(refused) }
  }

  return {
    isLoaded,
    changed: mirror.changed,
    serverClock,
    get meta() {
      return mirror.meta
    },
    get queue() {
      return queue.items
    },
    get unconfirmed() {
      return queue.list
    },
    get quarantine() {
      return queue.quarantine
    },
    async open(disk) {
      await serial(async () => {
        const { meta, queue: queued } = await mirror.load(disk)
        serverClock.restore(queued.reduce((newest, { at }) => Math.max(newest, at), meta.answeredAt))
        isLoaded.value = true
      })
      bursts.begin()
    },
    mutate(id, calls) {
      const mutation = queue.make(id, calls, serverClock.stamp())
      const enqueue = (needs: readonly string[]): void => queue.add(needs.length ? { ...mutation, needs: [...needs] } : mutation)
      if (isLoaded.peek()) pending.add(mutation, enqueue)
      else {
        pending.addUnseen(mutation)
        enqueue([])
      }
      mirror.touch()
      bursts.begin()
    },
    flush: bursts.write,
    follow: () => serial(mirror.follow),
    lead: () => serial(mirror.lead),
    leadAgain: () => serial(async () => (mirror.isFenced ? mirror.lead() : undefined)),
    sendable: () => queue.sendable,
    async markSent(mutations) {
      const unmarked = new Set(mutations.filter(({ sent }) => !sent).map(({ id }) => id))
      const ids = new Set(queue.onDisk.filter(({ id }) => unmarked.has(id)).map(({ id }) => id))
      // what the disk refused is marked in memory, and will be written as sent
      queue.marked(new Set([...unmarked].filter((id) => !ids.has(id))))
      if (ids.size === 0) return
      await serial(async () => {
        const key = await mirror.disk.markSent([...ids], mirror.lease())
        await mirror.wrote(key, () => {
          queue.marked(ids)
          mirror.touch()
        })
        mustLead(key)
      })
    },
    noteVerdicts(verdicts) {
      for (const id of queue.noteVerdicts(verdicts)) book.accepted(id)
      mirror.touch()
    },
    async fold() {
      do await serial(foldSome)
      while (queue.list.length > 0)
    },
    commit: (step) =>
      serial(async () => {
        const { version, epoch } = mirror.mustMeta()
        if (step.version < version && step.epoch === epoch) return false
        const commit = toCommit(step)
        const key = await mirror.disk.commit(mirror.lease(), commit)
        await mirror.wrote(key, () => mirror.step(commit, base.patched(commit.patches)))
        onWritten()
        mustLead(key)
        return true
      }),
    stage: () => serial(() => mirror.disk.stage()),
    replace: (staging, rows, step) =>
      serial(async () => {
        const commit = toCommit(step)
        const key = await staging.commit(mirror.lease(), commit)
        await mirror.wrote(key, () => mirror.step(commit, base.replaced(rows, commit.patches)), keysOfSwap)
        onWritten()
        mustLead(key)
      }),
    rename: (client) =>
      serial(async () => {
        const key = await mirror.disk.renameClient(client, newId(), mirror.lease())
        if (key !== null) queue.forgetVerdicts()
        await mirror.follow()
        mustLead(key)
      }),
    async discard(ids) {
      await serial(async () => {
        await mirror.disk.discard(ids)
        await mirror.follow()
      })
      onWritten()
    },
    compact: () => serial(mirror.compact),
    async close() {
      try {
        await bursts.write()
      } finally {
        await serial(() => mirror.disk.close())
      }
    },
  }
}

/** Mutations that one record of the log takes into base at most. */
const foldSize = 1000

// a new base takes two keys of the log: the swap, and the step over it
const keysOfSwap = 2

function mustLead(key: number | null): number {
  if (key === null) throw new TidemarkError('unreachable/busy', { message: 'Another tab syncs now. Nothing to do: it goes on there.' })
  return key
}
