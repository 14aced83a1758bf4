import * as v from 'valibot'
import { expect, test } from 'vitest'
import { collection, createStore, defineMutators, defineSchema, mutator } from '../../src/index.ts'
import { ending, inWorlds, makeSpy, openDevices, openOffline, visit, watch } from '../scenarios/steps.ts'

test('A1 with a warm cache and no network the first read has data, and a mutation shows in the same tick', () =>
  inWorlds({}, async (world) => {
    const spy = makeSpy()
    const a = world.device('a', { transport: spy.transport })
    await world.run(a.store.mutate.createNote('n1', 'kept').confirmed)
    a.kill()
    for (const path of ['push', 'pull', 'snapshot', 'poke']) spy.cut.add(path)
    const requests = spy.sent.length
    a.open()
    await world.run(a.store.ready)
    const live = a.store.query.notes.live()
    expect(live.value.map(({ title }) => title)).toEqual(['kept'])
    expect(live.status.value).toMatchObject({ state: 'ready', complete: true })
    a.store.mutate.setTitle('n1', 'at once')
    expect(a.store.query.notes.read()[0]?.title).toBe('at once')
    expect(live.value[0]?.title).toBe('at once')
    expect(spy.sent).toHaveLength(requests)
  }))

test('a mutation made before the disk was read is queued in its place, and shows with the rows', () =>
  inWorlds({}, async (world) => {
    const { a } = await openDevices(world, 'a')
    await world.run(a.store.mutate.createNote('n1', 'kept').confirmed)
    a.kill()
    a.open()
    const writing = a.store.mutate.setTitle('n1', 'early')
    expect(a.store.query.notes.read()).toEqual([])
    expect(a.store.status.value).toMatchObject({ phase: 'opening', pending: 1 })
    await world.run(a.store.ready)
    expect(a.store.query.notes.read().map(({ title }) => title)).toEqual(['early'])
    expect(await world.run(ending(writing.confirmed))).toBe('well')
    await world.quiesce()
    expect(await world.serverRows()).toEqual(a.rows())
  }))

test('A2 many edits made offline, over several killed pages, are on the server once each', () =>
  inWorlds({}, async (world) => {
    const { a, b } = await openOffline(world, 'a', 'b')
    for (let page = 0; page < 5; page++) {
      if (page) {
        a.open()
        await world.run(a.store.ready)
        a.store.goOffline()
      }
      for (let i = 0; i < 10; i++) a.store.mutate.increment('c', 1)
      await world.run(a.store.mutate.addItem(`i${page}`, 'l', 'x'))
      a.kill()
    }
    a.open()
    await world.run(a.store.ready)
    expect(a.store.query.counters.read()).toEqual([{ id: 'c', value: 50 }])
    expect(a.store.status.value.pending).toBe(55)
    b.store.goOnline()
    await world.quiesce()
    expect(await world.serverRows()).toMatchObject({ counters: [{ id: 'c', value: 50 }] })
    expect(b.rows()).toEqual(a.rows())
    expect(
      a.store.query.items
        .orderBy('order')
        .read()
        .map(({ id }) => id),
    ).toEqual(['i0', 'i1', 'i2', 'i3', 'i4'])
  }))

test('A4 two users of one space who edit at the same time end with equal rows', () =>
  inWorlds({}, async (world) => {
    const u1 = world.device('u1', { user: 'u1' })
    const u2 = world.device('u2', { user: 'u2' })
    for (const { store } of [u1, u2]) await world.run(store.sync())
    for (let i = 0; i < 20; i++) {
      u1.store.mutate.addItem(`x${i}`, 'l', 'of u1')
      u2.store.mutate.addItem(`y${i}`, 'l', 'of u2')
      u1.store.mutate.increment('c', 1)
      u2.store.mutate.increment('c', 10)
      await world.clock.advance(world.rng.int(0, 5))
    }
    await world.quiesce()
    expect(u1.rows()).toEqual(u2.rows())
    expect(u1.store.query.counters.read()).toEqual([{ id: 'c', value: 220 }])
    expect(
      u1.store.query.items
        .orderBy('order')
        .read()
        .map(({ order }) => order),
    ).toEqual(Array.from({ length: 40 }, (_, i) => i + 1))
  }))

test('A26 a mutator may ask about any row and write several collections, all or nothing', () =>
  inWorlds({}, async (world) => {
    const { a, b } = await openDevices(world, 'a', 'b')
    a.store.mutate.increment('rich', 10)
    a.store.mutate.increment('poor', 1)
    await world.run(a.store.mutate.transfer('poor', 5).confirmed)
    await world.quiesce()
    expect(b.store.query.counters.orderBy('id').read()).toEqual([
      { id: 'poor', value: 6 },
      { id: 'rich', value: 5 },
    ])
    const before = a.rows()
    expect(await world.run(ending(a.store.mutate.transfer('poor', 100)))).toBe('refused/rejected')
    expect(a.rows()).toEqual(before)
    expect(a.store.status.value.pending).toBe(0)
  }))

const Book = v.object({ id: v.string(), title: v.string(), pageCount: v.number() })
const books = defineSchema({ version: 1, collections: { books: collection(Book) } })
const bookMutators = defineMutators(books, {
  createBook: mutator([v.string(), v.string(), v.optional(v.number(), 7)], (tx, id, title, pageCount) => {
    tx.books.insert({ id, title, pageCount })
  }),
  setPages: mutator(v.object({ id: v.string(), pageCount: v.number() }), (tx, { id, pageCount }) => {
    tx.books.patch(id, { pageCount })
  }),
})

test('C12 arguments are positional or one object, by how the mutator declares them; a default is filled in once', () =>
  inWorlds({}, async (world) => {
    const store = createStore({ name: 'b', schema: books, mutators: bookMutators, persistence: 'memory', world: { clock: world.clock } })
    await world.run(store.ready)
    store.mutate.createBook('b1', 'Cool title')
    store.mutate.createBook('b2', 'Long title', 900)
    store.mutate.setPages({ id: 'b1', pageCount: 12 })
    expect(store.query.books.orderBy('id').read()).toEqual([
      { id: 'b1', title: 'Cool title', pageCount: 12 },
      { id: 'b2', title: 'Long title', pageCount: 900 },
    ])
    expect(store.mutations.list.value.map(({ calls }) => calls)).toEqual([
      [['createBook', ['b1', 'Cool title', 7]]],
      [['createBook', ['b2', 'Long title', 900]]],
      [['setPages', [{ id: 'b1', pageCount: 12 }]]],
    ])
    await world.run(store.close())
  }))

test('E1 with the network off a mutation shows at once, and its promise resolves when it is durable', () =>
  inWorlds({}, async (world) => {
    const { a } = await openDevices(world, 'a')
    world.net.partition('a', true)
    const writing = a.store.mutate.createNote('n1', 'x')
    expect(a.store.query.notes.read()).toHaveLength(1)
    const written = await world.run(writing)
    expect(written.id).toBe(writing.id)
    expect('then' in written).toBe(false)
    expect(await world.run(ending(written.durable))).toBe('well')
    const records = a.store.mutations.list.value
    expect(records.map(({ stage }) => stage)).not.toContain('memory')
  }))

test('E4 ten mutations of one tick leave in one push', () =>
  inWorlds({}, async (world) => {
    const spy = makeSpy()
    const a = world.device('a', { transport: spy.transport })
    await world.run(a.store.sync())
    await world.clock.advance(100)
    for (let i = 0; i < 10; i++) a.store.mutate.createNote(`n${i}`, 'x')
    await world.quiesce()
    expect(spy.of('push').map(({ body }) => body.mutations?.length)).toEqual([10])
  }))

test('E5 the server gets each client’s mutations in order, without a gap, whatever the network does', () =>
  inWorlds({ faults: { dropRequest: 0.2, dropAnswer: 0.2, duplicate: 0.2, delayMs: [1, 200] } }, async (world) => {
    const spy = makeSpy()
    const a = world.device('a', { transport: spy.transport })
    for (let i = 0; i < 60; i++) {
      a.store.mutate.addItem(`i${i}`, 'l', 'x')
      if (i % 7 === 0) await world.clock.advance(world.rng.int(0, 500))
    }
    await world.clock.advance(60_000)
    world.net.heal()
    await world.quiesce()
    expect((await world.serverRows())['items']).toHaveLength(60)
    const rows = a.store.query.items.orderBy('order').read()
    expect(rows.map(({ id }) => id)).toEqual(rows.map((_, i) => `i${i}`))
    for (const { body } of spy.of('push')) {
      const seqs = (body.mutations ?? []).map(({ seq }) => seq)
      expect(seqs).toEqual(seqs.map((_, i) => (seqs[0] ?? 0) + i))
    }
  }))

test('a batch is one mutation: all or nothing here, one verdict there', () =>
  inWorlds({}, async (world) => {
    const { a, b } = await openOffline(world, 'a', 'b')
    const seen = watch(a.store.query.notes.live())
    const writing = a.store.mutate.batch(() => {
      a.store.mutate.createNote('n1', 'one')
      a.store.mutate.createNote('n2', 'two')
      a.store.mutate.setTitle('n1', 'one more')
    })
    expect(seen.values.map((notes) => notes.length)).toEqual([0, 2])
    expect(a.store.mutations.list.value.map(({ calls }) => calls.length)).toEqual([3])
    const failing = a.store.mutate.batch(() => {
      a.store.mutate.createNote('n3', 'three')
      a.store.mutate.createNote('n1', 'again')
    })
    expect(await world.run(ending(failing))).toBe('refused/conflict')
    expect(a.store.query.notes.read().map(({ id }) => id)).toEqual(['n1', 'n2'])
    expect(() =>
      a.store.mutate.batch(() => {
        a.store.mutate.createNote('n4', 'four')
        throw new Error('changed my mind')
      }),
    ).toThrow('changed my mind')
    expect(a.store.query.notes.read()).toHaveLength(2)
    // after one that failed, calls are by themselves again
    a.store.mutate.increment('c', 1)
    expect(a.store.mutations.list.value.map(({ calls }) => calls.length)).toEqual([3, 1])
    await visit(world, a)
    expect(await world.run(ending(writing.confirmed))).toBe('well')
    await visit(world, b)
    expect(b.rows()).toEqual(a.rows())
  }))
