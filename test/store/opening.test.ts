import { expect, test } from 'vitest'
import { collection, createStore, defineMutators, defineSchema } from '../../src/index.ts'
import { makeMemoryRecords, memory } from '../../src/persist/memory.ts'
import * as v from 'valibot'

const makeApp = (version: number) => {
  const schema = defineSchema({ version, collections: { notes: collection(v.object({ id: v.string() }), { crud: true }) } })
  return { name: 'app', schema, mutators: defineMutators(schema, {}) }
}

test('a disk that a newer app wrote is left alone: the store opens over memory and says why', async () => {
  const records = makeMemoryRecords()
  const newer = createStore({ ...makeApp(2), persistence: (name) => memory(name, records) })
  await newer.collections.notes.insert({ id: 'n1' })
  await newer.close()
  const before = JSON.stringify([...records.stateByName.values()])

  const older = createStore({ ...makeApp(1), persistence: (name) => memory(name, records) })
  const errors: string[] = []
  older.on('error', ({ error }) => errors.push(error.code))
  await older.ready
  expect(older.status.value).toMatchObject({ disk: 'disk/too-new', phase: 'ready' })
  expect(errors).toEqual(['disk/too-new'])
  await older.collections.notes.insert({ id: 'n2' })
  expect(older.query.notes.read()).toEqual([{ id: 'n2' }])
  await older.close()
  expect(JSON.stringify([...records.stateByName.values()])).toBe(before)
})
