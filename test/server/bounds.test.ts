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

test('the time of a mutation is looked at between the questions that it missed', async () => {
  const mutators = defineMutators(schema, {
    ask: mutator([], (tx) => {
      for (let i = 0; i < 900; i++) tx.things.where('n', '=', i).read()
    }),
  })
  let now = 0
  let asked = 0
  const clock = { ...createVirtualClock(), now: () => now }
  const select = async () => {
    now += 100
    asked++
    return []
  }
  const ran = await makeRunner({ select } as unknown as SpaceReader, clock).run(mutators, [['ask', []]], context)
  expect(ran.failure).toMatchObject({ code: 'refused/mutator-failed', details: { bound: 'ms' } })
  expect(asked).toBeLessThan(60)
})

test('a question with too many rows is refused in words that say so', async () => {
  const mutators = defineMutators(schema, { all: mutator([], (tx) => void tx.things.read()) })
  const rows = Array.from({ length: 20_001 }, (_, i) => ({
    collection: 'things',
    id: `${i}`,
    audience: 'shared',
    version: 1,
    value: { id: `${i}`, n: 1, tags: [] },
  }))
  const ran = await makeRunner({ select: async () => rows } as unknown as SpaceReader, createVirtualClock()).run(
    mutators,
    [['all', []]],
    context,
  )
  expect(ran.failure).toMatchObject({ details: { bound: 'rows' }, message: expect.stringContaining('20000 rows') })
})
