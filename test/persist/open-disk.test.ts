import { expect, test } from 'vitest'
import { TidemarkError } from '../../src/errors.ts'
import type { QueuedMutation } from '../../src/persist/disk.ts'
import { memory } from '../../src/persist/memory.ts'
import { openDisk } from '../../src/persist/open-disk.ts'
import type { Persistence } from '../../src/persist/persistence.ts'

test('HS13 a burst that was written after the disk was given up on is not written a second time', async () => {
  const inner = await memory('a')
  let isLate = false
  const disk = open({
    ...inner,
    async transact(mode, stores, run) {
      const result = await inner.transact(mode, stores, run)
      if (isLate && mode === 'write') throw new TidemarkError('disk/timeout')
      return result
    },
  })
  await disk.load()
  isLate = true
  await expect(disk.enqueue([queued(1), queued(2)])).rejects.toMatchObject({ code: 'disk/timeout' })
  isLate = false
  expect(await disk.enqueue([queued(1), queued(2), queued(3)])).toBe(2)
  expect((await disk.load()).queue.map(({ id }) => id)).toEqual(['m1', 'm2', 'm3'])
})

test('reading rests every few milliseconds, however much there is to read', async () => {
  const persistence = await memory('a')
  let now = 0
  let rests = 0
  const clock = {
    now: () => now++,
    async sleep() {
      rests++
    },
  }
  const disk = open(persistence, clock)
  await disk.load()
  const lease = { term: await disk.lead(), cursor: null }
  const staging = await disk.stage()
  await staging.add(Array.from({ length: 50_000 }, (_, i) => ['books', { id: String(i).padStart(6, '0') }] as const))
  await staging.commit(lease, { patches: [], cursor: '1', version: 1, epoch: 'e', now: 1, confirmed: {}, quarantined: [] })
  rests = 0
  const state = await disk.load()
  expect(state.rowsByCollection.get('books')).toHaveLength(50_000)
  expect(rests).toBeGreaterThan(2)
})

function open(persistence: Persistence, clock = { now: () => 1, sleep: async () => {} }): ReturnType<typeof openDisk> {
  let made = 0
  return openDisk(persistence, {
    schema: 1,
    clock,
    randomId: () => `random-${++made}`,
    onError(error) {
      throw error
    },
  })
}

function queued(seq: number): QueuedMutation {
  return { client: 'c', seq, id: `m${seq}`, calls: [['add', [seq]]], at: 1, schema: 1, sent: false }
}
