import { expect, test } from 'vitest'
import { createStore, memory } from '../../src/index.ts'
import { createServer, memoryDatabase } from '../../src/server/index.ts'
import { systemWorld } from '../../src/server/world.ts'
import { mutators, schema } from '../kit/schemas.ts'

test('smoke', async () => {
  const server = createServer({ schema, mutators, database: memoryDatabase({ randomBytes: systemWorld.randomBytes }), authorize: 'anyone' })
  const open = (name: string) => createStore({ name, schema, mutators, transport: memory(server) })
  const a = open('a')
  const b = open('b')
  a.on('error', ({ error }) => console.log('a', error))
  b.on('error', ({ error }) => console.log('b', error))
  await a.ready
  const written = await a.mutate.createNote('n1', 'hello')
  expect(a.query.notes.read()).toHaveLength(1)
  await written.confirmed
  console.log(a.status.value)
  await b.sync()
  expect(b.query.notes.read()).toEqual(a.query.notes.read())
  const live = b.query.notes.where('title', '=', 'hello').live()
  const seen: unknown[] = []
  live.subscribe((rows) => seen.push(rows.length))
  await a.mutate.setTitle('n1', 'bye').then((w) => w.confirmed)
  await new Promise((r) => setTimeout(r, 50))
  console.log(seen, b.status.value)
  await a.close()
  await b.close()
  await server.close()
})
