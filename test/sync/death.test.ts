import { expect, test } from 'vitest'
import { inWorld, seedsOf } from '../kit/world.ts'
import { ending, inWorlds, makeSpy, openDevices } from '../scenarios/steps.ts'

test('E6 pages and servers that die at any moment lose nothing and double nothing', async () => {
  for (const seed of seedsOf(20)) {
    await inWorld(seed, { faults: { delayMs: [1, 30] } }, async (world) => {
      const { a, b } = await openDevices(world, 'a', 'b')
      const { rng } = world
      const made = { a: 0, b: 0 }
      // what was durable when its page died must arrive; what was not may
      let durable = 0
      for (let step = 0; step < 60; step++) {
        const name = rng.pick(['a', 'b'] as const)
        const device = { a, b }[name]
        const writing = device.store.mutate.increment(name, 1)
        made[name]++
        writing.durable.then(
          () => durable++,
          () => {},
        )
        await world.clock.advance(rng.int(0, 12))
        if (rng.chance(0.15)) {
          device.kill()
          await world.clock.advance(rng.int(0, 20))
          device.open()
        }
        if (rng.chance(0.15)) {
          world.restartServer(false)
          await world.clock.advance(rng.int(0, 50))
          world.restartServer(true)
        }
      }
      const promised = durable
      await world.quiesce()
      const counters = (await world.serverRows())['counters'] as readonly { readonly id: 'a' | 'b'; readonly value: number }[]
      for (const { id, value } of counters) expect(value).toBeLessThanOrEqual(made[id])
      expect(counters.reduce((sum, { value }) => sum + value, 0)).toBeGreaterThanOrEqual(promised)
      expect(a.rows()).toEqual(b.rows())
      for (const { store } of [a, b]) expect(store.status.value).toMatchObject({ pending: 0, quarantined: 0 })
    })
  }
})

const html = { 'content-type': 'text/html' }
const json = { 'content-type': 'application/json' }
const strangers: readonly (readonly [what: string, answer: () => Response])[] = [
  ['HTML with 200', () => new Response('<html>Sign in to the café</html>', { headers: html })],
  ['HTML with 502', () => new Response('<h1>Bad Gateway</h1>', { status: 502, headers: html })],
  ['HTML with 403', () => new Response('<h1>Forbidden</h1>', { status: 403, headers: html })],
  ['HTML with 404', () => new Response('<h1>Not found</h1>', { status: 404, headers: html })],
  ['a redirect', () => new Response(null, { status: 302, headers: { location: 'https://portal.invalid/' } })],
  ['nothing with 204', () => new Response(null, { status: 204 })],
  ['an empty body', () => new Response('', { headers: json })],
  ['half a message', () => new Response('{"tidemark":1,"epoch":"e","ver', { headers: json })],
  ['another service’s JSON', () => Response.json({ ok: true, verdicts: [], patches: [] })],
  ['null', () => Response.json(null)],
  ['a list', () => Response.json([1, 2, 3])],
  ['JSON with 401 that is not ours', () => Response.json({ error: 'expired' }, { status: 401 })],
  ['JSON with 403 that is not ours', () => Response.json({ error: { code: 'auth/forbidden-space' } }, { status: 403 })],
  ['an error of ours that nobody knows', () => Response.json({ tidemark: 1, error: { code: 'weird/new', message: '' } }, { status: 500 })],
  ['too many requests', () => new Response('slow down', { status: 429, headers: { 'retry-after': '2' } })],
  ['bytes that are no text', () => new Response(new Uint8Array([0xff, 0xfe, 0x00]), { headers: json })],
]

test.each(strangers)('a server that answers %s loses nothing: what is queued stays, and goes when it speaks again', async (_, answer) => {
  await inWorlds({}, async (world) => {
    const spy = makeSpy()
    const a = world.device('a', { transport: spy.transport })
    await world.run(a.store.mutate.createNote('n1', 'kept').confirmed)
    await world.quiesce()
    spy.answer = answer
    const writing = a.store.mutate.increment('c', 1)
    await world.run(writing)
    expect(await world.run(ending(a.store.sync()))).toMatch(/^unreachable\//)
    await world.clock.advance(120_000)
    expect(a.store.status.value).toMatchObject({ pending: 1, quarantined: 0, connection: 'waiting' })
    expect(a.store.query.notes.read()).toHaveLength(1)
    for (const { code } of a.errors) expect(code).toMatch(/^unreachable\//)
    // no storm: fewer than one in two seconds, whatever it answers
    expect(spy.sent.length).toBeLessThan(80)
    spy.answer = undefined
    expect(await world.run(ending(writing.confirmed))).toBe('well')
    await world.quiesce()
    expect((await world.serverRows())['counters']).toEqual([{ id: 'c', value: 1 }])
  })
})

test.each([['snapshot'], ['pull']])(
  'a fresh store whose first %s is garbage shows nothing of it, and loads when the server speaks',
  async (path) => {
    await inWorlds({}, async (world) => {
      const { b } = await openDevices(world, 'b')
      await world.run(b.store.mutate.createNote('n1', 'x').confirmed)
      const spy = makeSpy()
      const head = JSON.stringify({ tidemark: 1, epoch: 'e', version: 9, now: 1, from: null, total: 2 })
      const row = JSON.stringify(['notes', { id: 'bad', title: 'bad', content: '', done: false }])
      // a stream that ends without its foot
      spy.answer = (asked) =>
        asked === path ? new Response(`${head}\n${row}\n`, { headers: { 'content-type': 'application/x-ndjson' } }) : undefined
      const a = world.device('a', { transport: spy.transport })
      expect(await world.run(ending(a.store.sync()))).toBe('unreachable/not-tidemark')
      expect(a.store.query.notes.read()).toEqual([])
      expect(a.store.status.value).toMatchObject({ phase: 'loading', version: 0 })
      spy.answer = undefined
      await world.quiesce()
      expect(a.rows()).toEqual(b.rows())
    })
  },
)
