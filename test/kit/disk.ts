// A device whose disk can be slow, full, cleared, thrown back in time, and whose tabs can be killed at any moment; all by the seed.
import { TidemarkError } from '../../src/errors.ts'
import { makeMemoryRecords, type MemoryRecords, type MemoryState, memory } from '../../src/persist/memory.ts'
import type { DiskTx, OpenPersistence, Persistence, StoreName } from '../../src/persist/persistence.ts'
import type { Rng } from './rng.ts'

/** What a device is made of. */
export interface TestDeviceOptions {
  readonly rng: Rng
  /** Waited for before and after each transaction: how long the disk takes. At once where it is left out. */
  readonly pause?: () => Promise<void>
  /** Told of each commit, as it happens. */
  readonly onCommit?: (commit: TestCommit) => void
}

/** One commit of a tab. */
export interface TestCommit {
  readonly tab: TestTab
  readonly name: string
  readonly before: MemoryState | undefined
  readonly after: MemoryState | undefined
}

/** A device with a disk. */
export interface TestDevice {
  readonly records: MemoryRecords
  /** Whether every write is refused with `disk/quota`. */
  isFull: boolean
  /** A tab, with its own way to the disk. `pause` replaces the device's. */
  tab(pause?: () => Promise<void>): TestTab
  /** The power went: the last commits of a database are gone. Kill its tabs first. Answers with how many went. */
  loseLast(name: string, commits: number): number
  /** Site data is cleared under open tabs. */
  clear(name: string): void
}

/** One tab's way to the disk. */
export interface TestTab {
  readonly open: OpenPersistence
  readonly isDead: boolean
  /** Ends the tab. Of what was under way, each transaction happens wholly or not at all; nothing that the tab waits for ever comes. */
  kill(): void
}

const historyLimit = 50

/** A device with an empty disk. */
export function createTestDevice(options: TestDeviceOptions): TestDevice {
  const records = makeMemoryRecords()
  const historyByName = new Map<string, (MemoryState | undefined)[]>()
  const writerByName = new Map<string, TestTab>()
  // Writers of one name run one after another, so whoever began last is the one that commits.
  const put = records.stateByName.set.bind(records.stateByName)
  records.stateByName.set = (name, after) => {
    const [tab, before] = [writerByName.get(name), records.stateByName.get(name)]
    put(name, after)
    if (!tab) return records.stateByName
    historyByName.set(name, [...(historyByName.get(name) ?? []), before].slice(-historyLimit))
    options.onCommit?.({ tab, name, before, after })
    return records.stateByName
  }
  const begin = (name: string, tab: TestTab): void => void writerByName.set(name, tab)
  const device: TestDevice = {
    records,
    isFull: false,
    tab: (pause = options.pause ?? (async () => {})) => makeTab({ device, rng: options.rng, pause, onBegin: begin }),
    loseLast(name, commits) {
      const history = historyByName.get(name) ?? []
      const lost = history.splice(Math.max(0, history.length - commits))
      writerByName.delete(name)
      if (lost[0]) records.stateByName.set(name, lost[0])
      else if (lost.length > 0) records.stateByName.delete(name)
      return lost.length
    },
    clear(name) {
      historyByName.delete(name)
      records.stateByName.delete(name)
    },
  }
  return device
}

interface TabOptions {
  readonly device: TestDevice
  readonly rng: Rng
  readonly pause: () => Promise<void>
  readonly onBegin: (name: string, tab: TestTab) => void
}

function makeTab({ device, rng, pause, onBegin }: TabOptions): TestTab {
  const waiting = new Set<() => Promise<unknown>>()
  let isDead = false
  const tab: TestTab = {
    get isDead() {
      return isDead
    },
    kill() {
      isDead = true
      for (const begin of waiting) if (rng.chance(0.5)) begin().catch(ignore)
      waiting.clear()
    },
    async open(name) {
      if (isDead) return never()
      const inner = await memory(name, device.records)
      return {
        kind: 'memory',
        transact: (mode, stores, run) => transact(inner, name, [mode, stores, run]),
        destroy: () => (isDead ? never() : inner.destroy()),
        close: () => (isDead ? never() : inner.close()),
      }
    },
  }
  return tab

  async function transact<T>(inner: Persistence, name: string, asked: Asked<T>): Promise<T> {
    if (isDead) return never()
    const [mode] = asked
    const begin = () => commit(inner, name, asked)
    if (mode === 'write') waiting.add(begin)
    await pause()
    if (isDead) return never()
    waiting.delete(begin)
    if (mode === 'write' && device.isFull) throw new TidemarkError('disk/quota')
    const outcome = await begin().then(
      (value) => () => value,
      (error: unknown) => () => {
        throw error
      },
    )
    await pause()
    return isDead ? never() : outcome()
  }

  async function commit<T>(inner: Persistence, name: string, [mode, stores, run]: Asked<T>): Promise<T> {
    return inner.transact(mode, stores, (tx) => {
      if (mode === 'write') onBegin(name, tab)
      return run(tx)
    })
  }
}

type Asked<T> = readonly [mode: 'read' | 'write', stores: readonly StoreName[], run: (tx: DiskTx) => Promise<T>]

// Whom it would be told to is dead.
function ignore(): void {}

function never<T>(): Promise<T> {
  return new Promise<T>(() => {})
}
