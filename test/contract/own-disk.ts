// What a disk must do for the one tab that opened it: all but rows, which a disk in memory does not keep. It is asked by `follow`, as its opener asks.
import { expect, test } from 'vitest'
import type { BaseCommit, Disk, DiskTail, QueuedMutation } from '../../src/persist/disk.ts'
import type { Patch } from '../../src/protocol/patch.ts'

/** A mutation as a tab queues it. */
export function queued(client: string, seq: number, more: Partial<QueuedMutation> = {}): QueuedMutation {
  return { client, seq, id: `${client}-${seq}`, calls: [['add', [seq]]], at: 1, schema: 1, sent: false, ...more }
}

/** A step of base to a cursor. */
export function step(cursor: string, patches: readonly Patch[] = [], more: Partial<BaseCommit> = {}): BaseCommit {
  return { patches, cursor, version: Number(cursor), epoch: 'e', now: 5, confirmed: {}, quarantined: [], ...more }
}

/** The suite of the `Disk` contract for one opener. */
export function ownDiskSuite(kind: string, open: () => Promise<Disk>): void {
  const led = async () => {
    const disk = await open()
    await disk.load()
    const term = await disk.lead()
    return { disk, term, lease: (cursor: string | null) => ({ term, cursor }) }
  }
  const refuse = (client: string, seq: number) => {
    const { sent: _, ...mutation } = queued(client, seq)
    return { ...mutation, code: 'refused/rejected', message: 'No.', reason: 'full' }
  }
  const idsOf = ({ queue }: DiskTail) => queue.map(({ id }) => id)

  test(`${kind}: its opener finds an identity, and nothing else`, async () => {
    const disk = await open()
    const state = await disk.load()
    expect(state).toMatchObject({
      head: 0,
      queue: [],
      quarantine: [],
      meta: { format: 1, schema: 1, cursor: null, version: 0, epoch: null, confirmed: {}, answeredAt: 0 },
    })
    expect(state.rowsByCollection.size + state.audiences.size).toBe(0)
    expect(state.meta.group).not.toBe(state.meta.instance)
    expect((await (await open()).load()).meta.instance).not.toBe(state.meta.instance)
    expect((await disk.follow(0)).meta).toEqual(state.meta)
  })

  test(`${kind}: what one tab queues keeps its order, and each write takes the next position`, async () => {
    const { disk } = await led()
    expect(await disk.enqueue([queued('a', 1), queued('a', 2)])).toBe(1)
    expect(await disk.enqueue([queued('b', 1)])).toBe(2)
    const tail = await disk.follow(0)
    expect(tail).toMatchObject({ whole: false, head: 2, queue: [queued('a', 1), queued('a', 2), queued('b', 1)] })
    expect(await disk.enqueue([queued('a', 3)])).toBe(3)
    expect(idsOf(tail)).toEqual(['a-1', 'a-2', 'b-1'])
  })

  test(`${kind}: L7 a step moves cursor and outcomes together, and the queue lets go of what was confirmed, also where that comes late`, async () => {
    const { disk, lease } = await led()
    await disk.enqueue([queued('a', 1), queued('a', 2), queued('a', 3)])
    const commit = step('7', [{ op: 'put', collection: 'books', id: 'x', value: { id: 'x' } }], {
      confirmed: { a: 2 },
      quarantined: [refuse('a', 1)],
    })
    expect(await disk.commit(lease(null), commit)).toBe(2)
    const tail = await disk.follow(2)
    expect(tail).toMatchObject({ whole: false, head: 2, patches: [], queue: [queued('a', 3)], quarantine: [refuse('a', 1)] })
    expect(tail.meta).toMatchObject({ cursor: '7', version: 7, epoch: 'e', confirmed: { a: 2 }, answeredAt: 5 })
    expect(await disk.commit(lease('7'), step('8', [], { confirmed: { b: 1 }, now: 3 }))).toBe(3)
    expect((await disk.follow(3)).meta).toMatchObject({ confirmed: { a: 2, b: 1 }, answeredAt: 5 })
    await disk.enqueue([queued('a', 2), queued('b', 1)])
    expect(idsOf(await disk.follow(4))).toEqual(['a-3'])
    expect(await disk.discard(['a-1', 'other'])).toBe(5)
    expect((await disk.follow(5)).quarantine).toEqual([])
  })

  test(`${kind}: a step of a store that is its own server needs no lease, but all of the log`, async () => {
    const { disk } = await led()
    const position = await disk.enqueue([queued('a', 1)])
    expect(await disk.commitHere(position - 1, step('1'))).toBeNull()
    expect((await disk.follow(position)).queue).toEqual([queued('a', 1)])
    expect(await disk.commitHere(position, step('1', [], { confirmed: { a: 1 } }))).toBe(position + 1)
    expect(await disk.follow(position + 1)).toMatchObject({ queue: [], meta: { cursor: '1', version: 1 } })
  })

  test(`${kind}: under another term or cursor nothing is written`, async () => {
    const { disk, term, lease } = await led()
    await disk.enqueue([queued('a', 1)])
    const before = await disk.follow(1)
    for (const stale of [lease('other'), { term: term + 1, cursor: null }, { term: term - 1, cursor: null }]) {
      const staging = await disk.stage()
      await staging.add([['books', { id: 's' }]])
      expect(await staging.commit(stale, step('9'))).toBeNull()
      expect(await disk.commit(stale, step('9'))).toBeNull()
      expect(await disk.markSent(['a-1'], stale)).toBeNull()
      expect(await disk.renameClient('a', 'b', stale)).toBeNull()
      expect(await disk.compact(stale, 1)).toBe(false)
    }
    expect(await disk.follow(1)).toEqual(before)
    expect(await disk.lead()).toBe(term + 1)
    expect(await disk.commit(lease(null), step('9'))).toBeNull()
    expect(await disk.commit({ term: term + 1, cursor: null }, step('9'))).toBe(2)
  })

  test(`${kind}: a mark stays in its place and is made once`, async () => {
    const { disk, lease } = await led()
    await disk.enqueue([queued('a', 1), queued('a', 2)])
    await disk.enqueue([queued('b', 1)])
    expect(await disk.markSent(['a-2', 'b-1'], lease(null))).toBe(3)
    expect(await disk.markSent(['a-2'], lease(null))).toBe(3)
    expect((await disk.follow(3)).queue.map(({ id, sent }) => [id, sent])).toEqual([
      ['a-1', false],
      ['a-2', true],
      ['b-1', true],
    ])
  })

  test(`${kind}: a renamed client's mutations keep their places, ids and marks`, async () => {
    const { disk, lease } = await led()
    await disk.enqueue([queued('a', 1), queued('a', 2, { sent: true })])
    await disk.enqueue([queued('b', 1)])
    await disk.enqueue([queued('a', 3, { needs: ['a-2'] })])
    await disk.commit(lease(null), step('1', [], { confirmed: { a: 1 } }))
    expect(await disk.renameClient('a', 'c', lease('1'))).toBe(5)
    expect((await disk.follow(5)).queue).toEqual([
      queued('c', 1, { id: 'a-2', calls: [['add', [2]]], sent: true }),
      queued('b', 1),
      queued('c', 2, { id: 'a-3', calls: [['add', [3]]], needs: ['a-2'] }),
    ])
  })

  test(`${kind}: a staged base takes two positions at its swap, and none where it is discarded or another term began`, async () => {
    const { disk, term, lease } = await led()
    await disk.enqueue([queued('a', 1), queued('a', 2)])
    const [dead, discarded] = [await disk.stage(), await disk.stage()]
    await discarded.discard()
    expect(await discarded.commit(lease(null), step('3'))).toBeNull()
    await disk.lead()
    const later = { term: term + 1, cursor: null }
    expect([await dead.commit(lease(null), step('3')), await dead.commit(later, step('3'))]).toEqual([null, null])
    const staging = await disk.stage()
    await staging.add([['books', { id: 'a' }]])
    expect(await staging.commit(later, step('3', [], { confirmed: { a: 1 }, quarantined: [refuse('a', 1)] }))).toBe(3)
    expect(await disk.follow(3)).toMatchObject({
      head: 3,
      meta: { cursor: '3', confirmed: { a: 1 } },
      queue: [queued('a', 2)],
      quarantine: [refuse('a', 1)],
    })
  })

  test(`${kind}: compaction keeps all that was queued and decided, and the position`, async () => {
    const { disk, lease } = await led()
    await disk.enqueue([queued('a', 1), queued('a', 2)])
    await disk.commit(lease(null), step('1', [], { confirmed: { a: 1 }, quarantined: [refuse('a', 1)] }))
    const { meta, ...before } = await disk.follow(2)
    expect(await disk.compact(lease('1'), 3)).toBe(false)
    expect(await disk.compact(lease('1'), 2)).toBe(true)
    expect(await disk.follow(2)).toEqual({ ...before, meta: { ...meta, compactedTo: 2 } })
    expect(await disk.enqueue([queued('a', 3)])).toBe(3)
  })

  test(`${kind}: once closed it raises misuse/closed, whatever it is asked`, async () => {
    const { disk, lease } = await led()
    await disk.close()
    for (const work of [
      () => disk.load(),
      () => disk.follow(0),
      () => disk.enqueue([queued('a', 1)]),
      () => disk.commit(lease(null), step('1')),
    ])
      await expect(work()).rejects.toMatchObject({ code: 'misuse/closed' })
  })
}
