import { expect, test } from 'vitest'
import { TidemarkError } from '../../src/errors.ts'
import { inWorld, type TestWorld } from '../kit/world.ts'
import { openDevices } from '../scenarios/steps.ts'
import { type AppStore, endingSoFar, makePages } from './pages.ts'

/** Two pages, both offline; the second one’s disk may fail to read. */
async function openPages(world: TestWorld): Promise<{ readonly one: AppStore; readonly two: AppStore; failReads(isOn: boolean): void }> {
  const pages = makePages(world)
  let isFailing = false
  const one = pages.open()
  await world.run(one.sync())
  const two = pages.open({
    before(mode) {
      if (isFailing && mode === 'read') throw new TidemarkError('disk/timeout')
    },
  })
  await world.run(two.ready)
  one.goOffline()
  two.goOffline()
  await world.clock.advance(100)
  return {
    one,
    two,
    failReads(isOn) {
      isFailing = isOn
    },
  }
}

test('a mutation made at any moment after another one is durable is durable too', () =>
  inWorld(1, {}, async (world) => {
    const { a } = await openDevices(world, 'a')
    a.store.goOffline()
    const late: number[] = []
    for (let ticks = 0; ticks < 30; ticks++) {
      const makeTwo = async (): Promise<{ readonly durable: Promise<void> }> => {
        await a.store.mutate.increment('c', 1)
        for (let tick = 0; tick < ticks; tick++) await Promise.resolve()
        const { durable } = a.store.mutate.increment('c', 1)
        return { durable }
      }
      const { durable } = await world.run(makeTwo())
      await world.clock.advance(60_000)
      if ((await endingSoFar(world, durable)) !== 'well') late.push(ticks)
    }
    expect(late).toEqual([])
  }))

test('a burst that is on disk is not written again when the look after it fails', () =>
  inWorld(1, {}, async (world) => {
    const { one, two, failReads } = await openPages(world)
    failReads(true)
    // the log moves, so that the second page must look after its own write
    await world.run(one.mutate.increment('other', 1))
    two.mutate.increment('c', 1)
    await world.clock.advance(500)
    failReads(false)
    two.mutate.increment('c', 1)
    await world.clock.advance(500)
    const both = [one, two].map(({ query }) => query.counters.where('id', '=', 'c').read())
    expect(both).toEqual([[{ id: 'c', value: 2 }], [{ id: 'c', value: 2 }]])
  }))

test('a mutation is durable once it is written, also where the look after it fails', () =>
  inWorld(1, {}, async (world) => {
    const { one, two, failReads } = await openPages(world)
    failReads(true)
    await world.run(one.mutate.increment('other', 1))
    const { durable } = two.mutate.increment('c', 1)
    await world.clock.advance(500)
    expect(await endingSoFar(world, durable)).toBe('well')
  }))

test('a mutation made while the look after a burst fails is written with the next one', () =>
  inWorld(1, {}, async (world) => {
    const { one, two, failReads } = await openPages(world)
    failReads(true)
    await world.run(one.mutate.increment('other', 1))
    two.mutate.increment('c', 1)
    await world.clock.advance(1)
    const { durable } = two.mutate.increment('c', 1)
    await world.clock.advance(500)
    failReads(false)
    await world.clock.advance(60_000)
    expect(await endingSoFar(world, durable)).toBe('well')
  }))
