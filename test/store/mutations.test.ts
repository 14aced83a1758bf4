import { expect, test } from 'vitest'
import { pushLimits } from '../../src/protocol/push.ts'
import { inWorld } from '../kit/world.ts'
import { inWorlds, openDevices } from '../scenarios/steps.ts'

test('a mutation made by a subscriber of another one is kept, and so is the other', () =>
  inWorlds({}, async (world) => {
    const { a } = await openDevices(world, 'a')
    let isMade = false
    const stop = a.store.query.notes.live().subscribe((notes) => {
      if (isMade || notes.length === 0) return
      isMade = true
      a.store.mutate.increment('c', notes.length)
    })
    a.store.mutate.createNote('n1', 'x')
    await world.quiesce()
    stop()
    const { notes, counters } = await world.serverRows()
    expect([notes?.length, counters]).toEqual([1, [{ id: 'c', value: 1 }]])
  }))

const tooLarge = expect.objectContaining({ code: 'invalid/too-large' })

test('a batch of more calls than a push may hold is refused at the call, and shows and queues nothing', () =>
  inWorld(1, {}, async (world) => {
    const { a } = await openDevices(world, 'a')
    const run = (): void => {
      for (let i = 0; i <= pushLimits.calls; i++) a.store.mutate.increment('c', 1)
    }
    expect(() => a.store.mutate.batch(run)).toThrow(tooLarge)
    expect([a.store.status.value.pending, a.store.query.counters.read()]).toEqual([0, []])
  }))

test('a batch of as many calls as a push may hold is confirmed', () =>
  inWorld(1, {}, async (world) => {
    const { a } = await openDevices(world, 'a')
    a.store.mutate.batch(() => {
      for (let i = 0; i < pushLimits.calls; i++) a.store.mutate.increment('c', 1)
    })
    await world.quiesce()
    expect((await world.serverRows())['counters']).toEqual([{ id: 'c', value: pushLimits.calls }])
  }))

test('a batch of more bytes than a push may hold is refused at the call, and what comes after it is sent', () =>
  inWorld(1, {}, async (world) => {
    const { a } = await openDevices(world, 'a')
    const text = 'x'.repeat(900_000)
    const run = (): void => {
      for (const id of ['n1', 'n2', 'n3']) a.store.mutate.createNote(id, text)
    }
    expect(() => a.store.mutate.batch(run)).toThrow(tooLarge)
    a.store.mutate.increment('c', 1)
    await world.quiesce()
    expect(await world.serverRows()).toMatchObject({ notes: [], counters: [{ id: 'c', value: 1 }] })
  }))
