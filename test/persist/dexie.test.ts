import { forceCloseDatabase, IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { expect, test } from 'vitest'
import { dexie } from '../../src/persist/dexie.ts'
import { storeNames } from '../../src/persist/persistence.ts'
import { diskSuite } from '../contract/disk.ts'
import { persistenceSuite } from '../contract/persistence.ts'
import { createVirtualClock } from '../kit/clock.ts'

const indexedDB = new IDBFactory()
const clock = createVirtualClock()
const keeper = { name: 'dexie over fake-indexeddb', open: (name: string) => dexie(name, { indexedDB, IDBKeyRange, clock }) }

persistenceSuite(keeper)
diskSuite(keeper)

test('HS14 without IndexedDB it raises disk/unavailable', async () => {
  await expect(dexie('a', { indexedDB: undefined, IDBKeyRange, clock })).rejects.toMatchObject({ code: 'disk/unavailable' })
})

test('HS14 an IndexedDB that refuses to open is disk/unavailable, and carries the cause', async () => {
  const refusing = withOpen(() => {
    throw new DOMException('no', 'SecurityError')
  })
  await expect(dexie('a', { indexedDB: refusing, IDBKeyRange, clock })).rejects.toMatchObject({
    code: 'disk/unavailable',
    cause: expect.anything(),
  })
})

test('HS13 an open that never answers is disk/timeout after 10 s', async () => {
  const never = withOpen(() => ({}) as IDBOpenDBRequest)
  const outcome = caught(dexie('a', { indexedDB: never, IDBKeyRange, clock }))
  await clock.advance(9_000)
  expect(outcome.code).toBeUndefined()
  await clock.advance(1_001)
  expect(outcome.code).toBe('disk/timeout')
})

test('HS13 a transaction that never completes is disk/timeout after 15 s, and has not happened', async () => {
  const timers: { ms: number; wake(): void }[] = []
  const slow = { now: () => 0, sleep: (ms: number) => new Promise<void>((wake) => timers.push({ ms, wake })) }
  const persistence = await dexie('stuck', { indexedDB, IDBKeyRange, clock: slow })
  const working = persistence.transact('write', ['meta'], async (tx) => {
    tx.put('meta', 'a', 1)
    // A disk that answers every request, and never comes to an end.
    while (outcome.code === undefined) await tx.get('meta', 'a')
  })
  const outcome = caught(working)
  await turns()
  expect(outcome.code).toBeUndefined()
  expect(timers.map(({ ms }) => ms)).toEqual([10_000, 15_000])
  timers.at(-1)?.wake()
  await turns()
  expect(outcome.code).toBe('disk/timeout')
  expect(await persistence.transact('read', ['meta'], (tx) => tx.get('meta', 'a'))).toBeUndefined()
  await persistence.close()
})

test('HS12 a connection that was lost is opened again', async () => {
  const connections: IDBDatabase[] = []
  const watched = withOpen((name, version) => {
    const request = indexedDB.open(name, version)
    request.addEventListener('success', () => connections.push(request.result))
    return request
  })
  const persistence = await dexie('lost', { indexedDB: watched, IDBKeyRange, clock })
  await persistence.transact('write', ['meta'], async (tx) => tx.put('meta', 'a', 1))
  const before = connections.length
  for (const connection of connections) forceCloseDatabase(connection as never)
  await turns()
  await persistence.transact('write', ['meta'], async (tx) => tx.put('meta', 'b', 2))
  expect(connections.length).toBeGreaterThan(before)
  expect(await persistence.transact('read', ['meta'], (tx) => tx.list('meta'))).toEqual([
    ['a', 1],
    ['b', 2],
  ])
  await persistence.close()
})

test('HS4 a database of a newer layout is disk/too-new, and is left as it is', async () => {
  const newer = await open('newer', 50, (database) => {
    for (const store of [...storeNames, 'more']) database.createObjectStore(store)
  })
  newer.close()
  await expect(keeper.open('newer')).rejects.toMatchObject({ code: 'disk/too-new' })
  const left = await open('newer')
  expect(left.version).toBe(50)
  left.close()
})

test('HS3 a tab stands aside when another one upgrades the database, and finds it too new then', async () => {
  const persistence = await keeper.open('upgraded')
  await persistence.transact('write', ['meta'], async (tx) => tx.put('meta', 'a', 1))
  const newer = await open('upgraded', 50, (database) => void database.createObjectStore('more'))
  newer.close()
  await expect(persistence.transact('read', ['meta'], (tx) => tx.get('meta', 'a'))).rejects.toMatchObject({ code: 'disk/too-new' })
  await persistence.close()
})

test.each([
  ['QuotaExceededError', 'disk/quota'],
  ['UnknownError', 'disk/unavailable'],
])('HS1 HS8 a commit that ends in %s is %s, and nothing of it happened', async (name, code) => {
  const persistence = await dexie(`abort ${name}`, { indexedDB: withAbort(name), IDBKeyRange, clock })
  await persistence.transact('write', ['log'], async (tx) => tx.put('log', 1, 'small'))
  await expect(
    persistence.transact('write', ['meta', 'log'], async (tx) => {
      tx.put('log', 2, 'small')
      tx.put('meta', 'a', 'large')
    }),
  ).rejects.toMatchObject({ code })
  const left = await persistence.transact('read', ['meta', 'log'], (tx) => Promise.all([tx.list('meta'), tx.list('log')]))
  expect(left).toEqual([[], [[1, 'small']]])
  await persistence.close()
})

interface Outcome {
  code?: string
}

function caught(work: Promise<unknown>): Outcome {
  const outcome: Outcome = {}
  work.catch((error: unknown) => {
    outcome.code = (error as { code: string }).code
  })
  return outcome
}

async function turns(): Promise<void> {
  for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve))
}

function withOpen(open: IDBFactory['open']): IDBFactory {
  return {
    open,
    deleteDatabase: (name: string) => indexedDB.deleteDatabase(name),
    cmp: (a: unknown, b: unknown) => indexedDB.cmp(a, b),
  } as IDBFactory
}

function open(name: string, version?: number, upgrade?: (database: IDBDatabase) => void): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, version)
    request.onupgradeneeded = () => upgrade?.(request.result as IDBDatabase)
    request.onerror = reject
    request.onsuccess = () => resolve(request.result as IDBDatabase)
  })
}

// A disk on which a put of 'large' aborts its transaction, the way Chromium does when the quota is reached.
function withAbort(name: string): IDBFactory {
  return withOpen((...args) => {
    const request = indexedDB.open(...args)
    request.addEventListener('success', () => {
      const database = request.result as IDBDatabase
      const begin = database.transaction.bind(database)
      database.transaction = (...asked) => {
        const transaction = begin(...asked)
        const find = transaction.objectStore.bind(transaction)
        transaction.objectStore = (of) => {
          const store = find(of)
          const put = store.put.bind(store)
          store.put = (value, key) => {
            const asking = put(value, key)
            if (value === 'large') {
              Object.defineProperty(transaction, 'error', { value: new DOMException('full', name) })
              setImmediate(() => transaction.abort())
            }
            return asking
          }
          return store
        }
        return transaction
      }
    })
    return request as IDBOpenDBRequest
  })
}
