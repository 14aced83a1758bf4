import { expect, test } from 'vitest'
import { TidemarkError } from '../../src/errors.ts'
import { ending, inWorlds, makeSpy, openDevices, openOffline, post, visit, watch } from './steps.ts'

test('T01 a created note travels to another client, and further syncs say nothing', () =>
  inWorlds({ poke: 'none' }, async (world) => {
    const { a, b } = await openDevices(world, 'a', 'b')
    await world.run(a.store.mutate.createNote('n1', 'hello'))
    await world.run(a.store.sync())
    await world.run(b.store.sync())
    expect(b.store.query.notes.read()).toEqual([{ id: 'n1', title: 'hello', content: '', done: false }])
    expect(b.rows()).toEqual(a.rows())
    expect(await world.serverRows()).toEqual(a.rows())
    expect(a.store.status.value.pending).toBe(0)

    const before = { version: a.store.status.value.version, row: a.store.query.notes.read()[0] }
    const { values } = watch(a.store.query.notes.live())
    await world.run(a.store.sync())
    await world.run(b.store.sync())
    expect(values).toHaveLength(1)
    expect(a.store.status.value.version).toBe(before.version)
    expect(b.store.status.value.version).toBe(before.version)
    expect(a.store.query.notes.read()[0]).toBe(before.row)
    expect([...a.errors, ...b.errors]).toEqual([])
  }))

test('T01 a second sync carries no mutation and no patch', () =>
  inWorlds({ poke: 'none' }, async (world) => {
    const spy = makeSpy('none')
    const { store } = world.device('a', { transport: spy.transport })
    await world.run(store.mutate.createNote('n1', 'hello'))
    await world.run(store.sync())
    const [pushes, pulls] = [spy.of('push').length, spy.of('pull').length]
    await world.run(store.sync())
    expect(spy.of('push')).toHaveLength(pushes)
    expect(spy.of('pull')).toHaveLength(pulls + 1)
    const [answer] = await post(world, 'pull', spy.of('pull').at(-1)?.body)
    expect(answer?.body).toMatchObject({ patches: [], confirmed: expect.anything(), refused: [], more: false })
  }))

test('T02 a mutator that writes and then throws rejects its call, shows nothing and queues nothing', () =>
  inWorlds({}, async (world) => {
    const { a, b } = await openDevices(world, 'a', 'b')
    const { values } = watch(a.store.query.notes.live())
    const writing = a.store.mutate.throwsAfterWrite('n1')
    expect(await world.run(ending(writing))).toBe('refused/mutator-failed')
    expect(await world.run(ending(writing.accepted))).toBe('refused/mutator-failed')
    expect(await world.run(ending(writing.confirmed))).toBe('refused/mutator-failed')
    expect(a.store.status.value).toMatchObject({ pending: 0, quarantined: 0 })
    expect(values).toEqual([[]])
    // no sequence number went with it: what follows is taken
    await world.run(a.store.mutate.createNote('n2', 'next').confirmed)
    await world.quiesce()
    expect(b.store.query.notes.read().map(({ id }) => id)).toEqual(['n2'])
  }))

test('T03 a mutator that throws on the server leaves neither of its rows, and is reported', () =>
  inWorlds({}, async (world) => {
    const { a, b } = await openDevices(world, 'a', 'b')
    const refused: string[] = []
    a.store.on('refused', ({ id, error }) => refused.push(`${id} ${error.code}`))
    const writing = a.store.mutate.throwsOnServer('n1', 'n2')
    expect(a.store.query.notes.read()).toHaveLength(2)
    expect(await world.run(ending(writing.confirmed))).toBe('refused/mutator-failed')
    expect(a.store.query.notes.read()).toEqual([])
    expect(refused).toEqual([`${writing.id} refused/mutator-failed`])
    // its sequence number is spent: the next one is taken
    await world.run(a.store.mutate.createNote('n3', 'next').confirmed)
    await world.quiesce()
    expect((await world.serverRows())['notes']?.map(({ id }) => id)).toEqual(['n3'])
    expect(b.rows()).toEqual(a.rows())
    expect(a.store.quarantine.list.value.map(({ calls }) => calls)).toEqual([[['throwsOnServer', ['n1', 'n2']]]])
  }))

test('T04 a note made offline is confirmed after another client’s note', () =>
  inWorlds({}, async (world) => {
    const { a, b } = await openOffline(world, 'a', 'b')
    const n1 = a.store.mutate.createNote('n1', 'from a')
    await world.run(b.store.mutate.createNote('n2', 'from b'))
    await visit(world, b)
    await visit(world, a)
    await world.run(n1.confirmed)
    expect(a.store.query.notes.read().map(({ id }) => id)).toEqual(['n1', 'n2'])
    expect(await world.serverRows()).toEqual(a.rows())
    expect(a.store.collections.notes.entity('n1').pending).toBe(false)
  }))

test('T05 creates on two offline clients interleave into one row each', () =>
  inWorlds({}, async (world) => {
    const { a, b } = await openOffline(world, 'a', 'b')
    await world.run(a.store.mutate.createNote('n1', 'from a'))
    await world.run(b.store.mutate.createNote('n2', 'from b'))
    for (const device of [a, b, a]) await visit(world, device)
    expect(a.store.query.notes.read().map(({ id }) => id)).toEqual(['n1', 'n2'])
    expect(b.rows()).toEqual(a.rows())
    expect(await world.serverRows()).toEqual(a.rows())
    // two pushes, two versions: nothing was written besides
    expect(a.store.status.value.version).toBe(2)
  }))

test('T06 edits of different fields both stay', () =>
  inWorlds({}, async (world) => {
    const { a, b } = await openDevices(world, 'a', 'b')
    await world.run(a.store.mutate.createNote('n1', 'old').confirmed)
    await world.quiesce()
    for (const { store } of [a, b]) store.goOffline()
    await world.run(a.store.mutate.setTitle('n1', 'title of a'))
    await world.run(b.store.mutate.setContent('n1', 'content of b'))
    for (const device of [a, b, a]) await visit(world, device)
    const merged = { id: 'n1', title: 'title of a', content: 'content of b', done: false }
    expect(a.store.query.notes.read()).toEqual([merged])
    expect(b.store.query.notes.read()).toEqual([merged])
    expect((await world.serverRows())['notes']).toEqual([merged])
  }))

test('T07 of two edits of one field the one that arrives last stays, and nobody is told of a failure', () =>
  inWorlds({}, async (world) => {
    const { a, b } = await openDevices(world, 'a', 'b')
    await world.run(a.store.mutate.createNote('n1', 'old').confirmed)
    await world.quiesce()
    for (const { store } of [a, b]) store.goOffline()
    const refused: string[] = []
    b.store.on('refused', ({ id }) => refused.push(id))
    await world.run(a.store.mutate.setTitle('n1', 'of a'))
    await visit(world, a)
    await world.run(b.store.mutate.setTitle('n1', 'of b'))
    await visit(world, b)
    await visit(world, a)
    for (const { store } of [a, b]) expect(store.query.notes.read()[0]?.title).toBe('of b')
    expect((await world.serverRows())['notes']?.[0]).toMatchObject({ title: 'of b' })
    expect(refused).toEqual([])
    expect(b.errors).toEqual([])
  }))

test('T08 H1 a poke comes before the push: what the server has goes first, what is pending is replayed in order', () =>
  inWorlds({}, async (world) => {
    const spy = makeSpy()
    const a = world.device('a', { transport: spy.transport })
    const { b } = await openDevices(world, 'b')
    const list = (device: typeof a) =>
      device.store.query.items
        .where('list', '=', 'shop')
        .orderBy('order')
        .read()
        .map(({ text }) => text)
    // nothing of a's gets out for now, but pokes come in
    spy.cut.add('push')
    await world.run(a.store.mutate.addItem('milk', 'shop', 'milk'))
    const { values } = watch(a.store.query.items.where('list', '=', 'shop').orderBy('order').live())
    b.store.mutate.addItem('eggs', 'shop', 'eggs')
    a.store.mutate.addItem('bread', 'shop', 'bread')
    await world.clock.runUntil(() => list(a).includes('eggs'))
    expect(a.store.status.value.pending).toBe(2)
    expect(list(a)).toEqual(['eggs', 'milk', 'bread'])
    spy.cut.clear()
    await world.quiesce()
    expect(list(a)).toEqual(['eggs', 'milk', 'bread'])
    expect(b.rows()).toEqual(a.rows())
    expect(await world.serverRows()).toEqual(a.rows())
    // milk · milk, bread · eggs, milk, bread: no order in between was ever shown
    expect(values.map((items) => items.map(({ text }) => text))).toEqual([['milk'], ['milk', 'bread'], ['eggs', 'milk', 'bread']])
  }))

test('T09 E7 the same batch pushed again, also twice at once, has one effect and one version, and gets the same verdicts', () =>
  inWorlds({ poke: 'none' }, async (world) => {
    const spy = makeSpy('none')
    const a = world.device('a', { transport: spy.transport })
    await world.run(a.store.sync())
    // the server’s answer to the push is lost
    world.net.set({ dropAnswer: 1 })
    a.store.mutate.increment('c', 1)
    a.store.mutate.createNote('n1', 'once')
    await world.clock.advance(200)
    const [batch] = spy.of('push')
    expect(batch?.body.mutations?.length).toBeGreaterThan(0)
    const [first] = await post(world, 'push', batch?.body)
    const [second, third] = await post(world, 'push', batch?.body, batch?.body)
    expect(first?.body['version']).toBe(1)
    for (const answer of [second, third]) expect(answer?.body).toEqual({ ...first?.body, now: answer?.body['now'] })
    world.net.heal()
    await world.quiesce()
    expect(await world.serverRows()).toMatchObject({ counters: [{ id: 'c', value: 1 }], notes: [{ id: 'n1' }] })
    expect(a.store.status.value.pending).toBe(0)
  }))

test('T10 where the disk refuses the confirmation, all or nothing of it happens, and the next sync brings it', () =>
  inWorlds({ poke: 'none' }, async (world) => {
    const { a } = await openDevices(world, 'a')
    const writing = a.store.mutate.increment('c', 1)
    await world.run(writing)
    const pushed = (): boolean => world.net.trace.some((line) => / a #\d+ \/sync\/push answered/.test(line))
    await world.clock.runUntil(pushed)
    a.refuse(new TidemarkError('disk/quota'))
    await world.clock.advance(100)
    expect(a.errors.map(({ code }) => code)).toContain('disk/quota')
    expect(a.store.status.value).toMatchObject({ pending: 1, version: 0 })
    expect(a.store.query.counters.read()).toEqual([{ id: 'c', value: 1 }])
    expect(a.store.mutations.list.value.map(({ stage }) => stage)).toEqual(['accepted'])
    a.refuse(undefined)
    await world.run(a.store.sync())
    await world.run(writing.confirmed)
    expect(a.store.status.value.pending).toBe(0)
    expect(a.store.query.counters.read()).toEqual([{ id: 'c', value: 1 }])
    expect(await world.serverRows()).toEqual(a.rows())
  }))

test('T11 one mutation that edits a row twice and removes it ends as its last step says, everywhere', () =>
  inWorlds({}, async (world) => {
    const { a, b } = await openDevices(world, 'a', 'b')
    await world.run(a.store.mutate.createNote('n1', 'first').confirmed)
    await world.quiesce()
    const seen = watch(b.store.query.notes.live())
    await world.run(a.store.mutate.patchThenDelete('n1').confirmed)
    await world.quiesce()
    expect(a.store.query.notes.read()).toEqual([])
    expect((await world.serverRows())['notes']).toEqual([])
    expect(seen.values.map((notes) => notes.map(({ title }) => title))).toEqual([['first'], []])
  }))

test('T12 a row that one mutation inserts, edits and removes is never seen by anybody', () =>
  inWorlds({}, async (world) => {
    const { a, b } = await openDevices(world, 'a', 'b')
    const seen = [watch(a.store.query.notes.live()), watch(b.store.query.notes.live())]
    await world.run(a.store.mutate.insertUpdateDelete('n1').confirmed)
    await world.quiesce()
    for (const { values } of seen) expect(values).toEqual([[]])
    expect((await world.serverRows())['notes']).toEqual([])
  }))
