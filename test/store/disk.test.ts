import { expect, test } from 'vitest'
import { TidemarkError } from '../../src/errors.ts'
import { createStore, http } from '../../src/index.ts'
import { makeMemoryRecords, memory, type MemoryRecords } from '../../src/persist/memory.ts'
import { openDisk } from '../../src/persist/open-disk.ts'
import type { DiskState } from '../../src/persist/disk.ts'
import type { AnyRow } from '../../src/schema/row.ts'
import { inWorlds, openDevices } from '../scenarios/steps.ts'
import { mutators, schema } from '../kit/schemas.ts'
import type { TestWorld } from '../kit/world.ts'

async function readRecords(world: TestWorld, records: MemoryRecords): Promise<DiskState> {
  const [name] = [...records.stateByName.keys()]
  const persistence = await memory(name ?? '', records)
  const disk = openDisk(persistence, { schema: 1, clock: world.clock, randomId: () => 'reader', onError: () => {} })
  return world.run(disk.load())
}

function sorted(rows: ReadonlyMap<string, readonly AnyRow[]>, collections: readonly string[]): Readonly<Record<string, readonly AnyRow[]>> {
  return Object.fromEntries(collections.map((name) => [name, [...(rows.get(name) ?? [])].sort((a, b) => (a.id < b.id ? -1 : 1))]))
}

test('L7 the disk holds what the server said and never a row that is unconfirmed; the queue stands apart', () =>
  inWorlds({}, async (world) => {
    const records = makeMemoryRecords()
    const a = {
      store: createStore({
        name: 'a',
        schema,
        mutators,
        transport: http({ url: 'http://server.invalid/sync', poke: 'none' }),
        persistence: (name) => memory(name, records),
        world: { clock: world.clock, fetch: world.net.fetch('a'), randomBytes: (count) => world.rng.bytes(count) },
      }),
    }
    const { b } = await openDevices(world, 'b')
    await world.run(a.store.sync())
    await world.run(a.store.mutate.createNote('n1', 'said').confirmed)
    await world.run(b.store.mutate.addItem('i1', 'l', 'x').confirmed)
    await world.quiesce()
    await world.run(a.store.sync())
    const said = await world.serverRows()
    a.store.goOffline()
    a.store.mutate.setTitle('n1', 'unconfirmed')
    a.store.mutate.createNote('n2', 'unconfirmed')
    await world.run(a.store.mutate.addItem('i2', 'l', 'unconfirmed'))
    expect(a.store.query.notes.read()).toHaveLength(2)
    const disk = await readRecords(world, records)
    expect(sorted(disk.rowsByCollection, Object.keys(said))).toEqual(said)
    expect(disk.queue.map(({ calls }) => calls[0]?.[0])).toEqual(['setTitle', 'createNote', 'addItem'])
    a.store.goOnline()
    await world.run(a.store.sync())
    const after = await readRecords(world, records)
    expect(sorted(after.rowsByCollection, Object.keys(said))).toEqual(await world.serverRows())
    expect(after.queue).toEqual([])
    await world.run(a.store.close())
  }))

test('a mutation that the disk refuses is pushed from memory', () =>
  inWorlds({}, async (world) => {
    const { a } = await openDevices(world, 'a')
    a.refuse(new TidemarkError('disk/quota'))
    a.store.mutate.increment('c', 1)
    await world.clock.advance(60_000)
    expect((await world.serverRows())['counters']).toEqual([{ id: 'c', value: 1 }])
  }))
