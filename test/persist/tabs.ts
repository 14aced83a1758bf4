/*
 * Tabs over one disk, without a store: a model of how a disk is used, over the layout itself. Rows a* are for all, rows b* for an audience that comes and goes.
 * Every transaction waits twice; which of the waiting ones goes on is drawn.
 */
import type { TidemarkError } from '../../src/errors.ts'
import { openDisk } from '../../src/persist/open-disk.ts'
import type { Persistence } from '../../src/persist/persistence.ts'
import type { Json } from '../../src/util/json.ts'
import { createTestDevice } from '../kit/disk.ts'
import { createRng } from '../kit/rng.ts'
import { createModelServer } from './tabs-server.ts'
import {
  type Bug,
  compact,
  databaseName,
  flush,
  follow,
  lead,
  makeMemory,
  mutate,
  open,
  rebuild,
  type Surroundings,
  sync,
  type Tab,
  type Task,
} from './tabs-tasks.ts'
import { checkCommit, isDiskError, must, rollBack, type Truth, Violation } from './tabs-truth.ts'

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

interface Game extends Surroundings {
  readonly tabs: Set<Tab>
  readonly waiting: Set<{ readonly tab: Tab; go(): void }>
  tabsMade: number
  idsMade: number
  failure: unknown
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
    device.loseLast(databaseName, rng.int(0, 3))
    rollBack(truth, device.records.stateByName.get(databaseName))
  } else if (draw < 0.067) {
    device.clear(databaseName)
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
  const persistence = await handle.open(databaseName)
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
function kill(game: Game, tab: Tab): void {
  tab.handle.kill()
  game.tabs.delete(tab)
  for (const waiting of [...game.waiting]) if (waiting.tab === tab) game.waiting.delete(waiting)
}
// ---- the end: nobody freezes or dies any more, and all must come to rest

async function calmDown(game: Game): Promise<void> {
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
