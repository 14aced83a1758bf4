import { expect, test } from 'vitest'
import { http, memory } from '../../src/index.ts'
import type { Connect } from '../../src/transport/transport.ts'
import type { TestWorld } from '../kit/world.ts'
import { ending, inWorlds } from '../scenarios/steps.ts'

const transports: Readonly<Record<string, (world: TestWorld) => Connect>> = {
  'http with pokes': () => http({ url: 'http://server.invalid/sync' }),
  'http by polling': () => http({ url: 'http://server.invalid/sync/', poke: 'none' }),
  'memory with pokes': (world) => memory(world.server),
  'memory by polling': (world) => memory(world.server, { poke: 'none' }),
}

for (const [name, connect] of Object.entries(transports))
  test(`N1 two clients meet over ${name}: offline edits, a refusal, a reload, equal rows`, () =>
    inWorlds({}, async (world) => {
      const [a, b] = ['a', 'b'].map((device) => world.device(device, { transport: connect(world), pollMs: 1_000 }))
      if (!a || !b) throw new Error('no devices')
      for (const { store } of [a, b]) await world.run(store.sync())
      a.store.goOffline()
      a.store.mutate.addItem('milk', 'l', 'milk')
      const refused = a.store.mutate.rejectOnServer('n1', 'x')
      b.store.mutate.addItem('eggs', 'l', 'eggs')
      await world.clock.advance(5_000)
      a.kill()
      a.open()
      await world.run(a.store.ready)
      await world.quiesce()
      await world.clock.advance(2_000)
      expect(
        a.store.query.items
          .orderBy('order')
          .read()
          .map(({ id }) => id),
      ).toEqual(['eggs', 'milk'])
      expect(b.rows()).toEqual(a.rows())
      expect(a.store.quarantine.list.value.map(({ id }) => id)).toEqual([refused.id])
      expect(a.store.status.value.live).toBe(!name.includes('polling'))
    }))

test('N2 http takes a fetch, headers that are asked for each time, and a time-out of one’s own', () =>
  inWorlds({}, async (world) => {
    const seen: (string | null)[] = []
    const signals: AbortSignal[] = []
    let token = 0
    let isDeaf = false
    const a = world.device('a', {
      transport: http({
        url: 'http://elsewhere.invalid/api/sync/',
        poke: 'none',
        timeoutMs: 500,
        headers: async () => ({ authorization: `Bearer ${token++}` }),
        fetch(url, init) {
          expect(url).toMatch(/^http:\/\/elsewhere\.invalid\/api\/sync\/(push|pull|snapshot)$/)
          const request = new Request(url, init)
          seen.push(request.headers.get('authorization'))
          if (init.signal) signals.push(init.signal)
          return isDeaf ? new Promise<Response>(() => {}) : world.server.fetch(request)
        },
      }),
    })
    await world.run(a.store.sync())
    expect(seen.length).toBeGreaterThan(1)
    expect(seen).toEqual(seen.map((_, i) => `Bearer ${i}`))
    isDeaf = true
    const from = world.clock.elapsedMs
    expect(await world.run(ending(a.store.sync()))).toBe('unreachable/timeout')
    expect(world.clock.elapsedMs - from).toBeLessThan(600)
    expect(a.store.status.value).toMatchObject({ connection: 'waiting', reason: 'unreachable/timeout' })
    // a request under way is given up when the store closes
    const sync = ending(a.store.sync())
    await world.clock.advance(100)
    const underWay = signals.at(-1)
    expect(underWay?.aborted).toBe(false)
    await world.run(a.store.close())
    expect(underWay?.aborted).toBe(true)
    expect(await world.run(sync)).not.toBe('well')
  }))
