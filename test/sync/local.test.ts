import { expect, test } from 'vitest'
import { TidemarkError } from '../../src/errors.ts'
import { createStore, defineMutators, defineSchema } from '../../src/index.ts'
import { makeMemoryRecords, memory, type MemoryRecords } from '../../src/persist/memory.ts'
import { inWorld, type TestWorld } from '../kit/world.ts'
import { mutators, schema } from '../kit/schemas.ts'
import { type AppStore, makePages } from './pages.ts'

function countOf(store: AppStore): unknown {
  return store.collections.counters.entity('c').value?.value
}

function recordsIn(records: MemoryRecords, store: 'log' | 'queue'): number {
  const [state] = records.stateByName.values()
  return state?.[store].length ?? 0
}

async function openPage(world: TestWorld, pages: ReturnType<typeof makePages>, disk = {}): Promise<AppStore> {
  const page = pages.open(disk)
  await world.run(page.ready)
  await world.clock.advance(100)
  return page
}

test('without a transport a burst is one record of the log, and nothing is queued', () =>
  inWorld(1, {}, async (world) => {
    const records = makeMemoryRecords()
    const pages = makePages(world, { hasServer: false, records })
    const page = await openPage(world, pages)
    const before = recordsIn(records, 'log')
    const writings = Array.from({ length: 50 }, () => page.mutate.increment('c', 1))
    expect(countOf(page)).toBe(50)
    const queued: number[] = []
    while (page.status.value.pending > 0) {
      queued.push(recordsIn(records, 'queue'))
      await world.clock.advance(1)
    }
    await world.run(Promise.all(writings.flatMap(({ durable, accepted, confirmed }) => [durable, accepted, confirmed])))
    expect([recordsIn(records, 'log') - before, new Set(queued)]).toEqual([1, new Set([0])])
    expect(countOf(await openPage(world, pages))).toBe(50)
  }))

test.each([true, false])('tabs without a server that write at once lose nothing and double nothing (Web Locks: %s)', (hasLocks) =>
  inWorld(7, {}, async (world) => {
    const pages = makePages(world, { hasServer: false, hasLocks })
    const tabs = [await openPage(world, pages), await openPage(world, pages), await openPage(world, pages)]
    for (let turn = 0; turn < 200; turn++) {
      world.rng.pick(tabs).mutate.increment('c', 1)
      await world.clock.advance(world.rng.int(0, 4))
    }
    await world.clock.advance(20_000)
    expect(tabs.map(countOf)).toEqual([200, 200, 200])
    expect(tabs.map(({ status }) => status.value.pending)).toEqual([0, 0, 0])
    expect(countOf(await openPage(world, pages))).toBe(200)
  }),
)

test('a disk that says no and has written all the same does not make a mutation happen twice', () =>
  inWorld(1, {}, async (world) => {
    const pages = makePages(world, { hasServer: false })
    let lies = 0
    const page = await openPage(world, pages, {
      after(mode: 'read' | 'write') {
        if (mode === 'write' && lies-- > 0) throw new TidemarkError('disk/timeout')
      },
    })
    lies = 1
    page.mutate.increment('c', 1)
    await world.clock.advance(100)
    page.mutate.increment('c', 1)
    await world.clock.advance(60_000)
    expect([countOf(page), page.status.value.pending, countOf(await openPage(world, pages))]).toEqual([2, 0, 2])
  }))

test('a disk that refuses leaves what was done shown, and has it when it takes again', () =>
  inWorld(1, {}, async (world) => {
    const pages = makePages(world, { hasServer: false })
    let isFull = false
    const page = await openPage(world, pages, {
      before(mode: 'read' | 'write') {
        if (isFull && mode === 'write') throw new TidemarkError('disk/quota')
      },
    })
    isFull = true
    const writing = page.mutate.increment('c', 1)
    await expect(world.run(writing.durable)).rejects.toMatchObject({ code: 'disk/quota' })
    expect([countOf(page), page.status.value.pending]).toEqual([1, 1])
    isFull = false
    await world.clock.advance(120_000)
    expect([countOf(page), page.status.value.pending, countOf(await openPage(world, pages))]).toEqual([1, 0, 1])
  }))

test('a tab of an older app queues what it does, and a tab of the newer one makes base of it', () =>
  inWorld(1, {}, async (world) => {
    const records = makeMemoryRecords()
    const open = (version: number) => {
      const next = defineSchema({ version, collections: schema.collections })
      const store = createStore({
        name: 'device',
        schema: next,
        mutators: defineMutators(next, mutators.mutators as never),
        persistence: (name) => memory(name, records),
        world: { clock: world.clock, randomBytes: (count) => world.rng.bytes(count) },
      })
      return store as unknown as AppStore
    }
    const old = open(1)
    await world.run(old.ready)
    const newer = open(2)
    await world.run(newer.ready)
    await world.clock.advance(100)
    await world.run(old.mutate.increment('c', 1))
    expect(recordsIn(records, 'queue')).toBe(1)
    await world.run(newer.mutate.increment('c', 1))
    expect([countOf(newer), recordsIn(records, 'queue')]).toEqual([2, 0])
  }))
