import { expect, test } from 'vitest'
import { ending, inWorlds, openDevices } from './steps.ts'

test('T94 E2 when confirmed resolves, what is shown is the server’s result, and it is base: nothing is pending', () =>
  inWorlds({}, async (world) => {
    const { a } = await openDevices(world, 'a')
    const note = a.store.collections.notes.entity('n1')
    const writing = a.store.mutate.createTrimmed('n1', '  x ')
    const seen: unknown[] = []
    const atConfirmed = writing.confirmed.then(() => seen.push(note.value?.title, note.pending, a.store.status.value.pending))
    await world.run(writing.accepted)
    await world.run(atConfirmed)
    expect(seen).toEqual(['x', false, 0])
    // of base, and not of memory alone: a page that opens from the disk shows the same
    a.kill()
    world.net.partition('a', true)
    a.open()
    await world.run(a.store.ready)
    expect(a.store.query.notes.read().map(({ title }) => title)).toEqual(['x'])
    expect(a.store.status.value.pending).toBe(0)
  }))

test('T94 E2 when confirmed rejects, it has the code, the reason and the mutation, and the prediction is gone', () =>
  inWorlds({}, async (world) => {
    const { a } = await openDevices(world, 'a')
    const writing = a.store.mutate.rejectOnServer('n1', 'x')
    const seen: unknown[] = []
    const rejected = writing.confirmed.catch((error: { readonly code: string; readonly details: object }) => {
      seen.push(error.code, error.details, a.store.query.notes.read())
    })
    await world.run(rejected)
    expect(seen).toEqual(['refused/rejected', { mutation: writing.id, reason: 'not-here' }, []])
    expect(await ending(writing.accepted)).toBe('refused/rejected')
    expect(await ending(writing)).toBe('well')
  }))

test('T94 E2 refusals that nobody awaits crash nothing', async () => {
  const unhandled: unknown[] = []
  const note = (error: unknown): void => void unhandled.push(error)
  process.on('unhandledRejection', note)
  try {
    await inWorlds({}, async (world) => {
      const { a } = await openDevices(world, 'a')
      a.store.mutate.rejectOnServer('n1', 'x')
      a.store.mutate.throwsAfterWrite('n2')
      a.store.mutate.rejectIf('n3', true)
      await world.quiesce()
      expect(a.store.status.value.quarantined).toBe(1)
      await world.run(a.store.close())
    })
    await new Promise((resolve) => setImmediate(resolve))
  } finally {
    process.off('unhandledRejection', note)
  }
  expect(unhandled).toEqual([])
})

test('E2 a mutation’s stages can be asked for by its id after a reload', () =>
  inWorlds({}, async (world) => {
    const { a } = await openDevices(world, 'a')
    a.store.goOffline()
    const good = a.store.mutate.createNote('n1', 'x')
    const bad = a.store.mutate.rejectOnServer('n2', 'x')
    await world.run(bad.durable)
    a.kill()
    a.open()
    await world.run(a.store.ready)
    const again = { good: a.store.mutations.get(good.id), bad: a.store.mutations.get(bad.id) }
    expect(await world.run(ending(again.good?.durable ?? Promise.reject(new Error('unknown'))))).toBe('well')
    expect(await world.run(ending(again.good?.confirmed ?? Promise.reject(new Error('unknown'))))).toBe('well')
    expect(await world.run(ending(again.bad?.confirmed ?? Promise.reject(new Error('unknown'))))).toBe('refused/rejected')
    // decided: the refused one is in quarantine and still known, the other is no news to anybody
    expect(await world.run(ending(a.store.mutations.get(bad.id)?.accepted ?? Promise.reject(new Error('unknown'))))).toBe(
      'refused/rejected',
    )
    expect(a.store.mutations.get(good.id)).toBeUndefined()
    expect(a.store.mutations.get('never was')).toBeUndefined()
  }))
