// A whole world in one process: n devices and one server, on the production code, in virtual time, over a seeded lossy network and killable disks.
//
//   device ─ page ─ store ─▶ http ─▶ net (faults by the seed) ─▶ server.fetch ─▶ memory database
//      └ records: what survives the page
//
// The same seed gives the same run. `inWorld` prints the seed of a run that fails, and the command that replays it.
import { expect } from 'vitest'
import type { AnyRow } from '../../src/schema/row.ts'
import { createServer, memoryDatabase, type Server, type ServerOptions } from '../../src/server/index.ts'
import { createStore, http, type Store, type StoreOptions } from '../../src/index.ts'
import { makeMemoryRecords, memory } from '../../src/persist/memory.ts'
import type { Persistence } from '../../src/persist/persistence.ts'
import type { TidemarkError } from '../../src/errors.ts'
import type { World } from '../../src/store/world.ts'
import { createVirtualClock, type VirtualClock } from './clock.ts'
import { createChannels, createLocks } from './locks.ts'
import { createNet, type Net, type NetFaults } from './net.ts'
import { createRng, type Rng } from './rng.ts'
import { mutators, schema } from './schemas.ts'

type C = (typeof schema)['collections']
type M = (typeof mutators)['mutators']

/** How a world begins. */
export interface WorldOptions {
  readonly faults?: Partial<NetFaults>
  readonly server?: Partial<ServerOptions<C, M>>
  /** Without pokes the stores poll. */
  readonly poke?: 'sse' | 'none'
}

/** A world of devices around one server. */
export interface TestWorld {
  readonly seed: number
  readonly clock: VirtualClock
  readonly rng: Rng
  readonly net: Net
  readonly server: Server
  /** A device that is not there yet, with a page open. */
  device(name: string, options?: Partial<StoreOptions<C, M>>): Device
  /** Lets time pass until `work` has settled. */
  run<T>(work: PromiseLike<T>): Promise<T>
  /** Lets time pass until everybody has said and heard all; throws where that takes more than `limitMs`. */
  quiesce(limitMs?: number): Promise<void>
  /** Puts another server over the same database, or none, as a crash and a restart do. */
  restartServer(isUp: boolean): void
  /** What everybody in the space could see at a version; undefined where it was not recorded. */
  rowsAt(version: number): Readonly<Record<string, readonly AnyRow[]>> | undefined
  /** What the server has, by a device of its own. */
  serverRows(): Promise<Readonly<Record<string, readonly AnyRow[]>>>
  close(): Promise<void>
}

/** One device: its records survive its pages. */
export interface Device {
  readonly name: string
  readonly store: Store<C, M>
  /** The stores of all its pages that live, oldest first. */
  readonly tabs: readonly Store<C, M>[]
  /** Everything that went wrong and was reported, by all pages. */
  readonly errors: readonly TidemarkError[]
  /** What the disk refuses from now on; undefined is nothing. */
  refuse(error: TidemarkError | undefined): void
  /** Site data is cleared under the open pages. */
  clear(): void
  /** The page is gone in this instant: nothing of it runs on, what is on disk stays. */
  kill(): void
  /** Opens a page, after a kill or as one more tab. */
  open(): Store<C, M>
  /** Rows of all collections as the user sees them, in order. */
  rows(): Readonly<Record<string, readonly AnyRow[]>>
}

/** Runs a story in a world of its own; a failure names its seed. */
export async function inWorld(seed: number, options: WorldOptions, story: (world: TestWorld) => Promise<void>): Promise<void> {
  const world = createWorld(seed, options)
  try {
    await story(world)
  } catch (error) {
    const trace = world.net.trace.slice(-20).join('\n  ')
    const { currentTestName } = expect.getState()
    if (error instanceof Error)
      error.message = `seed ${seed} (replay: SEED=${seed} npx vitest run -t "${currentTestName ?? ''}")\n${error.message}\n  ${trace}`
    throw error
  } finally {
    await world.close()
  }
}

/** The seeds that a test runs: SEED alone where it is set, else `count` from `first`; SEEDS sets another count. */
export function seedsOf(count: number, first = 1): readonly number[] {
  const { SEED, SEEDS } = process.env
  return SEED ? [Number(SEED)] : Array.from({ length: SEEDS ? Number(SEEDS) : count }, (_, i) => first + i)
}

function createWorld(seed: number, { faults = {}, server: serverOptions = {}, poke = 'sse' }: WorldOptions): TestWorld {
  const rng = createRng(seed)
  const clock = createVirtualClock()
  const randomOfServer = rng.fork('server')
  const subtle = {
    importKey: (...args: Parameters<SubtleCrypto['importKey']>) => clock.outside(crypto.subtle.importKey(...args)),
    sign: (...args: Parameters<SubtleCrypto['sign']>) => clock.outside(crypto.subtle.sign(...args)),
    verify: (...args: Parameters<SubtleCrypto['verify']>) => clock.outside(crypto.subtle.verify(...args)),
  } as SubtleCrypto
  const database = memoryDatabase({ randomBytes: (count) => randomOfServer.bytes(count) })
  const history = new Map<number, Readonly<Record<string, readonly AnyRow[]>>>([[0, sortRows([])]])
  void database.listen((space) => {
    void database.read(space, async (reader) => {
      const { version } = await reader.head()
      const rows = await reader.changes(new Map([['shared', [0, '', ''] as const]]), 100_000)
      history.set(version, sortRows(rows.flatMap((row) => ('value' in row ? [row] : []))))
    })
  })
  const makeServer = (): Server =>
    createServer({
      schema,
      mutators,
      database,
      authenticate: (request) => ({ user: request.headers.get('x-user') || null }),
      authorize: 'anyone',
      world: { clock, randomBytes: (count) => randomOfServer.bytes(count), subtle, report: () => {} },
      ...serverOptions,
    })
  let server: Server | undefined = makeServer()
  const front = {
    fetch: (request: Request): Promise<Response> => server?.fetch(request) ?? Promise.reject(new TypeError('fetch failed')),
    close: async (): Promise<void> => server?.close(),
  }
  const net = createNet({ clock, rng: rng.fork('net'), server: front, faults })
  const devices: DeviceState[] = []
  const run = async <T>(work: PromiseLike<T>): Promise<T> => {
    let isDone = false
    const done = (): void => {
      isDone = true
    }
    work.then(done, done)
    await clock.runUntil(() => isDone)
    return work
  }
  const device = (name: string, options: Partial<StoreOptions<C, M>> = {}): Device => {
    const made = createDevice(name, { clock, rng: rng.fork(name), net, poke, options })
    devices.push(made)
    return made
  }
  return {
    seed,
    clock,
    rng,
    net,
    server: front,
    device,
    run,
    async quiesce(limitMs = 600_000) {
      const stores = devices.flatMap(({ pages }) => pages).filter((page) => !page.isDead && page.store.status.peek().phase !== 'closed')
      const isQuiet = (): boolean => {
        const statuses = stores.map(({ store }) => store.status.peek())
        const newest = Math.max(...statuses.map(({ version }) => version))
        return statuses.every(
          ({ pending, version, phase, connection }) => pending === 0 && phase === 'ready' && connection === 'idle' && version === newest,
        )
      }
      await clock.settle()
      for (let round = 0; ; round++) {
        if (!isQuiet()) {
          await clock.runUntil(isQuiet, limitMs).catch((error: unknown) => {
            throw new Error(
              `It does not come to rest: ${JSON.stringify(
                stores.map(({ store }) => store.status.peek()),
                null,
                1,
              )}`,
              { cause: error },
            )
          })
        }
        // quiet once may be a moment before the next poke: ask everybody, and look again
        for (const { store } of stores) store.sync().catch(() => {})
        await clock.advance(2_000)
        if (isQuiet()) return
        if (round === 20) throw new Error('It does not come to rest.')
      }
    },
    restartServer(isUp) {
      server = isUp ? makeServer() : undefined
    },
    rowsAt: (version) => history.get(version),
    async serverRows() {
      const reader = createDevice(`reader ${clock.elapsedMs}`, {
        clock,
        rng: rng.fork('reader'),
        net: createNet({ clock, rng: rng.fork('reader net'), server: front }),
        poke: 'none',
        options: {},
      })
      const { store } = reader
      await run(store.sync())
      const rows = reader.rows()
      reader.kill()
      return rows
    },
    async close() {
      for (const { pages } of devices) for (const page of pages) page.kill()
      await clock.settle()
    },
  }
}

function sortRows(stored: readonly { readonly collection: string; readonly value: AnyRow }[]): Readonly<Record<string, readonly AnyRow[]>> {
  const visible = Object.entries(schema.collections).filter(
    ([, { options }]) => (options as { readonly audience?: string }).audience !== 'server',
  )
  const rowsOf = (name: string): AnyRow[] => stored.filter(({ collection }) => collection === name).map(({ value }) => value)
  return Object.fromEntries(visible.map(([name]) => [name, rowsOf(name).sort((a, b) => (a.id < b.id ? -1 : 1))]))
}

interface Page {
  readonly store: Store<C, M>
  isDead: boolean
  kill(): void
}

interface DeviceState extends Device {
  readonly pages: readonly Page[]
}

interface DeviceParts {
  readonly clock: VirtualClock
  readonly rng: Rng
  readonly net: Net
  readonly poke: 'sse' | 'none'
  readonly options: Partial<StoreOptions<C, M>>
}

function createDevice(name: string, { clock, rng, net, poke, options }: DeviceParts): DeviceState {
  const records = makeMemoryRecords()
  const locks = createLocks()
  const channels = createChannels()
  const errors: TidemarkError[] = []
  const pages: Page[] = []
  let refusal: TidemarkError | undefined

  const open = (): Store<C, M> => {
    const life = new AbortController()
    const world: World = {
      clock: { now: () => clock.now(), sleep: (ms, signal) => untilDeath(life.signal, clock.sleep(ms, anyOf(life.signal, signal))) },
      randomBytes: (count) => rng.bytes(count),
      fetch: (url, init) => untilDeath(life.signal, net.fetch(name)(url, { ...init, signal: anyOf(life.signal, init.signal) })),
      open: async (database) => mortal(await memory(database, records), { life: life.signal, refusal: () => refusal, clock, rng }),
      lock: (lock, signal, hold) => untilDeath(life.signal, locks.lock(lock, signal, hold, life.signal)),
      channel: (channel, onMessage) => {
        const opened = channels.open(channel, onMessage)
        life.signal.addEventListener('abort', () => opened.close())
        return opened
      },
      onNetwork: () => () => {},
      onVisible: () => () => {},
      stopwatch: () => 0,
      isDevelopment: true,
    }
    const user = options.user ?? null
    const transport = http({ url: 'http://server.invalid/sync', poke, headers: user === null ? {} : { 'x-user': user } })
    const store = createStore({ name, schema, mutators, transport, ...options, world })
    store.on('error', ({ error }) => errors.push(error))
    const page: Page = {
      store,
      isDead: false,
      kill() {
        page.isDead = true
        life.abort()
      },
    }
    pages.push(page)
    return store
  }
  open()
  return {
    name,
    pages,
    errors,
    get store() {
      return (pages.at(-1) as Page).store
    },
    get tabs() {
      return pages.filter(({ isDead }) => !isDead).map(({ store }) => store)
    },
    refuse(error) {
      refusal = error
    },
    clear() {
      records.stateByName.clear()
    },
    kill() {
      for (const page of pages) page.kill()
    },
    open,
    rows() {
      const { store } = this
      return Object.fromEntries(
        Object.keys(store.query).map((collection) => [collection, store.query[collection as 'notes'].read() as readonly AnyRow[]]),
      )
    },
  }
}

// The disk of a page that dies: a transaction under way happened wholly or not at all, by chance, and nobody hears of it.
function mortal(
  persistence: Persistence,
  {
    life,
    refusal,
    clock,
    rng,
  }: { readonly life: AbortSignal; readonly refusal: () => TidemarkError | undefined; readonly clock: VirtualClock; readonly rng: Rng },
): Persistence {
  const never = new Promise<never>(() => {})
  return {
    kind: persistence.kind,
    async transact(mode, stores, run) {
      if (life.aborted) return never
      await clock.sleep(rng.int(0, 2))
      if (life.aborted) return never
      if (mode === 'write') {
        const error = refusal()
        if (error) throw error
      }
      const result = await persistence.transact(mode, stores, run)
      if (mode === 'write') await clock.sleep(rng.int(0, 2))
      return life.aborted ? never : result
    },
    destroy: () => persistence.destroy(),
    close: () => (life.aborted ? never : persistence.close()),
  }
}

function untilDeath<T>(life: AbortSignal, work: Promise<T>): Promise<T> {
  const watched = work.then(
    (value) => (life.aborted ? new Promise<never>(() => {}) : value),
    (error: unknown) => {
      if (life.aborted) return new Promise<never>(() => {})
      throw error
    },
  )
  return watched as Promise<T>
}

function anyOf(life: AbortSignal, other: AbortSignal | null | undefined): AbortSignal {
  return other ? AbortSignal.any([life, other]) : life
}
