import { expect, test } from 'vitest'
import { ending, inWorlds, makeSpy, openDevices, openOffline, visit, watch } from './steps.ts'

test('T22 E3 the server’s other value takes the place of the predicted one in one step; others see it alone', () =>
  inWorlds({}, async (world) => {
    const { a, b } = await openDevices(world, 'a', 'b')
    const seen = { a: watch(a.store.query.notes.live()), b: watch(b.store.query.notes.live()) }
    await world.run(a.store.mutate.createTrimmed('n1', '  x ').confirmed)
    await world.quiesce()
    expect(seen.a.values.map((notes) => notes.map(({ title }) => title))).toEqual([[], ['  x '], ['x']])
    expect(seen.b.values.map((notes) => notes.map(({ title }) => title))).toEqual([[], ['x']])
    expect(await world.serverRows()).toEqual(a.rows())
  }))

test('T23 H5 a row that only the server makes appears on both clients with the confirmation, and not before', () =>
  inWorlds({}, async (world) => {
    const { a, b } = await openDevices(world, 'a', 'b')
    const writing = a.store.mutate.createAudited('n1', 'x')
    expect(a.store.query.audits.read()).toEqual([])
    await world.run(writing.accepted)
    await world.run(writing.confirmed)
    expect(a.store.query.audits.read()).toMatchObject([{ about: 'n1' }])
    await world.quiesce()
    expect(b.rows()).toEqual(a.rows())
    expect(await world.serverRows()).toEqual(a.rows())
  }))

test('T24 H5 a row that the client foresaw and the server did not make vanishes, and nobody else ever saw it', () =>
  inWorlds({}, async (world) => {
    const { a, b } = await openDevices(world, 'a', 'b')
    const seen = watch(b.store.query.notes.live())
    const writing = a.store.mutate.predictedOnlyOnClient('n1', 'x')
    expect(a.store.query.notes.read()).toHaveLength(1)
    await world.run(writing.confirmed)
    expect(a.store.query.notes.read()).toEqual([])
    await world.quiesce()
    expect(seen.values).toEqual([[]])
    expect((await world.serverRows())['notes']).toEqual([])
  }))

test('T28 fifty pending edits among five hundred of another client: each is applied once, in order, and no commit notifies twice', () =>
  inWorlds({}, async (world) => {
    const spy = makeSpy()
    const a = world.device('a', { transport: spy.transport })
    const { b } = await openDevices(world, 'b')
    await world.run(a.store.sync())
    await world.run(b.store.mutate.createNote('n1', 'start').confirmed)
    await world.quiesce()
    a.store.goOffline()
    for (let i = 0; i < 50; i++) {
      a.store.mutate.increment('mine', 1)
      a.store.mutate.setTitle('n1', `of a ${i}`)
    }
    await world.clock.advance(100)
    const before = a.store.status.value.version
    const seen = watch(a.store.query.counters.live())
    a.store.goOnline()
    for (let i = 0; i < 500; i++) {
      b.store.mutate.increment('theirs', 1)
      if (i % 25 === 0) await world.clock.advance(3)
    }
    await world.quiesce()
    const counters = [
      { id: 'mine', value: 50 },
      { id: 'theirs', value: 500 },
    ]
    expect(a.store.query.counters.read()).toEqual(counters)
    expect(await world.serverRows()).toMatchObject({ counters, notes: [{ title: 'of a 49' }] })
    const seqs = spy
      .of('push')
      .flatMap(({ body }) => body.mutations ?? [])
      .map(({ seq }) => seq)
    expect(seqs).toEqual(Array.from({ length: 100 }, (_, i) => i + 1))
    // one notification for a version at most, beside the one on subscribing
    expect(seen.values.length).toBeLessThanOrEqual(a.store.status.value.version - before + 1)
    expect(b.rows()).toEqual(a.rows())
  }))

test('T29 H9 a pending mutation that throws on replay is left to the server; the others stay shown, and the poke is applied', () =>
  inWorlds({}, async (world) => {
    const spy = makeSpy()
    const a = world.device('a', { transport: spy.transport })
    const { b } = await openDevices(world, 'b')
    await world.run(a.store.sync())
    await world.run(b.store.mutate.createNote('n1', 'old').confirmed)
    await world.quiesce()
    spy.cut.add('push')
    const throwing = a.store.mutate.throwsWhenDone('n1', 'mine')
    a.store.mutate.createNote('n2', 'another')
    a.store.mutate.setContent('n1', 'content')
    const seen = watch(a.store.query.notes.orderBy('id').live())
    await world.run(b.store.mutate.setDone('n1', true).confirmed)
    await world.clock.runUntil(() => a.store.collections.notes.entity('n1').value?.done === true)
    expect(a.store.query.notes.orderBy('id').read()).toEqual([
      { id: 'n1', title: 'old', content: 'content', done: true },
      { id: 'n2', title: 'another', content: '', done: false },
    ])
    // from the one view to the other in a step
    expect(seen.values).toHaveLength(2)
    expect(a.store.status.value).toMatchObject({ pending: 3, quarantined: 0 })
    expect(a.store.mutations.list.value.find(({ id }) => id === throwing.id)?.writes).toEqual([])
    spy.cut.clear()
    expect(await world.run(ending(throwing.confirmed))).toBe('refused/mutator-failed')
    await world.quiesce()
    expect(a.store.status.value).toMatchObject({ pending: 0, quarantined: 1 })
    expect(await world.serverRows()).toEqual(a.rows())
    expect(b.rows()).toEqual(a.rows())
  }))

test('H2 of five pending mutations of which the server has three, the other two are left and replayed', () =>
  inWorlds({}, async (world) => {
    const spy = makeSpy()
    const a = world.device('a', { transport: spy.transport })
    await world.run(a.store.sync())
    await world.quiesce()
    spy.cut.add('push')
    for (const by of [1, 10, 100]) a.store.mutate.increment('c', by)
    await world.clock.advance(50)
    spy.cut.clear()
    const sync = a.store.sync()
    await world.clock.advance(1)
    spy.cut.add('push')
    for (const by of [1_000, 10_000]) a.store.mutate.increment('c', by)
    await world.run(ending(sync))
    await world.clock.advance(200)
    expect(a.store.query.counters.read()).toEqual([{ id: 'c', value: 11_111 }])
    expect(a.store.mutations.list.value.map(({ calls }) => calls[0]?.[1])).toEqual([
      ['c', 1_000],
      ['c', 10_000],
    ])
    expect((await world.serverRows())['counters']).toEqual([{ id: 'c', value: 111 }])
    spy.cut.clear()
    await world.quiesce()
    expect((await world.serverRows())['counters']).toEqual([{ id: 'c', value: 11_111 }])
  }))

test('H3 interleaved edits of several clients end in the server’s order on all of them', () =>
  inWorlds({}, async (world) => {
    const { a, b, c } = await openOffline(world, 'a', 'b', 'c')
    const devices = { a, b, c }
    for (const [name, { store }] of Object.entries(devices))
      for (let i = 0; i < 3; i++) store.mutate.addItem(`${name}${i}`, 'l', `${name}${i}`)
    await world.clock.advance(50)
    for (const device of [b, c, a, b, c]) await visit(world, device)
    const order = ['b0', 'b1', 'b2', 'c0', 'c1', 'c2', 'a0', 'a1', 'a2']
    for (const { store } of [a, b, c])
      expect(
        store.query.items
          .orderBy('order')
          .read()
          .map(({ id, order }) => [id, order]),
      ).toEqual(order.map((id, i) => [id, i + 1]))
    expect(await world.serverRows()).toEqual(a.rows())
  }))
