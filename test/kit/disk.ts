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
  const note = (commit: TestCommit): void => {
    const history = historyByName.get(commit.name) ?? []
    history.push(commit.before)
    historyByName.set(commit.name, history.slice(-historyLimit))
    options.onCommit?.(commit)
  }
  const device: TestDevice = {
    records,
    isFull: false,
    tab: (pause = options.pause ?? (async () => {})) => makeTab({ device, rng: options.rng, pause, note }),
    loseLast(name, commits) {
      const history = historyByName.get(name) ?? []
      const lost = history.splice(Math.max(0, history.length - commits))
      if (lost.length > 0) restore(records, name, lost[0])
      return lost.length
    },
    clear(name) {
      historyByName.delete(name)
      records.stateByName.delete(name)
    },
  }
  return device
}

function restore(records: MemoryRecords, name: string, state: MemoryState | undefined): void {
  if (state) records.stateByName.set(name, state)
  else records.stateByName.delete(name)
}

interface TabOptions {
  readonly device: TestDevice
  readonly rng: Rng
  readonly pause: () => Promise<void>
  readonly note: (commit: TestCommit) => void
}

function makeTab({ device, rng, pause, note }: TabOptions): TestTab {
  const waiting = new Set<() => unknown>()
  let isDead = false
  const tab: TestTab = {
    get isDead() {
      return isDead
    },
    kill() {
      isDead = true
      for (const begin of waiting) if (rng.chance(0.5)) begin()
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
    let before: MemoryState | undefined
    const result = await inner.transact(mode, stores, (tx) => {
      before = device.records.stateByName.get(name)
      return run(tx)
    })
    if (mode === 'write') note({ tab, name, before, after: device.records.stateByName.get(name) })
    return result
  }
}

type Asked<T> = readonly [mode: 'read' | 'write', stores: readonly StoreName[], run: (tx: DiskTx) => Promise<T>]

function never<T>(): Promise<T> {
  return new Promise<T>(() => {})
}
