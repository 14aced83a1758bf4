import { expect, test } from 'vitest'
import { effect } from '../../src/reactive.ts'
import { inWorlds, openDevices, openOffline, watch } from '../scenarios/steps.ts'

test('B4 an effect that reads one entity runs again for that row alone', () =>
  inWorlds({}, async (world) => {
    const { a } = await openOffline(world, 'a')
    for (let i = 0; i < 50; i++) a.store.mutate.createNote(`n${i}`, 'old')
    const runs = Array.from({ length: 50 }, () => 0)
    const stops = runs.map((_, i) =>
      effect(() => {
        void a.store.collections.notes.entity(`n${i}`).value
        runs[i] = (runs[i] ?? 0) + 1
      }),
    )
    a.store.mutate.setTitle('n7', 'new')
    expect(runs).toEqual(runs.map((_, i) => (i === 7 ? 2 : 1)))
    // what changes nothing runs nothing
    a.store.mutate.setTitle('n7', 'new')
    expect(runs[7]).toBe(2)
    for (const stop of stops) stop()
    a.store.mutate.setTitle('n7', 'newer')
    expect(runs[7]).toBe(2)
  }))

test('C1 a collection of the schema is a set of rows of the server’s collection of that name', () =>
  inWorlds({}, async (world) => {
    const { a, b } = await openDevices(world, 'a', 'b')
    expect(Object.keys(a.store.collections)).toEqual(['notes', 'items', 'counters', 'audits', 'shelves'])
    expect(Object.keys(a.store.query)).toEqual(Object.keys(a.store.collections))
    await world.run(a.store.collections.shelves.insert({ id: 's1', name: 'sea', rank: 1 }).confirmed)
    await world.quiesce()
    expect((await world.serverRows())['shelves']).toEqual([{ id: 's1', name: 'sea', rank: 1 }])
    expect(b.store.collections.shelves.entity('s1').value).toEqual({ id: 's1', name: 'sea', rank: 1 })
  }))

test('C2 an entity is a live reference: it is there before its row is, and after it is gone', () =>
  inWorlds({}, async (world) => {
    const { a, b } = await openDevices(world, 'a', 'b')
    const shelf = a.store.collections.shelves.entity('s1')
    expect([shelf.id, shelf.exists, shelf.value]).toEqual(['s1', false, undefined])
    const seen: (string | undefined)[] = []
    const stop = shelf.subscribe((row) => seen.push(row?.name))
    await world.run(b.store.collections.shelves.insert({ id: 's1', name: 'sea', rank: 1 }).confirmed)
    await world.quiesce()
    expect([shelf.exists, shelf.value?.name, shelf.pending]).toEqual([true, 'sea', false])
    const patched = shelf.patch({ name: 'shore' })
    expect([shelf.value?.name, shelf.pending]).toEqual(['shore', true])
    await world.run(patched.confirmed)
    expect(shelf.pending).toBe(false)
    await world.run(shelf.remove().confirmed)
    expect([shelf.exists, shelf.value]).toEqual([false, undefined])
    stop()
    expect(seen).toEqual([undefined, 'sea', 'shore', undefined])
    expect(a.store.collections.shelves.entity('s1')).toBe(shelf)
  }))

test('C3 a created row is read in the same tick, and one mutation is queued', () =>
  inWorlds({}, async (world) => {
    const { a } = await openOffline(world, 'a')
    const all = watch(a.store.query.shelves.live())
    a.store.collections.shelves.insert({ id: 's1', name: 'sea', rank: 1 })
    expect(a.store.query.shelves.read()).toEqual([{ id: 's1', name: 'sea', rank: 1 }])
    expect(a.store.collections.shelves.entity('s1').value).toEqual({ id: 's1', name: 'sea', rank: 1 })
    expect(all.values.at(-1)).toHaveLength(1)
    expect(a.store.status.value.pending).toBe(1)
    expect(a.store.mutations.list.value).toMatchObject([{ calls: [['shelves.insert', [{ id: 's1' }]]], writes: ['shelves/s1'] }])
  }))

test('a field that was patched away is gone, and the others stay', () =>
  inWorlds({}, async (world) => {
    const { a, b } = await openDevices(world, 'a', 'b')
    await world.run(a.store.collections.shelves.insert({ id: 's1', name: 'sea', rank: 1 }))
    expect(() => a.store.collections.shelves.patch('s1', {}, { unset: ['name'] })).toThrow(expect.objectContaining({ code: 'invalid/row' }))
    await world.quiesce()
    expect(b.store.query.shelves.read()).toEqual([{ id: 's1', name: 'sea', rank: 1 }])
  }))

test('the status of an entity is told once for as long as it says the same', () =>
  inWorlds({}, async (world) => {
    const { a } = await openDevices(world, 'a')
    let told = 0
    const stop = a.store.collections.notes.entity('absent').status.subscribe(() => told++)
    for (let i = 0; i < 20; i++) a.store.mutate.increment('c', 1)
    await world.quiesce()
    stop()
    expect(told).toBe(1)
  }))
