import { expect, test } from 'vitest'
import { createVolatileDisk } from '../../src/persist/volatile-disk.ts'
import { ownDiskSuite, queued, step } from '../contract/own-disk.ts'

let ids = 0
const open = () => createVolatileDisk({ schema: 1, clock: { now: () => 1000, sleep: async () => {} }, randomId: () => `random-${++ids}` })

ownDiskSuite('volatile', async () => open())

test('a disk that keeps no rows gives nobody an answer without those that he has not seen', async () => {
  const disk = open()
  await disk.load()
  const position = await disk.enqueue([queued('a', 1)])
  const stepped = await disk.commitHere(position, step('1', [{ op: 'put', collection: 'books', id: 'x', value: { id: 'x' } }]))
  await expect(disk.follow(position)).rejects.toMatchObject({ code: 'bug/invariant' })
  await expect(disk.load()).rejects.toMatchObject({ code: 'bug/invariant' })
  expect(await disk.follow(stepped as number)).toMatchObject({ whole: false, patches: [] })
})
