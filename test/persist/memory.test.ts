import { expect, test } from 'vitest'
import { makeMemoryRecords, memory } from '../../src/persist/memory.ts'
import { diskSuite } from '../contract/disk.ts'
import { persistenceSuite } from '../contract/persistence.ts'

const records = makeMemoryRecords()
const keeper = { name: 'memory', open: (name: string) => memory(name, records) }

persistenceSuite(keeper)
diskSuite(keeper)

test('memory without shared records is nobody else’s', async () => {
  const [one, two] = [await memory('a'), await memory('a')]
  await one.transact('write', ['meta'], async (tx) => tx.put('meta', 'a', 1))
  expect(await two.transact('read', ['meta'], (tx) => tx.get('meta', 'a'))).toBeUndefined()
})

test('memory gives a transaction no store that it did not ask for, as IndexedDB does', async () => {
  const persistence = await memory('a')
  await expect(persistence.transact('read', ['meta'], (tx) => tx.get('log', 1))).rejects.toMatchObject({ code: 'bug/invariant' })
})
