import * as v from 'valibot'
import { expect, test } from 'vitest'
import { collection, createStore, defineMutators, defineSchema, http } from '../../src/index.ts'
import { makeMemoryRecords, memory } from '../../src/persist/memory.ts'
import { createServer, memoryDatabase } from '../../src/server/index.ts'

test('a row of an audience, from a time with a transport, is removed and changed without one', async () => {
  const schema = defineSchema({
    version: 1,
    collections: {
      tasks: collection(v.object({ id: v.string(), team: v.string() }), { crud: true, audience: ({ team }) => `team:${team}` }),
    },
  })
  const mutators = defineMutators(schema, {})
  const server = createServer({
    schema,
    mutators,
    database: memoryDatabase(),
    authenticate: async () => ({ user: 'u' }),
    authorize: 'anyone',
    audiences: () => ['team:a'],
  } as never)
  const records = makeMemoryRecords()
  const open = (isSynced: boolean) =>
    createStore({
      ...{ name: 'x', user: 'u', schema, mutators, persistence: (name: string) => memory(name, records) },
      ...(isSynced && {
        transport: http({ url: 'http://x/sync', poke: 'none' } as never),
        world: { fetch: (url: never, init: never) => server.fetch(new Request(url, init)) } as never,
      }),
    })
  const synced = open(true)
  await synced.ready
  await (await synced.collections.tasks.insert({ id: 't', team: 'a' })).confirmed
  await (await synced.collections.tasks.insert({ id: 's', team: 'a' })).confirmed
  await synced.close()

  const local = open(false)
  await local.ready
  const ids = (): readonly string[] => local.query.tasks.read().map(({ id }) => id)
  expect(ids()).toEqual(['s', 't'])
  await (await local.collections.tasks.remove('t')).confirmed
  expect(ids()).toEqual(['s'])
  await local.close()
  await server.close?.()
})
