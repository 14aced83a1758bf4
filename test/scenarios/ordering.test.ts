import { expect, test } from 'vitest'
import { ending, inWorlds, openDevices, visit } from './steps.ts'

test('T13 of two edits of one field the one that arrives last stays, though it was made first', () =>
  inWorlds({}, async (world) => {
    const { a, b } = await openDevices(world, 'a', 'b')
    await world.run(a.store.mutate.createNote('n1', 'old').confirmed)
    await world.quiesce()
    a.store.goOffline()
    await world.run(a.store.mutate.setTitle('n1', 'made at ten'))
    await world.clock.advance(3_600_000)
    await world.run(b.store.mutate.setTitle('n1', 'made at eleven').confirmed)
    await world.clock.advance(3_600_000)
    await visit(world, a)
    await world.run(b.store.sync())
    for (const { store } of [a, b]) expect(store.query.notes.read()[0]?.title).toBe('made at ten')
    expect((await world.serverRows())['notes']?.[0]).toMatchObject({ title: 'made at ten' })
  }))

test('T17 an edit of a row that was removed meanwhile brings nothing back and is no failure', () =>
  inWorlds({}, async (world) => {
    const { a, b } = await openDevices(world, 'a', 'b')
    await world.run(a.store.mutate.createNote('n1', 'old').confirmed)
    await world.quiesce()
    a.store.goOffline()
    const edit = a.store.mutate.setTitle('n1', 'too late')
    await world.run(b.store.mutate.removeNote('n1').confirmed)
    await visit(world, a)
    expect(await world.run(ending(edit.confirmed))).toBe('well')
    expect(a.store.query.notes.read()).toEqual([])
    expect(a.store.status.value).toMatchObject({ pending: 0, quarantined: 0 })
    expect(await world.serverRows()).toEqual(a.rows())
  }))

test('T17 a mutator that minds a removed row is refused with its own reason, and its edit is gone', () =>
  inWorlds({}, async (world) => {
    const { a, b } = await openDevices(world, 'a', 'b')
    await world.run(a.store.mutate.createNote('n1', 'old').confirmed)
    await world.quiesce()
    a.store.goOffline()
    const edit = a.store.mutate.mustSetTitle('n1', 'too late')
    const outcome = edit.confirmed.then(
      () => undefined,
      (error: { readonly code: string; readonly details: object }) => [error.code, error.details],
    )
    await world.run(b.store.mutate.removeNote('n1').confirmed)
    await visit(world, a)
    expect(await world.run(outcome)).toEqual(['refused/rejected', { mutation: edit.id, reason: 'gone' }])
    expect(a.store.query.notes.read()).toEqual([])
    expect(a.store.status.value).toMatchObject({ pending: 0, quarantined: 1 })
  }))
