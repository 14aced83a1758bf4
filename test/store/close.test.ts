import { expect, test } from 'vitest'
import { TidemarkError } from '../../src/errors.ts'
import { createStore } from '../../src/index.ts'
import { mutators, schema } from '../kit/schemas.ts'
import { inWorld, type TestWorld } from '../kit/world.ts'
import { ending } from '../scenarios/steps.ts'
import { endingSoFar, makePages } from '../sync/pages.ts'

test('a store whose disk fails to read closes the disk, and settles what was made', () =>
  inWorld(1, {}, async (world) => {
    const pages = makePages(world)
    const other = pages.open()
    await world.run(other.sync())
    let isFailing = false
    let isDiskClosed = false
    const store = pages.open({
      before(mode) {
        if (isFailing && mode === 'read') throw new TidemarkError('disk/timeout')
      },
      onClosed() {
        isDiskClosed = true
      },
    })
    await world.run(store.ready)
    other.goOffline()
    other.mutate.increment('other', 1)
    isFailing = true
    const { confirmed } = store.mutate.increment('c', 1)
    await world.run(ending(store.close()))
    expect(isDiskClosed).toBe(true)
    expect(await endingSoFar(world, confirmed)).toBe('misuse/closed')
  }))

const openNever = (world: TestWorld) =>
  createStore({ name: 'x', schema, mutators, world: { clock: world.clock, open: () => new Promise<never>(() => {}) } })

test('a store whose disk never opens works from memory after a while, and says so', () =>
  inWorld(1, {}, async (world) => {
    const store = openNever(world)
    await world.clock.advance(60_000)
    expect(store.status.value).toMatchObject({ phase: 'ready', disk: 'disk/timeout' })
    await world.run(store.close())
  }))

test('a store whose disk never opens can be closed', () =>
  inWorld(1, {}, async (world) => {
    const closing = openNever(world).close()
    await world.clock.advance(60_000)
    expect(await endingSoFar(world, closing)).toBe('well')
  }))

test('a second close ends no sooner than the first one', () =>
  inWorld(1, {}, async (world) => {
    const { store } = world.device('a')
    await world.clock.advance(7)
    const ended: string[] = []
    const first = store.close().then(() => ended.push('first'))
    const second = store.close().then(() => ended.push('second'))
    await world.run(Promise.all([first, second]))
    expect(ended).toEqual(['first', 'second'])
  }))

test('a store closed at any moment of its start says to whoever waits that it is closed', () =>
  inWorld(1, {}, async (world) => {
    for (let afterMs = 0; afterMs < 15; afterMs++) {
      const { store } = world.device(`device ${afterMs}`)
      await world.clock.advance(afterMs)
      const { accepted, confirmed } = store.mutate.increment('c', 1)
      const waiting = [store.sync(), accepted, confirmed].map(ending)
      await world.run(store.close())
      expect(await world.run(Promise.all(waiting)), `after ${afterMs} ms`).toEqual(Array(3).fill('misuse/closed'))
    }
  }))

test('a store that was closed in the middle of a cycle says that it is closed, and nothing else', () =>
  inWorld(1, {}, async (world) => {
    const a = world.device('a')
    world.net.set({ delayMs: [1_000, 1_000] })
    await world.clock.advance(100)
    expect(a.store.status.value).toMatchObject({ connection: 'syncing', leader: true })
    await world.run(a.store.close())
    expect(a.store.status.value).toMatchObject({ phase: 'closed', connection: 'offline', leader: false, live: false })
  }))
