import { TidemarkError } from '../errors.ts'
import type { Writes } from '../mutator/source.ts'
import type { Pending } from '../pending/pending.ts'
import type { StageBook } from '../pending/stages.ts'
import type { BaseCommit, Disk, DiskMeta, DiskState, DiskTail, Lease, Refusal } from '../persist/disk.ts'
import { moveMeta } from '../persist/meta.ts'
import { type ReadonlySignal, signal } from '../reactive.ts'
import type { Base } from './base.ts'
import type { Queue } from './queue.ts'
import { refusalToError } from './refusal.ts'

/*
 * The disk as this tab has it in memory: base in the pool, the queue, meta, and the position up to which they follow the log.
 * Its owner sees to it that one look at the disk is over before the next begins.
 */

/** What a mirror is made of. */
export interface MirrorOptions {
  readonly base: Base
  readonly queue: Queue
  readonly pending: Pending
  readonly book: StageBook
  /** Called for each mutation that the server decided, after its result is shown. */
  readonly onOutcome: (id: string, refusal: Refusal | undefined) => void
  /** Called when the data that this device had is gone. */
  readonly onLost: (error: TidemarkError) => void
}

/** The disk as a tab has it in memory. */
export interface Mirror {
  /** Moves whenever queue, quarantine or version do. */
  readonly changed: ReadonlySignal<number>
  readonly disk: Disk
  readonly meta: DiskMeta | undefined
  /** Up to where it follows the log. */
  readonly position: number
  mustMeta(): DiskMeta
  /** Whether this tab led and another one has led since. */
  readonly isFenced: boolean
  /** What a write of base expects to find on disk. */
  lease(): Lease
  /** Reads all of a disk, and follows that one from now on. */
  load(disk: Disk): Promise<DiskState>
  /** Reads what came after the position. */
  follow(): Promise<void>
  /** Raises the term, so that writes of base under older ones give up. */
  lead(): Promise<void>
  /** After a write of one's own: it is applied here where it came next in the log, with so many keys; else the log is read. */
  wrote(key: number | null, apply: () => void, keys?: number): Promise<void>
  /** A step of base that is on disk. */
  step(commit: BaseCommit, changes: Writes): void
  /** Folds the log into chunks, where it has grown long. */
  compact(): Promise<void>
  /** Says that something changed. */
  touch(): void
}

/** Log records after which it is worth folding them. */
const longLog = 300

/** A mirror of nothing. */
export function createMirror({ base, queue, pending, book, onOutcome, onLost }: MirrorOptions): Mirror {
  const changed = signal(0)
  let disk: Disk = unopened
  let meta: DiskMeta | undefined
  let position = -1
  let term = -1

  const touch = (): void => {
    changed.value = changed.peek() + 1
  }
  const mustMeta = (): DiskMeta => {
    if (!meta) throw unread()
    return meta
  }
  const lease = (): Lease => ({ term, cursor: mustMeta().cursor })

  /** Takes over what the disk says now; what is no longer queued was decided. */
  const absorb = (
    next: Pick<DiskState, 'meta' | 'queue' | 'quarantine'> & { readonly refused?: readonly Refusal[] },
    changes: Writes,
  ): void => {
    meta = next.meta
    const { settled, durable } = queue.absorb({
      queue: next.queue,
      quarantine: next.quarantine,
      confirmed: meta.confirmed,
      refused: next.refused ?? [],
    })
    pending.rebase(changes, queue.list)
    for (const id of durable) book.durable(id)
    for (const { id, refusal } of settled) {
      if (refusal) book.refused(id, refusalToError(refusal))
      else book.confirmed(id)
    }
    touch()
    for (const { id, refusal } of settled) onOutcome(id, refusal)
  }
  /** The database was cleared or replaced under this tab. */
  const restart = (): void => {
    const count = queue.restart()
    const message = `The data on this device is gone, ${count} unsent changes of other tabs with it. The rest is fetched again; nothing to do.`
    onLost(new TidemarkError('disk/lost', { details: { count }, message }))
  }
  const absorbTail = (tail: DiskTail): void => {
    if (meta && tail.meta.instance !== meta.instance) restart()
    // an older read tells nothing
    else if (!tail.whole && tail.head < position) return
    position = tail.head
    absorb(tail, tail.whole ? base.loaded(tail) : base.patched(tail.patches))
  }
  const follow = async (): Promise<void> => {
    const instance = meta?.instance
    absorbTail(await disk.follow(position))
    // whoever leads goes on leading, under a term of the new database
    if (term >= 0 && meta?.instance !== instance) term = await disk.lead()
  }

  return {
    changed,
    touch,
    mustMeta,
    lease,
    follow,
    get disk() {
      return disk
    },
    get meta() {
      return meta
    },
    get position() {
      return position
    },
    get isFenced() {
      return term >= 0 && meta?.term !== term
    },
    async load(opened) {
      disk = opened
      const state = await disk.load()
      position = state.head
      absorb(state, base.loaded(state))
      return state
    },
    async lead() {
      // the database may have been replaced since it was read
      await follow()
      term = await disk.lead()
      await follow()
    },
    async wrote(key, apply, keys = 1) {
      if (key !== position + keys) return follow()
      position = key
      apply()
    },
    step(commit, changes) {
      const quarantine = [...queue.quarantine, ...commit.quarantined]
      absorb({ meta: moveMeta(mustMeta(), commit), queue: queue.onDisk, quarantine }, changes)
    },
    async compact() {
      const before = mustMeta()
      const to = position
      if (term < 0 || to - before.compactedTo < longLog) return
      if (await disk.compact(lease(), to)) meta = { ...mustMeta(), compactedTo: to }
    },
  }
}

function unread(): TidemarkError {
  return new TidemarkError('bug/invariant', { message: 'Bug: the disk is used before it was read. Please report it with the stack.' })
}

const unopened = new Proxy({} as Disk, {
  get() {
    throw unread()
  },
})
