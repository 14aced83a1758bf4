import type { QuarantinedMutation, QueuedMutation, Refusal } from '../persist/disk.ts'
import type { Call } from '../protocol/mutation.ts'
import type { Verdict } from '../protocol/push.ts'

/*
 * The unconfirmed mutations as this tab knows them, in their one order: those on disk, of all tabs, and behind them its own that are not there yet.
 *
 *   own ──written──▶ on disk ──sent──▶ ──verdict──▶ ──base covers it──▶ gone: applied, or in quarantine
 *    └─refused by the disk: volatile: shown and pushed all the same, written again with the next burst
 */

/** An unconfirmed mutation and how far it is. */
export interface PendingItem {
  readonly mutation: QueuedMutation
  readonly stage: 'memory' | 'queued' | 'sent' | 'accepted'
}

/** A refusal as the server tells it. */
export interface Refused {
  readonly client: string
  readonly seq: number
  readonly code: string
  readonly message: string
  readonly reason?: string | undefined
}

/** A mutation that the server decided; without a refusal it was applied. */
export interface Settled {
  readonly id: string
  readonly refusal: Refusal | undefined
}

/** What a tab knows of the queue. */
export interface Queue {
  /** All of it, in order. */
  readonly list: readonly QueuedMutation[]
  /** The part of it that is on disk. */
  readonly onDisk: readonly QueuedMutation[]
  readonly items: readonly PendingItem[]
  readonly quarantine: readonly QuarantinedMutation[]
  /** What is to be written: all that is not on disk, in order. */
  readonly burst: readonly QueuedMutation[]
  /** Whether everything that is not on disk was refused by it. */
  readonly isStuck: boolean
  /** What may be pushed, in order: on disk or refused by it, and without a verdict. */
  readonly sendable: readonly QueuedMutation[]
  /** A mutation under this tab's client; nothing holds it yet. */
  make(id: string, calls: readonly Call[], at: number): QueuedMutation
  add(mutation: QueuedMutation): void
  written(burst: readonly QueuedMutation[]): void
  volatile(burst: readonly QueuedMutation[]): void
  marked(ids: ReadonlySet<string>): void
  noteVerdicts(verdicts: readonly Verdict[]): readonly string[]
  /** Verdicts that were heard count no more: the server may have lost them. */
  forgetVerdicts(): void
  /** The queued mutations that the server refused, as quarantine keeps them. */
  toQuarantine(refused: readonly Refused[]): readonly QuarantinedMutation[]
  /** Takes over what the disk says. Answers with what is gone, and which of this tab's own are on disk for the first time. */
  absorb(disk: DiskQueue): { readonly settled: readonly Settled[]; readonly durable: readonly string[] }
  /** The database is another one: this tab's own are to be written again, as sent. Answers with how many of other tabs are lost. */
  restart(): number
}

/** What the disk says of the queue. */
export interface DiskQueue {
  readonly queue: readonly QueuedMutation[]
  readonly quarantine: readonly QuarantinedMutation[]
  readonly confirmed: Readonly<Record<string, number>>
  /** Refusals that were read of, also of what left quarantine since. */
  readonly refused: readonly Refusal[]
}

/** An empty queue. `newClient` names this tab's client, and names it anew when the leader had to give its mutations another. */
export function makeQueue(schemaVersion: number, newClient: () => string): Queue {
  const accepted = new Set<string>()
  const refusedByDisk = new Set<string>()
  const made = new Set<string>()
  let client = newClient()
  let seq = 0
  let onDisk: readonly QueuedMutation[] = []
  let own: QueuedMutation[] = []
  let quarantine: readonly QuarantinedMutation[] = []

  const all = (): readonly QueuedMutation[] => [...onDisk, ...own]
  const byKey = (): ReadonlyMap<string, QueuedMutation> => new Map(all().map((mutation) => [keyOf(mutation), mutation]))
  const stageOf = (mutation: QueuedMutation, isOwn: boolean): PendingItem['stage'] => {
    if (accepted.has(mutation.id)) return 'accepted'
    if (mutation.sent) return 'sent'
    return isOwn ? 'memory' : 'queued'
  }
  // what is made from now on must not go on under a client whose mutations now have another
  const adoptClient = (): void => {
    if (!onDisk.some((mutation) => made.has(mutation.id) && mutation.client !== client)) return
    client = newClient()
    seq = 0
    own = own.map((mutation) => ({ ...mutation, client, seq: ++seq }))
  }
  const settle = (before: readonly QueuedMutation[], refused: readonly Refusal[]): readonly Settled[] => {
    const left = new Set(all().map(({ id }) => id))
    const refusalById = new Map([...refused, ...quarantine].map((refusal) => [refusal.id, refusal]))
    const gone = before.filter(({ id }) => !left.has(id))
    for (const { id } of gone) for (const set of [accepted, refusedByDisk, made]) set.delete(id)
    return gone.map(({ id }) => ({ id, refusal: refusalById.get(id) }))
  }

  return {
    get list() {
      return all()
    },
    get onDisk() {
      return onDisk
    },
    get items() {
      return [
        ...onDisk.map((mutation) => ({ mutation, stage: stageOf(mutation, false) })),
        ...own.map((mutation) => ({ mutation, stage: stageOf(mutation, true) })),
      ]
    },
    get quarantine() {
      return quarantine
    },
    get burst() {
      return [...own]
    },
    get isStuck() {
      return own.every(({ id }) => refusedByDisk.has(id))
    },
    get sendable() {
      return [...onDisk, ...own.filter(({ id }) => refusedByDisk.has(id))].filter(({ id }) => !accepted.has(id))
    },
    make: (id, calls, at) => ({ client, seq: seq + 1, id, calls: [...calls], at, schema: schemaVersion, sent: false }),
    add(mutation) {
      seq = mutation.seq
      made.add(mutation.id)
      own.push(mutation)
    },
    written(burst) {
      const ids = new Set(burst.map(({ id }) => id))
      for (const id of ids) refusedByDisk.delete(id)
      own = own.filter(({ id }) => !ids.has(id))
      onDisk = [...onDisk, ...burst]
    },
    volatile(burst) {
      for (const { id } of burst) refusedByDisk.add(id)
    },
    marked(ids) {
      const mark = (mutation: QueuedMutation): QueuedMutation => (ids.has(mutation.id) ? { ...mutation, sent: true } : mutation)
      onDisk = onDisk.map(mark)
      own = own.map(mark)
    },
    noteVerdicts(verdicts) {
      const known = byKey()
      const heard = verdicts.flatMap((verdict) => {
        const id = known.get(keyOf(verdict))?.id
        return id === undefined || verdict.status === 'retry' ? [] : [{ id, status: verdict.status }]
      })
      for (const { id } of heard) accepted.add(id)
      return heard.filter(({ status }) => status === 'applied').map(({ id }) => id)
    },
    forgetVerdicts: () => accepted.clear(),
    toQuarantine(refused) {
      const known = byKey()
      return refused.flatMap((refusal): QuarantinedMutation[] => {
        const mutation = known.get(keyOf(refusal))
        if (!mutation) return []
        const { sent: _, ...rest } = mutation
        return [
          { ...rest, code: refusal.code, message: refusal.message, ...(refusal.reason === undefined ? {} : { reason: refusal.reason }) },
        ]
      })
    },
    restart() {
      const mine = onDisk.filter(({ id }) => made.has(id)).map((mutation) => ({ ...mutation, sent: true }))
      const lost = onDisk.length - mine.length
      own = [...mine, ...own.map((mutation) => ({ ...mutation, sent: true }))]
      onDisk = []
      return lost
    },
    absorb(disk) {
      const before = all()
      const isSettled = (mutation: QueuedMutation): boolean => mutation.seq <= (disk.confirmed[mutation.client] ?? 0)
      const queued = new Set(disk.queue.map(({ id }) => id))
      const durable = own.filter(({ id }) => queued.has(id)).map(({ id }) => id)
      quarantine = disk.quarantine
      onDisk = disk.queue.filter((mutation) => !isSettled(mutation))
      own = own.filter((mutation) => !queued.has(mutation.id) && !isSettled(mutation))
      adoptClient()
      return { settled: settle(before, disk.refused), durable }
    },
  }
}

function keyOf({ client, seq }: { readonly client: string; readonly seq: number }): string {
  return `${client} ${seq}`
}
