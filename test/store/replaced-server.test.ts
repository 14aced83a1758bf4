import { expect, test } from 'vitest'
import { createStore, memory } from '../../src/index.ts'
import { createServer, memoryDatabase } from '../../src/server/index.ts'
import { mutators, schema } from '../kit/schemas.ts'

const makeServer = () => createServer({ schema, mutators, database: memoryDatabase(), authorize: 'anyone' })

test('a server whose database was replaced is noticed by its epoch: its rows are fetched anew, and what was pending is sent to it', async () => {
  let server = makeServer()
  const store = createStore({
    name: 'a',
    schema,
    mutators,
    transport: memory({ fetch: (request) => server.fetch(request) }, { poke: 'none' }),
  })
  const resyncs: string[] = []
  store.on('resync', ({ reason }) => resyncs.push(reason))
  await (await store.mutate.createNote('old', 'of the old history')).confirmed
  store.goOffline()
  await store.mutate.createNote('pending', 'made offline')
  server = makeServer()
  store.goOnline()
  await store.sync()
  expect(resyncs).toEqual(['epoch'])
  expect(store.query.notes.read().map(({ id }) => id)).toEqual(['pending'])
  expect(store.status.value).toMatchObject({ pending: 0, connection: 'idle' })

  server = makeServer()
  await store.sync()
  expect(resyncs).toEqual(['epoch', 'epoch'])
  expect(store.query.notes.read()).toEqual([])
  await store.close()
})
