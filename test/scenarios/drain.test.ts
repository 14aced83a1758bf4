import { expect, test } from 'vitest'
import { pushLimits } from '../../src/protocol/push.ts'
import { inWorld } from '../kit/world.ts'
import { inWorlds, makeSpy, openDevices } from './steps.ts'

const total = 10_000

test(
  'T47 E8 ten thousand offline mutations drain in order, in batches, also when the page is killed half-way',
  () =>
    inWorld(1, {}, async (world) => {
      const spy = makeSpy()
      const a = world.device('a', { transport: spy.transport })
      await world.run(a.store.sync())
      a.store.goOffline()
      a.store.mutate.createNote('n', '0')
      for (let i = 1; i <= total; i++) {
        if (i % 2) a.store.mutate.increment('c', 1)
        else a.store.mutate.setTitle('n', `${i}`)
        // a burst, and a moment later the next one
        if (i % 200 === 0) await world.clock.advance(5)
      }
      await world.run(a.store.mutate.setContent('n', 'the last'))
      expect(a.store.status.value.pending).toBe(total + 2)
      a.store.goOnline()
      await world.clock.runUntil(() => spy.of('push').length === 40)
      a.kill()
      const half = spy.of('push').length
      const left = a.store.status.value.pending
      a.open()
      await world.run(a.store.ready)
      expect(a.store.query.counters.read()).toEqual([{ id: 'c', value: total / 2 }])
      // what was confirmed before the kill is done with
      expect(a.store.status.value.pending).toBeLessThanOrEqual(left)
      expect(left).toBeLessThan(total - 2_000)
      await world.quiesce()
      expect(a.store.status.value).toMatchObject({ pending: 0, quarantined: 0 })
      expect(await world.serverRows()).toMatchObject({
        counters: [{ id: 'c', value: total / 2 }],
        notes: [{ id: 'n', title: `${total}`, content: 'the last' }],
      })
      expect(spy.of('push').length).toBeGreaterThan(half)
      for (const { body } of spy.of('push')) expect(body.mutations?.length).toBeLessThanOrEqual(pushLimits.mutations)
      // a sequence that goes on where it stood, but for what was pushed since the last pull when the page died
      const seqs = spy
        .of('push')
        .flatMap(({ body }) => body.mutations ?? [])
        .map(({ seq }) => seq)
      const distinct = [...new Set(seqs)]
      expect(distinct).toEqual(Array.from({ length: total + 2 }, (_, i) => i + 1))
      expect(seqs.length - distinct.length).toBeLessThanOrEqual(11 * pushLimits.mutations)
    }),
  120_000,
)

test('T50 A1 A2 a page killed offline without a clean stop comes back with all its rows and its three pending mutations', () =>
  inWorlds({}, async (world) => {
    const { a, b } = await openDevices(world, 'a', 'b')
    await world.run(b.store.mutate.createNote('n0', 'synced').confirmed)
    await world.quiesce()
    a.store.goOffline()
    world.net.partition('a', true)
    const mine = [a.store.mutate.createNote('n1', 'one'), a.store.mutate.setTitle('n0', 'edited'), a.store.mutate.increment('c', 1)]
    for (const { durable } of mine) await world.run(durable)
    const shown = a.rows()
    a.kill()
    a.open()
    await world.run(a.store.ready)
    expect(a.rows()).toEqual(shown)
    expect(a.store.mutations.list.value.map(({ id }) => id)).toEqual(mine.map(({ id }) => id))
    expect(a.store.status.value.pending).toBe(3)
    world.net.heal()
    await world.quiesce()
    expect(await world.serverRows()).toMatchObject({ notes: [{ id: 'n0', title: 'edited' }, { id: 'n1' }], counters: [{ value: 1 }] })
    expect(b.rows()).toEqual(a.rows())
  }))
