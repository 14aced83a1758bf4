import { expect, test } from 'vitest'
import { TidemarkError } from '../../src/errors.ts'
import { inWorld } from '../kit/world.ts'
import { ending, inWorlds, openDevices } from '../scenarios/steps.ts'
import { endingSoFar, makePages } from './pages.ts'

test('a tab that is closed at any moment of taking the lead leaves it to the next one', () =>
  inWorld(1, {}, async (world) => {
    const stuck: number[] = []
    for (let afterMs = 0; afterMs < 12; afterMs++) {
      const pages = makePages(world)
      const first = pages.open()
      await world.clock.advance(afterMs)
      await world.run(first.close())
      const second = pages.open()
      await world.run(second.ready)
      await world.clock.advance(20_000)
      if (!second.status.value.leader) stuck.push(afterMs)
      await world.run(second.close())
    }
    expect(stuck).toEqual([])
  }))

test('a tab whose disk refuses while it takes the lead takes it when the disk takes writes again', () =>
  inWorlds({}, async (world) => {
    const { a } = await openDevices(world, 'a')
    a.kill()
    a.open()
    a.refuse(new TidemarkError('disk/quota'))
    await world.run(a.store.ready)
    await world.clock.advance(100)
    expect(a.store.status.value.leader).toBe(false)
    a.refuse(undefined)
    const { confirmed } = a.store.mutate.increment('c', 1)
    await world.clock.advance(60_000)
    expect(await endingSoFar(world, confirmed)).toBe('well')
  }))

test('a tab whose site data is cleared at any moment of taking the lead leads over the new database', () =>
  inWorld(1, {}, async (world) => {
    const stuck: number[] = []
    for (let afterMs = 0; afterMs < 8; afterMs++) {
      const { device } = await openDevices(world, 'device')
      device.kill()
      device.open()
      await world.run(device.store.ready)
      await world.clock.advance(afterMs)
      device.clear()
      const { confirmed } = device.store.mutate.increment('c', 1)
      await world.clock.advance(60_000)
      if ((await endingSoFar(world, confirmed)) !== 'well') stuck.push(afterMs)
      device.kill()
    }
    expect(stuck).toEqual([])
  }))

test('without locks the older tab leads again when the younger one has closed', () =>
  inWorld(1, {}, async (world) => {
    const pages = makePages(world, { hasLocks: false })
    const older = pages.open()
    await world.run(older.sync())
    const younger = pages.open()
    await world.run(younger.sync())
    await world.run(younger.close())
    const { confirmed } = older.mutate.increment('c', 1)
    await world.clock.advance(60_000)
    expect(await endingSoFar(world, confirmed)).toBe('well')
  }))

test('when the tab that leads goes offline another one takes over, and sends what both have made', () =>
  inWorlds({}, async (world) => {
    const { a } = await openDevices(world, 'a')
    const one = a.store
    const two = a.open()
    await world.run(two.sync())
    one.goOffline()
    await world.run(one.mutate.increment('of one', 1))
    await world.run(two.mutate.increment('of two', 1))
    await world.run(two.sync())
    expect([one.status.value.leader, two.status.value.leader]).toEqual([false, true])
    expect((await world.serverRows())['counters']).toHaveLength(2)
  }))

test('sync in a tab that is offline says so at once, although another one could sync', () =>
  inWorlds({}, async (world) => {
    const { a } = await openDevices(world, 'a')
    const two = a.open()
    await world.run(two.sync())
    two.goOffline()
    expect(await endingSoFar(world, two.sync())).toBe('unreachable/offline')
  }))

test('a tab that is back online syncs by the one that took over, and all show the same', () =>
  inWorlds({}, async (world) => {
    const { a, b } = await openDevices(world, 'a', 'b')
    const one = a.store
    const two = a.open()
    await world.run(two.sync())
    one.goOffline()
    await world.run(two.sync())
    one.goOnline()
    await world.run(b.store.mutate.increment('of another', 1).confirmed)
    expect(await world.run(ending(one.sync()))).toBe('well')
    expect([one.status.value.leader, two.status.value.leader]).toEqual([false, true])
    for (const { query } of [one, two]) expect(query.counters.read()).toEqual([{ id: 'of another', value: 1 }])
  }))

test('a hundred messages that come while the disk is read are one more look at it', () =>
  inWorld(1, {}, async (world) => {
    const pages = makePages(world)
    const one = pages.open()
    await world.run(one.sync())
    let reads = 0
    const two = pages.open({
      async before(mode) {
        if (mode === 'read') reads++
        await world.clock.sleep(1_000)
      },
    })
    await world.run(two.ready)
    one.goOffline()
    two.goOffline()
    await world.clock.advance(10_000)
    reads = 0
    for (let i = 0; i < 100; i++) await world.run(one.mutate.increment('c', 1))
    await world.clock.advance(10_000)
    expect(two.query.counters.read()).toEqual([{ id: 'c', value: 100 }])
    expect(reads).toBeLessThan(5)
  }))

test('a tab that is closed while it waits for the one that leads says so at once', () =>
  inWorlds({}, async (world) => {
    const { a } = await openDevices(world, 'a')
    const two = a.open()
    await world.run(two.ready)
    world.net.partition('a', true)
    const syncing = two.sync()
    syncing.catch(() => {})
    await world.clock.advance(50)
    await world.run(two.close())
    expect(await endingSoFar(world, syncing)).toBe('misuse/closed')
  }))

test('a refusal that one tab discards at once is a refusal to the tab that made it too', () =>
  inWorld(1, {}, async (world) => {
    const pages = makePages(world)
    const one = pages.open()
    await world.run(one.sync())
    const two = pages.open({ before: () => world.clock.sleep(5) })
    await world.run(two.ready)
    await world.clock.advance(1_000)
    one.on('refused', ({ id }) => void one.quarantine.discard(id))
    const told: string[] = []
    two.on('confirmed', () => told.push('confirmed'))
    two.on('refused', ({ error }) => told.push(error.code))
    const written = two.mutate.rejectOnServer('m', 'y')
    expect(await world.run(ending(written.confirmed))).toBe('refused/rejected')
    expect(told).toEqual(['refused/rejected'])
    expect(one.quarantine.list.value).toEqual([])
  }))
