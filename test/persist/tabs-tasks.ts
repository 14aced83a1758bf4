// What a tab does with its disk: the store's part, as small as it can be. Tasks of one tab run side by side, more freely than a store lets them.
import type { BaseCommit, Disk, DiskMeta, DiskState, DiskTail, Lease, QueuedMutation } from '../../src/persist/disk.ts'
import type { Patch } from '../../src/protocol/patch.ts'
import type { AnyRow } from '../../src/schema/row.ts'
import type { TestDevice, TestTab } from '../kit/disk.ts'
import type { Rng } from '../kit/rng.ts'
import { type Cursor, type ModelServer, noCursor } from './tabs-server.ts'
import { checkRows, must, readState, type Truth } from './tabs-truth.ts'

/** The rules that can be broken on purpose. */
export const bugs = [
  'no term compare',
  'no cursor compare',
  'no instance compare',
  'verdicts apart from rows',
  'cursor apart from rows',
  'an older read is applied',
  'a gap before an own key is ignored',
  'a tail that ignores compactedTo',
  'a refused burst is passed over',
] as const
/** A rule that is broken on purpose. */
export type Bug = (typeof bugs)[number]
/** The name of the database. */
export const databaseName = 'tabs'

/** What tabs share. */
export interface Surroundings {
  readonly rng: Rng
  readonly bug: Bug | undefined
  readonly server: ModelServer
  readonly device: TestDevice
  readonly truth: Truth
}

/** What a tab does, to its end. */
export type Task = (game: Surroundings, tab: Tab) => Promise<void>

/** A tab and its memory. */
export interface Tab {
  readonly handle: TestTab
  readonly disk: Disk
  readonly client: string
  isFrozen: boolean
  isReady: boolean
  isWriting: boolean
  /** Tasks that have not ended. */
  tasks: number
  rows: Map<string, AnyRow>
  position: number
  instance: string
  cursor: Cursor
  confirmed: Readonly<Record<string, number>>
  queue: readonly QueuedMutation[]
  own: (QueuedMutation & { isWritten: boolean; wasRefused?: boolean })[]
  seq: number
  term: number | undefined
  /** The terms that it was given, for the check that nobody else writes base. */
  readonly led: Set<number>
}

/** Reads everything. */
export async function open(game: Surroundings, tab: Tab): Promise<void> {
  absorb(game, tab, { whole: true, ...(await tab.disk.load()) })
}

/** Reads what came since. */
export async function follow(game: Surroundings, tab: Tab): Promise<void> {
  if (!tab.isReady) return open(game, tab)
  const asked = game.bug === 'a tail that ignores compactedTo' ? Math.max(tab.position, diskMeta(game)?.compactedTo ?? 0) : tab.position
  absorb(game, tab, await tab.disk.follow(asked))
}

function absorb(game: Surroundings, tab: Tab, tail: DiskTail): void {
  const isOther = tail.meta.instance !== tab.instance
  if (isOther && tail.meta.instance < tab.instance) return
  if (!isOther && tail.head < tab.position && game.bug !== 'an older read is applied') return
  if (isOther && tab.instance !== '') {
    tab.term = undefined
    for (const one of tab.own) one.isWritten = false
  }
  if (tail.whole) tab.rows = rowsOf(tail)
  else applyAll(tab, tail.patches)
  const { head: position, queue } = tail
  const queued = new Set(queue.map(({ id }) => id))
  for (const one of tab.own) if (queued.has(one.id)) one.isWritten = true
  Object.assign(tab, { isReady: true, instance: tail.meta.instance, position, queue })
  settle(game, tab, { cursor: tail.meta.cursor, confirmed: tail.meta.confirmed })
  const quarantined = new Set(tail.quarantine.map(({ id }) => id))
  for (const { id } of tab.own) must(!quarantined.has(id), 'a refused mutation is pending')
}

function settle(
  game: Surroundings,
  tab: Tab,
  { cursor, confirmed }: { readonly cursor: string | null; readonly confirmed: Tab['confirmed'] },
): void {
  tab.cursor = cursor === null ? noCursor : (JSON.parse(cursor) as Cursor)
  tab.confirmed = confirmed
  tab.own = tab.own.filter(({ client, seq }) => seq > (confirmed[client] ?? 0))
  tab.queue = tab.queue.filter(({ client, seq }) => seq > (confirmed[client] ?? 0))
  checkRows(game.server, { rows: tab.rows, cursor: tab.cursor, what: 'memory' })
}

/** Makes one or two mutations and queues them. */
export async function mutate(game: Surroundings, tab: Tab): Promise<void> {
  for (let i = game.rng.int(1, 2); i > 0; i--) {
    const seq = ++tab.seq
    const id = `${tab.client}-${seq}`
    const key = `${game.rng.pick(['a', 'b'])}${game.rng.int(0, 5)}`
    tab.own.push({ client: tab.client, seq, id, calls: [['write', [key]]], at: seq, schema: 1, sent: false, isWritten: false })
  }
  await flush(game, tab)
}

/** Queues what is not on disk: one write in flight, all in order. */
export async function flush(game: Surroundings, tab: Tab): Promise<void> {
  if (tab.isWriting) return
  tab.isWriting = true
  const burst = tab.own.filter((one) => !one.isWritten && !(game.bug === 'a refused burst is passed over' && one.wasRefused))
  const instance = tab.instance
  try {
    if (burst.length === 0) return
    const position = await tab.disk.enqueue(burst.map(({ isWritten: _, wasRefused: __, ...mutation }) => mutation))
    // Site data may have been cleared since, or another database read meanwhile: then what is written where is for the next read to say.
    if (tab.instance !== instance) return await follow(game, tab)
    const isThere = diskMeta(game)?.instance === instance || game.bug === 'no instance compare'
    for (const one of burst) {
      one.isWritten = true
      if (isThere) game.truth.acked.add(one.id)
    }
    if (acknowledge(game, tab, position)) tab.queue = [...tab.queue, ...burst]
    else await follow(game, tab)
  } catch (error) {
    for (const one of burst) one.wasRefused = true
    throw error
  } finally {
    tab.isWriting = false
  }
}

// Whether an own record is the next one, and may be applied without reading.
function acknowledge(game: Surroundings, tab: Tab, position: number): boolean {
  if (position !== tab.position + 1 && game.bug !== 'a gap before an own key is ignored') return false
  tab.position = position
  return true
}

/** Raises the term. */
export async function lead(game: Surroundings, tab: Tab): Promise<void> {
  const instance = tab.instance
  const term = await tab.disk.lead()
  tab.led.add(term)
  await follow(game, tab)
  if (tab.instance === instance) tab.term = term
}

/** Pushes the queue and applies a pull. */
export async function sync(game: Surroundings, tab: Tab): Promise<void> {
  const [cursor, lease] = [tab.cursor, leaseOf(tab)]
  const sending = tab.queue.filter(({ client, seq }) => seq > (tab.confirmed[client] ?? 0))
  if (
    (await tab.disk.markSent(
      sending.map(({ id }) => id),
      lease,
    )) === null
  )
    return stepDown(game, tab, lease)
  game.server.push(sending)
  const pull = game.server.pull(cursor)
  if (pull.cursor === JSON.stringify(cursor)) return
  await commitInParts(game, tab, lease, pull)
}

async function commitInParts(game: Surroundings, tab: Tab, lease: Lease, pull: BaseCommit): Promise<void> {
  const outcomes = { confirmed: pull.confirmed, quarantined: pull.quarantined }
  if (game.bug === 'verdicts apart from rows') {
    if ((await tab.disk.commit(lease, { ...pull, confirmed: {}, quarantined: [] })) === null) return stepDown(game, tab, lease)
    await tab.disk.commit({ ...lease, cursor: pull.cursor }, { ...pull, ...outcomes, patches: [] })
    return follow(game, tab)
  }
  if (game.bug === 'cursor apart from rows') {
    if ((await tab.disk.commit(lease, { ...pull, patches: [] })) === null) return stepDown(game, tab, lease)
    await tab.disk.commit({ ...lease, cursor: pull.cursor }, pull)
    return follow(game, tab)
  }
  const position = await tab.disk.commit(leaseNow(game, lease), pull)
  if (position === null) return stepDown(game, tab, lease)
  if (!acknowledge(game, tab, position)) return follow(game, tab)
  applyAll(tab, pull.patches)
  settle(game, tab, { cursor: pull.cursor, confirmed: { ...tab.confirmed, ...pull.confirmed } })
}

/** Writes the log into chunks. */
export async function compact(game: Surroundings, tab: Tab): Promise<void> {
  const lease = leaseOf(tab)
  if (!(await tab.disk.compact(leaseNow(game, lease), tab.position))) await stepDown(game, tab, lease)
}

/** Replaces all of base, as a snapshot does. */
export async function rebuild(game: Surroundings, tab: Tab): Promise<void> {
  const lease = leaseOf(tab)
  const pull = game.server.pull(tab.cursor)
  const staging = await tab.disk.stage()
  const rows = game.server.rowsAt(JSON.parse(pull.cursor) as Cursor)
  for (const key of rows.keys()) await staging.add([['rows', rows.get(key) as AnyRow, audienceOf(key)]])
  if (game.rng.chance(0.2)) return staging.discard()
  const position = await staging.commit(leaseNow(game, lease), { ...pull, patches: [] })
  if (position === null) await stepDown(game, tab, lease)
  await follow(game, tab)
}

function leaseOf(tab: Tab): Lease {
  return { term: tab.term ?? -1, cursor: tab.cursor === noCursor ? null : JSON.stringify(tab.cursor) }
}

// Without a compare, whatever the disk says is right.
function leaseNow(game: Surroundings, lease: Lease): Lease {
  const meta = diskMeta(game)
  if (game.bug === 'no term compare' && meta) return { ...lease, term: meta.term }
  return game.bug === 'no cursor compare' && meta ? { ...lease, cursor: meta.cursor } : lease
}

async function stepDown(game: Surroundings, tab: Tab, { term }: Lease): Promise<void> {
  if (tab.term === term) tab.term = undefined
  await follow(game, tab)
}
/** The memory of a tab that has read nothing. */
export function makeMemory(): Omit<Tab, 'handle' | 'disk' | 'client'> {
  const state = {
    isFrozen: false,
    isReady: false,
    isWriting: false,
    tasks: 0,
    rows: new Map(),
    position: -1,
    instance: '',
    cursor: noCursor,
  }
  return { ...state, confirmed: {}, queue: [], own: [], seq: 0, term: undefined, led: new Set() }
}

/** Meta on disk, seen from outside. */
function diskMeta({ device }: Surroundings): DiskMeta | undefined {
  const state = device.records.stateByName.get(databaseName)
  return state && readState(state).meta
}

function rowsOf(state: Pick<DiskState, 'rowsByCollection'>): Map<string, AnyRow> {
  return new Map((state.rowsByCollection.get('rows') ?? []).map((row) => [row.id, row]))
}

function applyAll(tab: Tab, patches: readonly Patch[]): void {
  const rows = new Map(tab.rows)
  for (const patch of patches) {
    if (patch.op === 'put') rows.set(patch.id, patch.value as AnyRow)
    else if (patch.op === 'del') rows.delete(patch.id)
    else for (const key of [...rows.keys()]) if (audienceOf(key) === patch.audience) rows.delete(key)
  }
  tab.rows = rows
}

function audienceOf(key: string): string {
  return key.startsWith('b') ? 'team' : 'shared'
}
