import { expect, test } from 'vitest'
import { TidemarkError } from '../../src/errors.ts'
import { ending, inWorlds, makeSpy, openDevices } from '../scenarios/steps.ts'

test('M1 the status follows connection, queue and version', () =>
  inWorlds({}, async (world) => {
    const a = world.device('a')
    const phases: string[] = []
    const connections: string[] = []
    a.store.status.subscribe(({ phase, connection }) => {
      if (phases.at(-1) !== phase) phases.push(phase)
      if (connections.at(-1) !== connection) connections.push(connection)
    })
    expect(a.store.status.value).toMatchObject({ phase: 'opening', version: 0, lastSyncedAt: null, leader: false })
    await world.run(a.store.sync())
    await world.quiesce()
    expect(phases).toEqual(['opening', 'loading', 'ready'])
    expect(a.store.status.value).toMatchObject({
      connection: 'idle',
      live: true,
      leader: true,
      disk: 'memory',
      health: 'ok',
      pending: 0,
      quarantined: 0,
    })
    expect(a.store.status.value.lastSyncedAt).toBeGreaterThan(0)

    connections.length = 0
    a.store.goOffline()
    a.store.mutate.createNote('n1', 'x')
    await world.clock.advance(5_000)
    expect(a.store.status.value).toMatchObject({ connection: 'offline', live: false, pending: 1 })
    a.store.goOnline()
    await world.quiesce()
    expect(connections.slice(0, 3)).toEqual(['offline', 'syncing', 'idle'])
    expect(a.store.status.value).toMatchObject({ pending: 0, version: 1, oldestPendingMs: 0 })
    await world.run(a.store.close())
    expect(a.store.status.value.phase).toBe('closed')
  }))

test('M1 where the server asks for a sign-in the queue is held, and nothing is asked again by itself', () =>
  inWorlds({}, async (world) => {
    const spy = makeSpy()
    const a = world.device('a', { transport: spy.transport })
    await world.run(a.store.sync())
    await world.quiesce()
    spy.answer = () => Response.json({ tidemark: 1, error: { code: 'auth/required', message: 'Sign in.' } }, { status: 401 })
    a.store.mutate.createNote('n1', 'x')
    await world.clock.advance(1_000)
    expect(a.store.status.value).toMatchObject({ connection: 'held', reason: 'auth/required', pending: 1 })
    const pushes = spy.of('push').length
    await world.clock.advance(600_000)
    expect(spy.of('push')).toHaveLength(pushes)
    spy.answer = undefined
    await world.run(a.store.sync())
    expect(a.store.status.value).toMatchObject({ connection: 'idle', reason: undefined, pending: 0 })
  }))

test('M2 each transition is told once: offline, online, synced, errors', () =>
  inWorlds({ poke: 'none' }, async (world) => {
    const { a } = await openDevices(world, 'a')
    const told: string[] = []
    for (const event of ['online', 'offline', 'synced', 'error', 'confirmed', 'refused'] as const)
      a.store.on(event, (detail) => told.push('error' in detail ? `${event} ${detail.error.code}` : event))
    a.store.goOffline()
    a.store.goOffline()
    expect(told).toEqual(['offline'])
    a.store.goOnline()
    a.store.goOnline()
    await world.clock.advance(100)
    expect(told).toEqual(['offline', 'online', 'synced'])
    told.length = 0
    world.restartServer(false)
    await world.run(ending(a.store.sync()))
    expect(told).toEqual(['error unreachable/offline'])
    world.restartServer(true)
    await world.run(a.store.sync())
    told.length = 0
    await world.run(a.store.mutate.createNote('n1', 'x').confirmed)
    await world.run(ending(a.store.mutate.rejectOnServer('n2', 'x').confirmed))
    expect(told.filter((event) => event !== 'synced')).toEqual(['confirmed', 'refused refused/rejected'])
  }))

test('M2 a listener that throws is reported and disturbs neither the others nor the store', () =>
  inWorlds({}, async (world) => {
    const { a } = await openDevices(world, 'a')
    let heard = 0
    a.store.on('confirmed', () => {
      throw new Error('of the app')
    })
    const stop = a.store.on('confirmed', () => heard++)
    await world.run(a.store.mutate.createNote('n1', 'x').confirmed)
    expect(heard).toBe(1)
    expect(a.errors.map(({ code, cause }) => [code, (cause as Error).message])).toEqual([['bug/invariant', 'of the app']])
    stop()
    await world.run(a.store.mutate.createNote('n2', 'x').confirmed)
    expect(heard).toBe(1)
  }))

test('M3 close writes what is not on disk yet; a second close is none, and nothing goes on after it', () =>
  inWorlds({}, async (world) => {
    const { a } = await openDevices(world, 'a')
    a.store.goOffline()
    const writing = a.store.mutate.createNote('n1', 'x')
    await world.run(a.store.close())
    expect(await ending(writing.durable)).toBe('well')
    expect(await ending(writing.confirmed)).toBe('misuse/closed')
    await world.run(a.store.close())
    const requests = world.net.counts.requests
    await world.clock.advance(600_000)
    expect(world.net.counts.requests).toBe(requests)
    a.open()
    await world.run(a.store.ready)
    expect(a.store.query.notes.read()).toHaveLength(1)
    await world.quiesce()
    expect((await world.serverRows())['notes']).toHaveLength(1)
  }))

test('M3 close in the middle of a sync ends it, and what was pending goes on with the next page', () =>
  inWorlds({}, async (world) => {
    const { a } = await openDevices(world, 'a')
    world.net.set({ delayMs: [50, 400] })
    a.store.mutate.increment('c', 1)
    await world.clock.advance(world.rng.int(0, 500))
    const sync = ending(a.store.sync())
    await world.run(a.store.close())
    expect(['well', 'unreachable/offline', 'misuse/closed']).toContain(await world.run(sync))
    world.net.heal()
    a.open()
    await world.quiesce()
    expect((await world.serverRows())['counters']).toEqual([{ id: 'c', value: 1 }])
  }))

test('M3 a store closed before it opened stays closed', () =>
  inWorlds({}, async (world) => {
    const a = world.device('a')
    await world.run(a.store.close())
    expect(a.store.status.value.phase).toBe('closed')
    const requests = world.net.counts.requests
    await world.clock.advance(100_000)
    expect(world.net.counts.requests).toBe(requests)
  }))

test('M3 sync ends when one whole cycle has: what was made before it is on the server, what others made before it is here', () =>
  inWorlds({ poke: 'none' }, async (world) => {
    const { a, b } = await openDevices(world, 'a', 'b')
    b.store.mutate.createNote('n1', 'x')
    await world.run(b.store.sync())
    a.store.mutate.createNote('n2', 'x')
    await world.run(a.store.sync())
    expect(a.store.query.notes.read()).toHaveLength(2)
    expect((await world.serverRows())['notes']).toHaveLength(2)
    a.store.goOffline()
    expect(await world.run(ending(a.store.sync()))).toBe('unreachable/offline')
  }))

test('where the disk refuses, durable says why, the mutation shows and is pushed, and it is written when there is room again', () =>
  inWorlds({}, async (world) => {
    const { a } = await openDevices(world, 'a')
    a.store.goOffline()
    a.refuse(new TidemarkError('disk/quota'))
    const writing = a.store.mutate.createNote('n1', 'x')
    expect(await world.run(ending(writing.durable))).toBe('disk/quota')
    expect(a.store.query.notes.read()).toHaveLength(1)
    expect(a.store.mutations.list.value.map(({ stage }) => stage)).toEqual(['memory'])
    a.refuse(undefined)
    const next = a.store.mutate.createNote('n2', 'x')
    expect(await world.run(ending(next.durable))).toBe('well')
    a.kill()
    a.open()
    await world.run(a.store.ready)
    expect(a.store.query.notes.read().map(({ id }) => id)).toEqual(['n1', 'n2'])
    await world.quiesce()
    expect((await world.serverRows())['notes']).toHaveLength(2)
  }))
