/*
 * Tabs over one disk, without a store: a model of how a disk is used, over the layout itself. Rows a* are for all, rows b* for an audience that comes and goes.
 * Every transaction waits twice; which of the waiting ones goes on is drawn.
 */
import type { TidemarkError } from '../../src/errors.ts'
import type { Persistence } from '../../src/persist/persistence.ts'
import type { BaseCommit, Disk, DiskMeta, DiskState, DiskTail, Lease, QueuedMutation } from '../../src/persist/disk.ts'
import { openDisk } from '../../src/persist/open-disk.ts'
import type { Patch } from '../../src/protocol/patch.ts'
import type { AnyRow } from '../../src/schema/row.ts'
import type { Json } from '../../src/util/json.ts'
import { createTestDevice, type TestDevice, type TestTab } from '../kit/disk.ts'
import { createRng, type Rng } from '../kit/rng.ts'
import { type Cursor, createModelServer, type ModelServer, noCursor } from './tabs-server.ts'
import { checkCommit, checkRows, isDiskError, must, readState, rollBack, type Truth, Violation } from './tabs-truth.ts'

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

/** Runs one history; answers with what did not hold. */
export async function findViolation(seed: number, bug?: Bug): Promise<string | undefined> {
  try {
    await run(seed, bug)
    return undefined
  } catch (error) {
    if (error instanceof Violation) return error.message
    throw error
  }
}

const name = 'tabs'

interface Game {
  readonly rng: Rng
  readonly bug: Bug | undefined
  readonly server: ModelServer
  readonly device: TestDevice
  readonly truth: Truth
  readonly tabs: Set<Tab>
  readonly waiting: Set<{ readonly tab: Tab; go(): void }>
  isCalm: boolean
  tabsMade: number
  idsMade: number
  failure: unknown
}

interface Tab {
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

async function run(seed: number, bug: Bug | undefined): Promise<void> {
  const rng = createRng(seed)
  const server = createModelServer(rng.fork('server'))
  const truth: Truth = { server, acked: new Set() }
  const game: Game = {
    rng,
    bug,
    server,
    truth,
    tabs: new Set(),
    waiting: new Set(),
    isCalm: false,
    tabsMade: 0,
    idsMade: 0,
    failure: undefined,
    device: createTestDevice({
      rng: rng.fork('device'),
      onCommit: ({ tab: handle, before, after }) => {
        const tab = [...game.tabs].find((one) => one.handle === handle)
        attempt(game, () => checkCommit(truth, { before, after, led: tab?.led }))
      },
    }),
  }
  for (let step = 0; step < 240; step++) {
    await act(game)
    raise(game)
  }
  await calmDown(game)
}

async function act(game: Game): Promise<void> {
  const { rng, tabs, server, device, truth } = game
  const tab = tabs.size > 0 ? rng.pick([...tabs]) : undefined
  const draw = rng.next()
  if (!tab || (draw < 0.03 && tabs.size < 3)) await bear(game)
  else if (draw < 0.035) kill(game, tab)
  else if (draw < 0.06) tab.isFrozen = !tab.isFrozen && rng.chance(0.5)
  else if (draw < 0.064) {
    for (const one of [...tabs]) kill(game, one)
    await turn()
    device.loseLast(name, rng.int(0, 3))
    rollBack(truth, device.records.stateByName.get(name))
  } else if (draw < 0.067) {
    device.clear(name)
    truth.acked.clear()
  } else if (draw < 0.08) device.isFull = !device.isFull && rng.chance(0.5)
  else if (draw < 0.14) server.write()
  else if (draw < 0.155) server.moveAudience()
  else if (tab.isFrozen) return
  else if (draw < 0.4 && tab.tasks < 3) start(game, tab, pickTask(game, tab))
  else for (let i = rng.int(1, 3); i > 0; i--) await goOn(game)
}

function pickTask({ rng }: Game, tab: Tab): Task {
  if (!tab.isReady) return open
  const draw = rng.next()
  if (draw < 0.3) return mutate
  if (draw < 0.45) return follow
  if (tab.term === undefined || draw < 0.5) return lead
  return draw < 0.8 ? sync : draw < 0.93 ? compact : rebuild
}

type Task = (game: Game, tab: Tab) => Promise<void>

function start(game: Game, tab: Tab, task: Task): void {
  tab.tasks++
  task(game, tab)
    .catch((error: unknown) => recover(game, tab, error))
    .catch((error: unknown) => (game.failure ??= error))
    .finally(() => tab.tasks--)
}

// What a tab does when the disk refuses: a full one is tried again, another database is read anew.
async function recover(game: Game, tab: Tab, error: unknown): Promise<void> {
  if (!isDiskError(error)) throw error
  if (error.code === 'disk/lost') await follow(game, tab).catch((again: unknown) => recover(game, tab, again))
}

async function bear(game: Game): Promise<void> {
  const pause = () =>
    new Promise<void>((resolve) => {
      const turnOf = { tab, go: () => (game.waiting.delete(turnOf), resolve()) }
      game.waiting.add(turnOf)
    })
  const handle = game.device.tab(pause)
  const persistence = await handle.open(name)
  const clock = { now: () => 1000 + game.idsMade, sleep: async () => {} }
  const randomId = () => `i${String(++game.idsMade).padStart(5, '0')}`
  const onError = (error: TidemarkError) => (game.failure ??= new Violation(error.code))
  const disk = openDisk(game.bug === 'no instance compare' ? hideInstance(persistence) : persistence, {
    schema: 1,
    clock,
    randomId,
    onError,
  })
  const tab: Tab = { ...makeMemory(), handle, disk, client: `c${++game.tabsMade}` }
  game.tabs.add(tab)
  start(game, tab, open)
}

function makeMemory(): Omit<Tab, 'handle' | 'disk' | 'client'> {
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

function kill(game: Game, tab: Tab): void {
  tab.handle.kill()
  game.tabs.delete(tab)
  for (const waiting of [...game.waiting]) if (waiting.tab === tab) game.waiting.delete(waiting)
}

// ---- what a tab does

async function open(game: Game, tab: Tab): Promise<void> {
  absorb(game, tab, { whole: true, ...(await tab.disk.load()) })
}

async function follow(game: Game, tab: Tab): Promise<void> {
  if (!tab.isReady) return open(game, tab)
  const asked = game.bug === 'a tail that ignores compactedTo' ? Math.max(tab.position, diskMeta(game)?.compactedTo ?? 0) : tab.position
  absorb(game, tab, await tab.disk.follow(asked))
}

function absorb(game: Game, tab: Tab, tail: DiskTail): void {
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
  game: Game,
  tab: Tab,
  { cursor, confirmed }: { readonly cursor: string | null; readonly confirmed: Tab['confirmed'] },
): void {
  tab.cursor = cursor === null ? noCursor : (JSON.parse(cursor) as Cursor)
  tab.confirmed = confirmed
  tab.own = tab.own.filter(({ client, seq }) => seq > (confirmed[client] ?? 0))
  tab.queue = tab.queue.filter(({ client, seq }) => seq > (confirmed[client] ?? 0))
  checkRows(game.server, { rows: tab.rows, cursor: tab.cursor, what: 'memory' })
}

async function mutate(game: Game, tab: Tab): Promise<void> {
  for (let i = game.rng.int(1, 2); i > 0; i--) {
    const seq = ++tab.seq
    const id = `${tab.client}-${seq}`
    const key = `${game.rng.pick(['a', 'b'])}${game.rng.int(0, 5)}`
    tab.own.push({ client: tab.client, seq, id, calls: [['write', [key]]], at: seq, schema: 1, sent: false, isWritten: false })
  }
  await flush(game, tab)
}

async function flush(game: Game, tab: Tab): Promise<void> {
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
function acknowledge(game: Game, tab: Tab, position: number): boolean {
  if (position !== tab.position + 1 && game.bug !== 'a gap before an own key is ignored') return false
  tab.position = position
  return true
}

async function lead(game: Game, tab: Tab): Promise<void> {
  const instance = tab.instance
  const term = await tab.disk.lead()
  tab.led.add(term)
  await follow(game, tab)
  if (tab.instance === instance) tab.term = term
}

async function sync(game: Game, tab: Tab): Promise<void> {
  const [cursor, lease] = [tab.cursor, leaseOf(game, tab)]
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

async function commitInParts(game: Game, tab: Tab, lease: Lease, pull: BaseCommit): Promise<void> {
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

async function compact(game: Game, tab: Tab): Promise<void> {
  const lease = leaseOf(game, tab)
  if (!(await tab.disk.compact(leaseNow(game, lease), tab.position))) await stepDown(game, tab, lease)
}

// All of base anew, as after a snapshot.
async function rebuild(game: Game, tab: Tab): Promise<void> {
  const lease = leaseOf(game, tab)
  const pull = game.server.pull(tab.cursor)
  const staging = await tab.disk.stage()
  const rows = game.server.rowsAt(JSON.parse(pull.cursor) as Cursor)
  for (const key of rows.keys()) await staging.add([['rows', rows.get(key) as AnyRow, audienceOf(key)]])
  if (game.rng.chance(0.2)) return staging.discard()
  const position = await staging.commit(leaseNow(game, lease), { ...pull, patches: [] })
  if (position === null) await stepDown(game, tab, lease)
  await follow(game, tab)
}

function leaseOf(_: Game, tab: Tab): Lease {
  return { term: tab.term ?? -1, cursor: tab.cursor === noCursor ? null : JSON.stringify(tab.cursor) }
}

// Without a compare, whatever the disk says is right.
function leaseNow(game: Game, lease: Lease): Lease {
  const meta = diskMeta(game)
  if (game.bug === 'no term compare' && meta) return { ...lease, term: meta.term }
  return game.bug === 'no cursor compare' && meta ? { ...lease, cursor: meta.cursor } : lease
}

async function stepDown(game: Game, tab: Tab, { term }: Lease): Promise<void> {
  if (tab.term === term) tab.term = undefined
  await follow(game, tab)
}

// ---- the end: nobody freezes or dies any more, and all must come to rest

async function calmDown(game: Game): Promise<void> {
  game.isCalm = true
  game.device.isFull = false
  for (const tab of game.tabs) tab.isFrozen = false
  await bear(game)
  await finishAll(game)
  for (let round = 0; ; round++) {
    const boss = [...game.tabs].at(-1) as Tab
    for (const task of [follow, flush, follow]) {
      for (const tab of game.tabs) start(game, tab, tab.isReady ? task : open)
      await finishAll(game)
    }
    for (const task of [lead, sync, compact]) {
      start(game, boss, task)
      await finishAll(game)
    }
    for (const tab of game.tabs) start(game, tab, follow)
    await finishAll(game)
    const isDone = [...game.tabs].every(
      (tab) => tab.own.length === 0 && tab.queue.length === 0 && JSON.stringify(tab.cursor) === JSON.stringify(game.server.head()),
    )
    if (isDone) return
    must(round < 30, 'it never comes to rest')
  }
}

async function finishAll(game: Game): Promise<void> {
  for (let n = 0; [...game.tabs].some(({ tasks }) => tasks > 0); n++) {
    must(n < 5000, 'stuck')
    await goOn(game)
    raise(game)
  }
}

async function goOn({ rng, waiting }: Game): Promise<void> {
  const ready = [...waiting].filter(({ tab }) => !tab.isFrozen)
  if (ready.length > 0) rng.pick(ready).go()
  await turn()
}

/** Lets all promises settle. */
async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}

function raise({ failure }: Game): void {
  if (failure) throw failure
}

function attempt(game: Game, check: () => void): void {
  try {
    check()
  } catch (error) {
    game.failure ??= error
  }
}

// ---- the disk, seen from outside

function diskMeta({ device }: Game): DiskMeta | undefined {
  const state = device.records.stateByName.get(name)
  return state && readState(state).meta
}

// A disk that does not tell one database from another.
function hideInstance(persistence: Persistence): Persistence {
  const hide = (value: Json | undefined): Json | undefined =>
    typeof value === 'object' && value !== null && 'instance' in value ? { ...value, instance: 'any' } : value
  return {
    ...persistence,
    transact: (mode, stores, run) =>
      persistence.transact(mode, stores, (tx) => run({ ...tx, get: async (store, key) => hide(await tx.get(store, key)) })),
  }
}

// ---- rows

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
