import * as v from 'valibot'
import { expect, test } from 'vitest'
import { collection, createStore, defineMutators, defineSchema, mutator } from '../../src/index.ts'
import { makeMemoryRecords, memory } from '../../src/persist/memory.ts'

test('what a mutator does later, in a promise, throws and writes nothing', async () => {
  const schema = defineSchema({ version: 1, collections: { things: collection(v.object({ id: v.string(), n: v.number() })) } })
  const thrown: unknown[] = []
  const mutators = defineMutators(schema, {
    add: mutator([v.string()], (tx, id) => {
      tx.things.put({ id, n: 1 })
      void Promise.resolve()
        .then(() => tx.things.put({ id: `late ${id}`, n: 2 }))
        .catch((error) => thrown.push(error.code))
    }),
  })
  const records = makeMemoryRecords()
  const store = createStore({ name: 'x', schema, mutators, persistence: (name) => memory(name, records) })
  await store.ready
  await store.mutate.add('a')
  await store.mutate.add('b')
  expect(store.query.things.read().map(({ id }) => id)).toEqual(['a', 'b'])
  expect(thrown).toContain('misuse/write-outside-mutator')
  await store.close()
})
