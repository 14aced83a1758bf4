import { TidemarkError } from '../errors.ts'
import { assert } from '../util/assert.ts'
import type { Json } from '../util/json.ts'
import type { DiskTx, Persistence, RecordKey, StoreName } from './persistence.ts'
import { storeNames } from './persistence.ts'

/** The records of a database at one moment: each store in the order of its keys. It never changes: a commit puts another in its place. */
export type MemoryState = Readonly<Record<StoreName, readonly MemoryRecord[]>>
type MemoryRecord = readonly [key: RecordKey, value: Json]

/** The databases of one device by name; whoever opens a name twice, as two tabs or before and after a reload, meets the same records. */
export interface MemoryRecords {
  readonly stateByName: Map<string, MemoryState>
  /** By name: resolves when the last writer so far has ended. */
  readonly turnByName: Map<string, Promise<unknown>>
}

/** An empty device. */
export function makeMemoryRecords(): MemoryRecords {
  return { stateByName: new Map(), turnByName: new Map() }
}

/** Keeps records in memory: for tests, simulations, and where a browser gives no storage. Without `records` nobody else meets them. */
export async function memory(name: string, records: MemoryRecords = makeMemoryRecords()): Promise<Persistence> {
  let isClosed = false
  const runOn = async <T>({ mode, stores, run }: Asked<T>): Promise<T> => {
    const { tx, after } = makeTx(records.stateByName.get(name) ?? emptyState, stores)
    const result = await run(tx)
    if (mode === 'write') records.stateByName.set(name, after())
    return result
  }
  return {
    kind: 'memory',
    async transact(mode, stores, run) {
      if (isClosed) throw new TidemarkError('misuse/closed')
      // Readers wait for the writers before them, and for no others.
      const turn = (records.turnByName.get(name) ?? Promise.resolve()).then(() => runOn({ mode, stores, run }))
      if (mode === 'write') records.turnByName.set(name, turn.then(ignore, ignore))
      return turn
    },
    async destroy() {
      await records.turnByName.get(name)
      records.stateByName.delete(name)
      isClosed = true
    },
    async close() {
      isClosed = true
    },
  }
}

const emptyState = Object.fromEntries(storeNames.map((store) => [store, []])) as unknown as MemoryState

function ignore(): void {}

interface Asked<T> {
  readonly mode: 'read' | 'write'
  readonly stores: readonly StoreName[]
  readonly run: (tx: DiskTx) => Promise<T>
}

function makeTx(before: MemoryState, stores: readonly StoreName[]): { readonly tx: DiskTx; readonly after: () => MemoryState } {
  const changed: Partial<Record<StoreName, MemoryRecord[]>> = {}
  const view = (store: StoreName) => {
    assert(stores.includes(store), `the transaction did not ask for the store ${store}`)
    return changed[store] ?? before[store]
  }
  const draft = (store: StoreName) => (changed[store] ??= [...before[store]])
  const tx: DiskTx = {
    async get(store, key) {
      const [index, isThere] = findRecord(view(store), key)
      return isThere ? view(store)[index]?.[1] : undefined
    },
    async list(store, after) {
      if (after === undefined) return view(store).slice()
      const [index, isThere] = findRecord(view(store), after)
      return view(store).slice(isThere ? index + 1 : index)
    },
    put(store, key, value) {
      const [index, isThere] = findRecord(view(store), key)
      draft(store).splice(index, isThere ? 1 : 0, [key, copyFrozen(value)])
    },
    delete(store, key) {
      const [index, isThere] = findRecord(view(store), key)
      if (isThere) draft(store).splice(index, 1)
    },
    clear(store, to) {
      if (to === undefined) return void draft(store).splice(0)
      const [index, isThere] = findRecord(view(store), to)
      draft(store).splice(0, isThere ? index + 1 : index)
    },
    async lastKey(store) {
      return view(store).at(-1)?.[0]
    },
  }
  return { tx, after: () => ({ ...before, ...changed }) }
}

// Where a key stands, or would stand, and whether it is there.
function findRecord(records: readonly MemoryRecord[], key: RecordKey): readonly [index: number, isThere: boolean] {
  let low = 0
  let high = records.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compareKeys(records[middle]?.[0] ?? 0, key) < 0) low = middle + 1
    else high = middle
  }
  return [low, records[low]?.[0] === key]
}

// As IndexedDB sorts: numbers before text.
function compareKeys(a: RecordKey, b: RecordKey): number {
  if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1
  return a < b ? -1 : a > b ? 1 : 0
}

// What a disk would do: what is put may change afterwards without changing the record.
function copyFrozen(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return Object.freeze(value.map((item: Json) => copyFrozen(item)))
  const entries = Object.entries(value).filter((entry): entry is [string, Json] => entry[1] !== undefined)
  return Object.freeze(Object.fromEntries(entries.map(([key, item]) => [key, copyFrozen(item)])))
}
