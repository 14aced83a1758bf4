import { expect, test } from 'vitest'
import { ending, inWorlds, makeSpy, openDevices } from './steps.ts'

test('T33 a hundred syncs asked for during one share exactly one more; all of them end', () =>
  inWorlds({ poke: 'none' }, async (world) => {
    const spy = makeSpy('none')
    const a = world.device('a', { transport: spy.transport })
    await world.run(a.store.sync())
    await world.clock.advance(100)
    const before = spy.of('pull').length
    let running = 0
    let most = 0
    const stop = a.store.status.subscribe(({ connection }) => {
      running = connection === 'syncing' ? 1 : 0
      most = Math.max(most, running)
    })
    const first = a.store.sync()
    await world.clock.runUntil(() => spy.of('pull').length === before + 1)
    let ended = 0
    const all = Array.from({ length: 100 }, () => a.store.sync().then(() => ended++))
    await world.run(Promise.all([first, ...all]))
    stop()
    expect(ended).toBe(100)
    expect(most).toBe(1)
    expect(spy.of('pull')).toHaveLength(before + 2)
    // and no request began before the one before it was answered
    const pulls = world.net.trace
      .filter((line) => / a #\d+ \/sync\/pull (requests|answered)/.test(line))
      .map((line) => line.split(' ').at(-1))
    expect(pulls.every((what, i) => what === (i % 2 === 0 ? 'requests' : 'answered'))).toBe(true)
  }))

test('T34 after a rest a further sync is a run of its own', () =>
  inWorlds({ poke: 'none' }, async (world) => {
    const spy = makeSpy('none')
    const a = world.device('a', { transport: spy.transport })
    await world.run(a.store.sync())
    await world.clock.advance(100)
    const before = spy.of('pull').length
    await world.run(a.store.sync())
    await world.clock.advance(1_000)
    await world.run(a.store.sync())
    expect(spy.of('pull')).toHaveLength(before + 2)
  }))

test('T35 M1 a sync that fails says so; the next one works and clears what was wrong', () =>
  inWorlds({ poke: 'none' }, async (world) => {
    const { a } = await openDevices(world, 'a')
    world.restartServer(false)
    for (let i = 0; i < 4; i++) {
      expect(await world.run(ending(a.store.sync()))).toBe('unreachable/offline')
      expect(a.store.status.value).toMatchObject({ connection: 'waiting', reason: 'unreachable/offline' })
    }
    world.restartServer(true)
    expect(await world.run(ending(a.store.sync()))).toBe('well')
    expect(a.store.status.value).toMatchObject({ connection: 'idle', reason: undefined })
    // a failure after that waits as long as a first one does, a second at most
    world.restartServer(false)
    await world.run(ending(a.store.sync()))
    world.restartServer(true)
    const from = world.clock.elapsedMs
    await world.clock.runUntil(() => a.store.status.value.connection === 'idle')
    expect(world.clock.elapsedMs - from).toBeLessThanOrEqual(1_100)
  }))

test('T46 a push does not move the cursor past what others wrote before it', () =>
  inWorlds({ poke: 'none' }, async (world) => {
    const { a, b } = await openDevices(world, 'a', 'b')
    await world.run(b.store.mutate.createNote('n1', 'of b').confirmed)
    await world.run(a.store.mutate.createNote('n2', 'of a').confirmed)
    expect(a.store.query.notes.read().map(({ id }) => id)).toEqual(['n1', 'n2'])
    expect(await world.serverRows()).toEqual(a.rows())
  }))

test('T48 E9 a poison mutation is rolled back, reported and kept; those before and after it are applied', () =>
  inWorlds({}, async (world) => {
    const { a, b } = await openDevices(world, 'a', 'b')
    const refused: (readonly [string, string])[] = []
    a.store.on('refused', ({ id, error }) => refused.push([id, error.code]))
    a.store.goOffline()
    const first = a.store.mutate.createNote('n1', 'one')
    const second = a.store.mutate.rejectOnServer('n2', 'two')
    const third = a.store.mutate.createNote('n3', 'three')
    expect(a.store.query.notes.read()).toHaveLength(3)
    a.store.goOnline()
    await world.quiesce()
    expect(await Promise.all([first, second, third].map(({ confirmed }) => ending(confirmed)))).toEqual([
      'well',
      'refused/rejected',
      'well',
    ])
    expect(a.store.query.notes.read().map(({ id }) => id)).toEqual(['n1', 'n3'])
    expect(refused).toEqual([[second.id, 'refused/rejected']])
    expect(a.store.status.value).toMatchObject({ pending: 0, quarantined: 1 })
    expect(a.store.quarantine.list.value).toMatchObject([
      { id: second.id, calls: [['rejectOnServer', ['n2', 'two']]], code: 'refused/rejected', reason: 'not-here' },
    ])
    expect(await world.serverRows()).toEqual(a.rows())
    expect(b.rows()).toEqual(a.rows())
  }))

test('T49 a conflict of the first mutation leaves the others to be applied', () =>
  inWorlds({}, async (world) => {
    const { a, b } = await openDevices(world, 'a', 'b')
    a.store.goOffline()
    const writings = [a.store.mutate.createNote('n1', 'of a'), a.store.mutate.createNote('n2', 'of a'), a.store.mutate.increment('c', 1)]
    await world.run(b.store.mutate.createNote('n1', 'of b').confirmed)
    a.store.goOnline()
    await world.quiesce()
    expect(await Promise.all(writings.map(({ confirmed }) => ending(confirmed)))).toEqual(['refused/conflict', 'well', 'well'])
    expect(a.store.query.notes.read().map(({ id, title }) => [id, title])).toEqual([
      ['n1', 'of b'],
      ['n2', 'of a'],
    ])
    expect(a.store.status.value).toMatchObject({ pending: 0, quarantined: 1 })
    expect(await world.serverRows()).toEqual(a.rows())
  }))
