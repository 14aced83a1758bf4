import * as v from 'valibot'
import { expect, test } from 'vitest'
import { collection, defineMutators, defineSchema, mutator } from '../../src/index.ts'
import { makeRunner } from '../../src/server/tx.ts'
import { createVirtualClock } from '../kit/clock.ts'
import type { SpaceReader } from '../../src/server/database.ts'

const schema = defineSchema({
  version: 1,
  collections: { things: collection(v.object({ id: v.string(), n: v.number(), tags: v.array(v.string()) })) },
})
const context = { user: null, authoredAt: 1, mutationId: 'm' }

test('rows that a mutator reads on the server are frozen, as on the client', async () => {
  const mutators = defineMutators(schema, {
    grow: mutator([v.string()], (tx, id) => {
      const thing = tx.things.get(id)
      if (!thing) return
      thing.tags.push('more')
      tx.things.put(thing)
    }),
  })
  const row = () => ({ collection: 'things', id: 'a', audience: 'shared', version: 1, value: { id: 'a', n: 1, tags: [] } })
  const reader = { rows: async () => [row()], select: async () => [row()] } as unknown as SpaceReader
  const ran = await makeRunner(reader, createVirtualClock()).run(mutators, [['grow', ['a']]], context)
  expect(ran.failure).toMatchObject({ code: 'refused/mutator-failed' })
})
