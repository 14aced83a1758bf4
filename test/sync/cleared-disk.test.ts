import { expect, test } from 'vitest'
import { createStore } from '../../src/index.ts'
import { makeMemoryRecords, memory } from '../../src/persist/memory.ts'
import { inWorld } from '../kit/world.ts'
import { mutators, schema } from '../kit/schemas.ts'

test('site data that is cleared under an open store is told, its own work is written again, and it goes on', () =>
  inWorld(1, {}, async (world) => {
    const a = world.device('a')
    await world.run(a.store.mutate.createNote('n1', 'confirmed'))
    await world.quiesce()
    const lost: unknown[] = []
    a.store.on('lost', ({ error }) => lost.push(error.code))
    a.store.goOffline()
    await world.run(a.store.mutate.createNote('n2', 'pending'))
    a.clear()
    const written = a.store.mutate.createNote('n3', 'after')
    await world.run(written)
    expect(lost).toEqual(['disk/lost'])
    expect(a.store.status.value.pending).toBe(2)
    a.store.goOnline()
    await world.quiesce()
    expect(a.rows()['notes']?.map(({ id }) => id)).toEqual(['n1', 'n2', 'n3'])
    expect(await world.serverRows()).toEqual(a.rows())
  }))

test('without a transport a cleared disk loses what it held, and says so; what comes after is kept', async () => {
  const records = makeMemoryRecords()
  const store = createStore({ name: 'a', schema, mutators, persistence: (name) => memory(name, records) })
  await store.mutate.createNote('n1', 'here')
  await store.sync()
  records.stateByName.clear()
  const lost: string[] = []
  store.on('lost', ({ error }) => lost.push(error.code))
  await store.mutate.createNote('n2', 'there')
  expect(lost).toEqual(['disk/lost'])
  expect(store.query.notes.read().map(({ id }) => id)).toEqual(['n2'])
  await store.close()
})
