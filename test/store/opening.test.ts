import { expect, test } from 'vitest'
import {
  collection,
  createStore,
  defineMutators,
  defineSchema,
  memory as memoryTransport,
  mutator,
  TidemarkError,
} from '../../src/index.ts'
import { makeMemoryRecords, memory } from '../../src/persist/memory.ts'
import { createServer, memoryDatabase } from '../../src/server/index.ts'
import { createLocks } from '../kit/locks.ts'
import * as v from 'valibot'
import { inWorld } from '../kit/world.ts'
import { ending } from '../scenarios/steps.ts'
import { makePages } from '../sync/pages.ts'

const makeApp = (version: number) => {
  const schema = defineSchema({ version, collections: { notes: collection(v.object({ id: v.string() }), { crud: true }) } })
  return { name: 'app', schema, mutators: defineMutators(schema, {}) }
}

test('a disk that a newer app wrote is left alone: the store opens over memory and says why', async () => {
  const records = makeMemoryRecords()
  const newer = createStore({ ...makeApp(2), persistence: (name) => memory(name, records) })
  await newer.collections.notes.insert({ id: 'n1' })
  await newer.close()
  const before = JSON.stringify([...records.stateByName.values()])

  const older = createStore({ ...makeApp(1), persistence: (name) => memory(name, records) })
  const errors: string[] = []
  older.on('error', ({ error }) => errors.push(error.code))
  await older.ready
  expect(older.status.value).toMatchObject({ disk: 'disk/too-new', phase: 'ready' })
  expect(errors).toEqual(['disk/too-new'])
  await older.collections.notes.insert({ id: 'n2' })
  expect(older.query.notes.read()).toEqual([{ id: 'n2' }])
  await older.close()
  expect(JSON.stringify([...records.stateByName.values()])).toBe(before)
})

test('two tabs whose disk fails work from memory each by itself: neither waits for the other to sync', async () => {
  const server = createServer({ ...makeApp(1), database: memoryDatabase(), authorize: 'anyone' })
  const locks = createLocks()
  const world = { open: () => Promise.reject(new TidemarkError('disk/quota')), lock: locks.lock }
  const open = () => createStore({ ...makeApp(1), transport: memoryTransport(server), world })
  const [a, b] = [open(), open()]
  await (await a.collections.notes.insert({ id: 'a' })).confirmed
  await (await b.collections.notes.insert({ id: 'b' })).confirmed
  expect(a.status.value).toMatchObject({ disk: 'disk/quota', leader: true })
  expect(b.status.value).toMatchObject({ disk: 'disk/quota', leader: true })
  await a.close()
  await b.close()
  await server.close()
})

test('arguments whose schema does not take its own output are the developer’s to mend, before anything is queued', async () => {
  const { schema } = makeApp(1)
  const toNumber = v.pipe(v.string(), v.transform(Number))
  const mutators = defineMutators(schema, { add: mutator([toNumber], (tx, n) => tx.notes.insert({ id: String(n) })) })
  const store = createStore({ name: 'app', schema, mutators })
  await store.ready
  expect(() => store.mutate.add('7')).toThrow(expect.objectContaining({ code: 'misuse/schema' }))
  expect(store.status.value.pending).toBe(0)
  await store.close()
})

test('a disk that fails once it was read confirms nothing of what other tabs have queued', () =>
  inWorld(1, {}, async (world) => {
    const pages = makePages(world)
    const other = pages.open()
    await world.run(other.sync())
    other.goOffline()
    await world.run(other.mutate.increment('c', 1))
    let isFailing = false
    const store = pages.open({
      async before(mode) {
        if (isFailing && mode === 'read') throw new TidemarkError('disk/timeout')
        if (isFailing || mode === 'read') return
        // the log moves, so that the store must look again
        await other.mutate.increment('other', 1)
        isFailing = true
      },
    })
    const told: string[] = []
    store.on('confirmed', ({ id }) => told.push(`confirmed ${id}`))
    store.on('lost', () => told.push('lost'))
    store.mutate.increment('c', 1)
    await world.clock.advance(1_000)
    expect(told).toEqual([])
  }))

test('a discard before the disk was read waits for it', () =>
  inWorld(1, {}, async (world) => {
    const { store } = world.device('a')
    expect(await world.run(ending(store.quarantine.discard('nothing')))).toBe('well')
  }))
