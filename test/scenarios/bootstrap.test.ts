import { expect, test } from 'vitest'
import { memoryDatabase } from '../../src/server/memory.ts'
import type { Database } from '../../src/server/database.ts'
import { createRng } from '../kit/rng.ts'
import { inWorld, seedsOf, type TestWorld } from '../kit/world.ts'
import { makeSpy, openDevices, post } from './steps.ts'

const rows = 1_000
const pagedRows = 300

// by hand, as a client that has nothing else to do
async function fill(world: TestWorld, count: number, rounds: number): Promise<void> {
  const all = Array.from({ length: count * rounds }, (_, i) => ({
    client: 'hand',
    seq: i + 1,
    id: `m${i}`,
    calls: [['increment', [`c${i % count}`, 1]]],
    at: world.clock.now(),
    schema: 1,
  }))
  for (let i = 0; i < all.length; i += 100) {
    const [answer] = await post(world, 'push', {
      tidemark: 1,
      space: 'main',
      user: null,
      schema: 1,
      group: 'hands',
      mutations: all.slice(i, i + 100),
    })
    expect(answer?.status).toBe(200)
  }
}

test(
  'T53 G3 a fresh client takes a snapshot and no history: last states alone, and its cursor is the head',
  () =>
    inWorld(1, {}, async (world) => {
      await fill(world, rows, 10)
      const spy = makeSpy()
      const a = world.device('a', { transport: spy.transport })
      const progress: number[] = []
      a.store.status.subscribe((status) => status.progress && progress.push(status.progress.received))
      await world.run(a.store.sync())
      expect(a.store.query.counters.read()).toHaveLength(rows)
      expect(a.store.query.counters.where('value', '!=', 10).read()).toEqual([])
      expect(a.store.status.value).toMatchObject({ phase: 'ready', version: 100, progress: undefined })
      expect(spy.of('snapshot')).toHaveLength(1)
      expect(Math.max(...progress)).toBe(rows)
      // ten thousand increments, and what came was as many rows as there are
      expect(progress.filter((received, i) => received < (progress[i - 1] ?? 0))).toEqual([])
    }),
  120_000,
)

test('T54 edits while a snapshot is being paged are missed by nobody, and neither is one right after it', async () => {
  for (const seed of seedsOf(5)) {
    let pause = async (): Promise<void> => {}
    const database = slow(seed, () => pause())
    await inWorld(seed, { server: { database, limits: { snapshotRows: 20 } } }, async (world) => {
      await fill(world, pagedRows, 1)
      const { w } = await openDevices(world, 'w')
      pause = () => world.clock.sleep(world.rng.int(1, 5))
      const spy = makeSpy('none')
      const a = world.device('a', { transport: spy.transport })
      const first = a.store.sync()
      for (let i = 0; i < 40; i++) {
        const at = world.rng.int(0, pagedRows - 1)
        w.store.mutate.increment(`c${at}`, 1_000)
        w.store.mutate.increment(`d${at}`, 1)
        if (i % 10 === 9) w.store.mutate.createNote(`n${i}`, 'during')
        await world.clock.advance(world.rng.int(1, 8))
      }
      await world.run(first)
      expect(spy.of('snapshot')).toHaveLength(1)
      await world.run(w.store.mutate.createNote('after', 'after').confirmed)
      await world.run(a.store.sync())
      await world.run(a.store.sync())
      expect(a.rows()).toEqual(w.rows())
      expect(a.store.query.notes.where('title', '=', 'after').read()).toHaveLength(1)
    })
  }
}, 120_000)

// a database whose reads take their time, so that others write between the pages
function slow(seed: number, pause: () => Promise<void>): Database {
  const rng = createRng(seed)
  const database = memoryDatabase({ randomBytes: (count) => rng.bytes(count) })
  return {
    ...database,
    async read(space, run) {
      await pause()
      return database.read(space, run)
    },
  }
}
