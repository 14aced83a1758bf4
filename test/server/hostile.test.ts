// What a hostile or unlucky caller could do to others, each once done.
import * as v from 'valibot'
import { expect, test } from 'vitest'
import { TidemarkError } from '../../src/errors.ts'
import { defineMutators, mutator } from '../../src/mutator/mutator.ts'
import { collection } from '../../src/schema/collection.ts'
import { defineSchema } from '../../src/schema/schema.ts'
import { mustRow } from '../../src/schema/validate.ts'
import { createServer } from '../../src/server/handler.ts'
import { memoryDatabase } from '../../src/server/memory.ts'
import type { Database } from '../../src/server/database.ts'
import { call, readLines, serve, summary } from './app.ts'

const add = (id: string) => [['addBook', [id, 'x']]] as never

test('HX9 whoever copies a mutation id hides nothing from its author: neither its verdict nor what builds on it', async () => {
  const app = serve()
  const ann = call(app, 'ann', 'a')
  const bob = call(app, 'bob', 'b')
  await ann.push({ id: 'M', calls: add('b1') })
  expect(summary(await bob.push({ id: 'M', calls: add('b2') }))).toEqual(['refused refused/forbidden'])
  const annNew = call(app, 'ann', 'a2')
  const got = [
    summary(await annNew.push({ id: 'M', calls: add('b1') })),
    summary(await ann.push({ id: 'N', needs: ['M'], calls: add('b3') })),
  ]
  expect(got).toEqual([['applied'], ['applied']])
})

test('HX3 a need on somebody else’s mutation tells nothing of its fate', async () => {
  const app = serve()
  await call(app, 'ann', 'a').push({ id: 'M', calls: add('b1') })
  const bob = call(app, 'bob', 'b')
  const known = summary(await bob.push({ id: 'N1', needs: ['M'], calls: [] }))
  const unknown = summary(await bob.push({ id: 'N2', needs: ['nobody'], calls: [] }))
  expect(known).toEqual(unknown)
})

test('HX3 a snapshot does not count the rows of an audience that was lost', async () => {
  const app = serve({
    audiences: (tx) =>
      tx.members
        .where('user', '=', tx.user!)
        .read()
        .map((m) => `team:${m.team}`),
  })
  const admin = call(app, 'admin', 'a')
  await admin.push({
    calls: [
      ['join', ['eve', 'red']],
      ['putTask', ['t1', 'red', 'x']],
      ['putTask', ['t2', 'red', 'x']],
    ] as never,
  })
  const eve = call(app, 'eve', 'b')
  const page = (await eve.pull({ limit: 1 })) as { cursor: string; more: boolean }
  expect(page.more).toBe(true)
  await admin.push({ calls: [['part', ['eve', 'red']], ...[3, 4, 5, 6].map((i) => ['putTask', [`t${i}`, 'red', 'secret']])] as never })
  const [head] = await readLines(await eve.post('snapshot', { ...eve.envelope(), cursor: page.cursor }))
  expect((head as { total: number }).total).toBe(0)
})

test('HX2 a refusal does not quote what a mutator read behind the caller’s back', async () => {
  const s = defineSchema({
    version: 1,
    collections: {
      books: collection(v.object({ id: v.string(), state: v.picklist(['a', 'b']) })),
      secrets: collection(v.object({ id: v.string(), text: v.string() }), { audience: 'server' }),
    },
  })
  const m = defineMutators(s, {
    hide: mutator([v.string()], (tx, text) => tx.secrets.put({ id: 's', text })),
    copy: mutator([], (tx) => tx.books.put({ id: 'b', state: tx.secrets.get('s')!.text as 'a' })),
  })
  const { world } = serve()
  const server = createServer({
    schema: s,
    mutators: m,
    database: memoryDatabase(world),
    world,
    authorize: 'anyone',
    authenticate: (r) => ({ user: r.headers.get('x-user') }),
  })
  const push = async (user: string, calls: unknown) =>
    (
      await server.fetch(
        new Request('http://s/push', {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-user': user },
          body: JSON.stringify({
            tidemark: 1,
            space: 'm',
            user,
            schema: 1,
            group: user,
            mutations: [{ client: user, seq: 1, id: user, calls, at: 0, schema: 1 }],
          }),
        }),
      )
    ).text()
  await push('ann', [['hide', ['TAINT']]])
  const said = await push('bob', [['copy', []]])
  expect(said).not.toContain('TAINT')
})

test('a failure of `audiences` is the operator’s and not the caller’s', async () => {
  const app = serve({ audiences: (tx) => [tx.members.get(tx.user as string)?.team ?? 'none'] })
  const response = await call(app, null).post('pull', { tidemark: 1, space: 'main', user: null, schema: 2, group: 'g', cursor: null })
  const text = await response.text()
  expect([response.status, app.reported.length, text]).toEqual([500, 1, expect.not.stringContaining('members')])
})

test('close does not wait for a body that stalls', async () => {
  const app = serve()
  const stalled = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => undefined) })
  const answered = app.server.fetch(
    new Request('http://server/push', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: stalled,
      duplex: 'half',
    } as RequestInit),
  )
  await Promise.resolve()
  await app.server.close()
  expect((await answered).status).toBe(503)
})

test('a body that stalls ends with its request', async () => {
  const app = serve()
  const gone = new AbortController()
  const stalled = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => undefined) })
  const answered = app.server.fetch(
    new Request('http://server/push', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: stalled,
      duplex: 'half',
      signal: gone.signal,
    } as RequestInit),
  )
  await Promise.resolve()
  gone.abort()
  expect((await answered).status).toBe(503)
})

test('nulls and empty lists count towards the size of a row', () => {
  const definition = { schema: v.object({ id: v.string(), list: v.any() }), options: {} }
  for (const item of [null, [], {}])
    expect(() => mustRow(definition, 'x', { id: '1', list: Array(2_000_000).fill(item) })).toThrow(
      expect.objectContaining({ code: 'invalid/too-large' }),
    )
})

test('a chunk of a snapshot is bounded in bytes, however large its rows', async () => {
  const app = serve()
  const caller = call(app)
  for (let i = 0; i < 30; i++) await caller.push({ calls: [['addBook', [`b${i}`, 'x'.repeat(200_000)]]] as never })
  const reader = (await caller.post('snapshot', caller.envelope())).body!.getReader()
  let most = 0
  for (let part = await reader.read(); !part.done; part = await reader.read()) most = Math.max(most, part.value.byteLength)
  expect(most).toBeLessThan(1_500_000)
})

test('a collection may be called tables', async () => {
  const restaurant = defineSchema({ version: 1, collections: { tables: collection(v.object({ id: v.string() }), { crud: true }) } })
  const lay = defineMutators(restaurant, { lay: mutator([v.string()], (tx, id) => tx.tables.insert({ id })) })
  const { world } = serve()
  const server = createServer({ schema: restaurant, mutators: lay, database: memoryDatabase(world), world, authorize: 'anyone' })
  const calls = [
    ['lay', ['t1']],
    ['tables.remove', ['t1']],
  ]
  const mutations = [{ client: 'c', seq: 1, id: 'm', calls, at: 0, schema: 1 }]
  const body = JSON.stringify({ tidemark: 1, space: 'm', user: null, schema: 1, group: 'g', mutations })
  const headers = { 'content-type': 'application/json' }
  const answer = await server.fetch(new Request('http://s/push', { method: 'POST', headers, body }))
  expect(await answer.json()).toMatchObject({ verdicts: [{ status: 'applied' }] })
})

test('an id that was applied meanwhile, under another client, is not refused with the push that the database did not take', async () => {
  const inner = memoryDatabase()
  let fails = 2
  let between: (() => Promise<void>) | undefined
  const database: Database = {
    ...inner,
    write: async (space, run) => {
      if (fails-- > 0) {
        await inner.read(space, async () => undefined)
        if (fails === 0) await between?.()
        throw new TidemarkError('refused/constraint')
      }
      return inner.write(space, run)
    },
  }
  const app = serve({ database })
  const one = call(app, 'u1', 'a')
  const two = call(app, 'u1', 'b')
  between = async () => {
    fails = -1
    await two.push({ id: 'M', calls: add('b1') })
  }
  expect(summary(await one.push({ id: 'M', calls: add('b1') }))).toEqual(['applied'])
})

test('a cursor inside a version that is gone is one of another history', async () => {
  const make = () => {
    const app = serve()
    return { app, caller: call(app) }
  }
  const a = make()
  await a.caller.push({ calls: add('a0') })
  await a.caller.sync()
  await a.caller.push({ calls: [...(add('b1') as []), ...(add('b2') as [])] as never })
  const page = (await a.caller.pull({ limit: 1 })) as { cursor: string; more: boolean }
  expect(page.more).toBe(true)
  // the same secret and epoch: the same seed; only version 1 is there
  const b = make()
  await b.caller.push({ calls: add('a0') })
  const answer = await b.caller.pull({ cursor: page.cursor })
  expect(answer).toMatchObject({ reset: 'epoch' })
})

test('looking ahead does not use up the time under the lock', async () => {
  const app = serve()
  const slow = { ...app.world }
  const s = defineSchema({ version: 1, collections: { notes: collection(v.object({ id: v.string() })) } })
  const m = defineMutators(s, {
    add: mutator([v.string()], (tx, id) => {
      now += 15
      tx.notes.put({ id })
    }),
  })
  let now = 0
  const world = { ...slow, clock: { now: () => now, sleep: app.clock.sleep } }
  const server = createServer({ schema: s, mutators: m, database: memoryDatabase(world), world, authorize: 'anyone' })
  let done = 0
  let pushes = 0
  const total = 100
  while (done < total) {
    pushes++
    const mutations = Array.from({ length: total - done }, (_, i) => ({
      client: 'c',
      seq: done + i + 1,
      id: `m${done + i}`,
      calls: [['add', [`n${done + i}`]]],
      at: 0,
      schema: 1,
    }))
    const r = await server.fetch(
      new Request('http://s/push', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ tidemark: 1, space: 'm', user: null, schema: 1, group: 'g', mutations }),
      }),
    )
    const { verdicts } = (await r.json()) as { verdicts: { status: string }[] }
    done += verdicts.filter((x) => x.status === 'applied').length
  }
  expect(pushes).toBeLessThan(6)
})

test('one user’s failing audiences do not take the pokes of all', async () => {
  const app = serve({
    audiences: (tx) => {
      if (tx.user === 'u2' && tx.books.has('boom')) throw new Error('x')
      return []
    },
  })
  const [one, two] = [call(app, 'u1', 'a'), call(app, 'u2', 'b')]
  const open = async (c: typeof one) => (await c.post('poke', { ...c.envelope(), version: 0 })).body!.getReader()
  const r1 = await open(one)
  await open(two)
  await one.push({ calls: add('boom') })
  let text = ''
  while (!text.includes('data:')) text += new TextDecoder().decode((await r1.read()).value)
  expect(text).toContain('"patches"')
})

test('a snapshot that breaks off is in the operator’s log', async () => {
  const inner = memoryDatabase()
  let reads = 0
  const read: Database['read'] = (space, run) => (++reads > 1 ? Promise.reject(new Error('away')) : inner.read(space, run))
  const app = serve({ database: { ...inner, read } })
  const response = await call(app).post('snapshot', call(app).envelope())
  await expect(response.text()).rejects.toThrow('away')
  expect(app.reported).toHaveLength(1)
})

test('two megabytes of wrong mutations are refused by the first of them', async () => {
  const app = serve()
  const body = JSON.stringify({ tidemark: 1, mutations: Array(660_000).fill({}) })
  const headers = { 'content-type': 'application/json' }
  const response = await app.server.fetch(new Request('http://server/push', { method: 'POST', headers, body }))
  expect(response.status).toBe(400)
})
