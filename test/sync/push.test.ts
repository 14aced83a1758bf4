import { expect, test } from 'vitest'
import type { QueuedMutation } from '../../src/persist/disk.ts'
import { pushLimits } from '../../src/protocol/push.ts'
import { takeBatch } from '../../src/sync/push.ts'

const mutation = (seq: number, size = 1): QueuedMutation => ({
  client: 'c',
  seq,
  id: `m${seq}`,
  calls: [['x', ['y'.repeat(size)]]],
  at: 1,
  schema: 1,
  sent: false,
})

test('E8 a batch is the first mutations of the queue, as many as a push may carry', () => {
  const queue = Array.from({ length: 250 }, (_, i) => mutation(i + 1))
  expect(takeBatch(queue)).toEqual(queue.slice(0, pushLimits.mutations))
  expect(takeBatch(queue.slice(0, 3))).toEqual(queue.slice(0, 3))
  expect(takeBatch([])).toEqual([])
})

test('E8 a batch stays below the bytes that a push may carry, also where a character is three of them', () => {
  const queue = Array.from({ length: 40 }, (_, i) => mutation(i + 1, 100_000))
  const batch = takeBatch(queue)
  expect(batch.length).toBeGreaterThan(1)
  expect(batch.length).toBeLessThan(20)
  const wide = batch.map((one) => ({ ...one, calls: [['x', ['€'.repeat(100_000)]]] }))
  expect(new TextEncoder().encode(JSON.stringify(wide)).length).toBeLessThanOrEqual(pushLimits.bytes)
})

test('E8 one mutation that is too large goes alone: the server is to say so', () => {
  const queue = [mutation(1, 3_000_000), mutation(2)]
  expect(takeBatch(queue)).toEqual([queue[0]])
})
