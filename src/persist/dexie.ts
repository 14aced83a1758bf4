// The keeper that browsers use. The only file that knows Dexie; it is reached by a dynamic import alone, since Dexie weighs more than all the rest.

import { Dexie, type DexieOptions as DatabaseOptions, type Table, type Transaction } from 'dexie'
import { TidemarkError } from '../errors.ts'
import type { Clock } from '../util/clock.ts'
import type { Json } from '../util/json.ts'
import { type DiskTx, type Persistence, type RecordKey, type StoreName, storeNames } from './persistence.ts'

/** What the keeper needs of the world. */
export interface DexieOptions {
  /** The browser's; undefined where it gives none, which raises `disk/unavailable`. */
  readonly indexedDB: IDBFactory | undefined
  readonly IDBKeyRange: DatabaseOptions['IDBKeyRange'] | undefined
  readonly clock: Clock
  /** Relaxed, the default, survives a crash of the browser; strict one of the power too. */
  readonly durability?: 'relaxed' | 'strict'
}

const openLimitMs = 10_000
const transactLimitMs = 15_000
// Ours is version 1; Dexie counts in tens on disk.
const layoutVersion = 1
const nativeVersion = 10 * layoutVersion

/** Keeps records in IndexedDB, by Dexie. Whatever it raises is a `TidemarkError` of the family `disk/`, or `misuse/closed`. */
export async function dexie(name: string, options: DexieOptions): Promise<Persistence> {
  if (!options.indexedDB || !options.IDBKeyRange) throw new TidemarkError('disk/unavailable')
  const connection = createConnection(makeDatabase(name, options), options.clock)
  await connection.open()
  return makePersistence(connection, options.clock)
}

function makePersistence(connection: Connection, clock: Clock): Persistence {
  return {
    kind: 'indexeddb',
    async transact(mode, stores, run) {
      const attempt = { hasBegun: false }
      const once = () => transactOnce({ database: connection.database, mode, stores, run, attempt, clock })
      await connection.mustBeOpen()
      try {
        return await once()
      } catch (error) {
        // The browser may drop the connection at any time: site data cleared, the database deleted elsewhere. Nothing has run then.
        if (attempt.hasBegun || !isConnectionLost(error)) throw error
        await connection.reopen()
      }
      return once()
    },
    destroy: () => connection.destroy(),
    close: async () => connection.close(),
  }
}

interface Connection {
  readonly database: Dexie
  open(): Promise<void>
  reopen(): Promise<void>
  mustBeOpen(): Promise<void>
  destroy(): Promise<void>
  close(): void
}

function createConnection(database: Dexie, clock: Clock): Connection {
  let isClosed = false
  let isBlocked = false
  database.on('blocked', () => {
    isBlocked = true
  })
  // Another tab upgrades or deletes the database: stand aside at once. The next transaction opens what is there then.
  database.on('versionchange', () => {
    database.close({ disableAutoOpen: false })
    return false
  })
  const late = () => new TidemarkError(isBlocked ? 'disk/blocked' : 'disk/timeout')
  const open = async () => {
    const opening = Promise.resolve(database.open())
    await within(clock, openLimitMs, opening, () => {
      database.close()
      return late()
    }).catch((error: unknown) => Promise.reject(toDiskError(error)))
    if (isClosed) database.close()
    if (database.backendDB().version > nativeVersion) {
      database.close()
      throw new TidemarkError('disk/too-new')
    }
  }
  return {
    database,
    open,
    async reopen() {
      database.close({ disableAutoOpen: false })
      await open()
    },
    async mustBeOpen() {
      if (isClosed) throw new TidemarkError('misuse/closed')
      if (!database.isOpen()) await open()
    },
    async destroy() {
      isClosed = true
      await within(clock, openLimitMs, Promise.resolve(database.delete()), late).catch((error: unknown) =>
        Promise.reject(toDiskError(error)),
      )
    },
    close() {
      isClosed = true
      database.close()
    },
  }
}

function makeDatabase(name: string, { indexedDB, IDBKeyRange, durability = 'relaxed' }: DexieOptions): Dexie {
  const database = new Dexie(name, {
    ...(indexedDB && IDBKeyRange ? { indexedDB, IDBKeyRange } : {}),
    autoOpen: false,
    cache: 'disabled',
    chromeTransactionDurability: durability,
  })
  // Keys stand beside their values in all stores, and nothing is indexed.
  database.version(layoutVersion).stores(Object.fromEntries(storeNames.map((store) => [store, ''])))
  return database
}

interface Attempt<T> {
  readonly database: Dexie
  readonly mode: 'read' | 'write'
  readonly stores: readonly StoreName[]
  readonly run: (tx: DiskTx) => Promise<T>
  readonly attempt: { hasBegun: boolean }
  readonly clock: Clock
}

async function transactOnce<T>({ database, mode, stores, run, attempt, clock }: Attempt<T>): Promise<T> {
  let started: Transaction | undefined
  let thrown: { readonly error: unknown } | undefined
  const running = database.transaction(mode === 'write' ? 'rw!' : 'r!', stores, async (transaction) => {
    started = transaction
    attempt.hasBegun = true
    const { tx, written } = makeTx(transaction)
    const result = await run(tx).catch((error: unknown) => {
      thrown = { error }
      throw error
    })
    await written()
    return result
  })
  const late = () => {
    if (started?.active) started.abort()
    return new TidemarkError('disk/timeout')
  }
  return within(clock, transactLimitMs, Promise.resolve(running), late).catch((error: unknown) =>
    Promise.reject(thrown ? thrown.error : toDiskError(error, started?.idbtrans?.error)),
  )
}

function makeTx(transaction: Transaction): { readonly tx: DiskTx; readonly written: () => Promise<void> } {
  const table = (store: StoreName): Table<Json, RecordKey> => transaction.table(store)
  const writes: PromiseLike<unknown>[] = []
  // Dexie counts a range before it deletes it, so that what comes later could overtake: it waits.
  let clearing: PromiseLike<unknown> | undefined
  const inOrder = <T>(ask: () => PromiseLike<T>): PromiseLike<T> => (clearing ? clearing.then(ask) : ask())
  const read = async <T>(ask: () => PromiseLike<T>): Promise<T> => {
    try {
      return await inOrder(ask)
    } catch (error) {
      throw toDiskError(error, transaction.idbtrans?.error)
    }
  }
  const write = (ask: () => PromiseLike<unknown>) => {
    const asked = inOrder(ask)
    asked.then(undefined, ignore)
    writes.push(asked)
    return asked
  }
  const tx: DiskTx = {
    get: (store, key) => read(() => table(store).get(key)),
    async list(store, after) {
      const range = () => (after === undefined ? table(store).toCollection() : table(store).where(':id').above(after))
      const [keys, values] = await read(() => Dexie.Promise.all([range().primaryKeys(), range().toArray()]))
      return keys.map((key, index) => [key, values[index] as Json] as const)
    },
    put: (store, key, value) => void write(() => table(store).put(value, key)),
    delete: (store, key) => void write(() => table(store).delete(key)),
    clear(store, to) {
      clearing = write(() => (to === undefined ? table(store).clear() : table(store).where(':id').belowOrEqual(to).delete()))
    },
    lastKey: (store) =>
      read(() =>
        table(store)
          .toCollection()
          .reverse()
          .primaryKeys((keys) => keys[0]),
      ),
  }
  return { tx, written: async () => void (await Dexie.Promise.all(writes)) }
}

function ignore(): void {}

/** What `work` answers with, or, when it takes longer, what `late` makes of it. */
async function within<T>(clock: Clock, limitMs: number, work: Promise<T>, late: () => TidemarkError): Promise<T> {
  const finished = new AbortController()
  const watchdog = clock.sleep(limitMs, finished.signal).then(() => {
    if (!finished.signal.aborted) throw late()
  })
  try {
    return (await Promise.race([work, watchdog])) as T
  } finally {
    finished.abort()
  }
}

// Dexie wraps what the browser says, sometimes twice: the name that tells most lies inside.
function namesOf(error: unknown): readonly string[] {
  const names: string[] = []
  for (let at = error; typeof at === 'object' && at !== null && names.length < 8; ) {
    const { name, inner, cause } = at as { name?: unknown; inner?: unknown; cause?: unknown }
    if (typeof name === 'string') names.push(name)
    at = inner ?? cause
  }
  return names
}

function isConnectionLost(error: unknown): boolean {
  return namesOf(error).some((name) =>
    ['DatabaseClosedError', 'InvalidStateError', 'InvalidState', 'NotFoundError', 'UnknownError'].includes(name),
  )
}

// A request that was under way when its transaction failed says only that; the transaction says why.
function toDiskError(error: unknown, reason?: unknown): TidemarkError {
  if (error instanceof TidemarkError) return error
  const names = [...namesOf(error), ...namesOf(reason)]
  const says = (...known: readonly string[]) => names.some((name) => known.includes(name))
  if (says('QuotaExceededError')) return new TidemarkError('disk/quota', { cause: error })
  if (says('VersionError')) return new TidemarkError('disk/too-new', { cause: error })
  if (says('BlockedError')) return new TidemarkError('disk/blocked', { cause: error })
  if (says('TimeoutError')) return new TidemarkError('disk/timeout', { cause: error })
  return new TidemarkError('disk/unavailable', { cause: error })
}
