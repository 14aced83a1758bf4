// What a disk must do over every keeper.
import { expect, test } from 'vitest'
import type { TidemarkError } from '../../src/errors.ts'
import type { Disk, DiskState, DiskTail } from '../../src/persist/disk.ts'
import { openDisk } from '../../src/persist/open-disk.ts'
import type { StoreName } from '../../src/persist/persistence.ts'
import type { Patch } from '../../src/protocol/patch.ts'
import type { AnyRow } from '../../src/schema/row.ts'
import type { Json } from '../../src/util/json.ts'
import { ownDiskSuite, queued, step } from './own-disk.ts'
import type { Keeper } from './persistence.ts'

/** A patch that puts a book. */
function put(id: string, title: string, audience?: string): Patch {
  return { op: 'put', collection: 'books', id, value: { id, title }, ...(audience ? { audience } : {}) }
}

/** A patch that drops a book. */
function del(id: string, audience?: string): Patch {
  return { op: 'del', collection: 'books', id, ...(audience ? { audience } : {}) }
}

/** The books by id. */
function titles(state: Pick<DiskState, 'rowsByCollection'>): Readonly<Record<string, unknown>> {
  const rows = [...(state.rowsByCollection.get('books') ?? [])].sort((a, b) => (a.id < b.id ? -1 : 1))
  return Object.fromEntries(rows.map((row) => [row.id, row.title]))
}

/** The suite of the `Disk` contract. */
export function diskSuite(keeper: Keeper): void {
  const { name: kind, open } = keeper
  let made = 0
  let ids = 0

  const setup = async (schema = 1, name = `${kind} disk ${++made}`) => {
    const errors: TidemarkError[] = []
    const persistence = await open(name)
    const clock = { now: () => 1000, sleep: async () => {} }
    const disk = openDisk(persistence, { schema, clock, randomId: () => `random-${++ids}`, onError: (error) => errors.push(error) })
    return { disk, persistence, errors, name, tab: (of = schema) => setup(of, name) }
  }
  const led = async (schema?: number) => {
    const all = await setup(schema)
    const { head } = await all.disk.load()
    const term = await all.disk.lead()
    return { ...all, head, term, lease: (cursor: string | null) => ({ term, cursor }) }
  }
  const mustTail = (tail: DiskTail) => {
    if (tail.whole) throw new Error('The tail should not be whole.')
    return tail
  }

  ownDiskSuite(kind, async () => (await setup()).disk)

  test(`${kind}: a fresh database has an identity, which stays`, async () => {
    const { disk, tab } = await setup()
    const first = await disk.load()
    expect(first).toMatchObject({
      head: 0,
      queue: [],
      quarantine: [],
      meta: { format: 1, schema: 1, cursor: null, version: 0, epoch: null, confirmed: {} },
    })
    expect(first.meta.group).not.toBe(first.meta.instance)
    expect(await (await tab()).disk.load()).toEqual(first)
  })

  test(`${kind}: two tabs that meet a fresh database at once agree on its identity`, async () => {
    const one = await setup()
    const two = await one.tab()
    const [a, b] = await Promise.all([one.disk.load(), two.disk.load()])
    expect(a.meta).toEqual(b.meta)
  })

  test(`${kind}: E1 queued mutations keep their one order over tabs and reloads`, async () => {
    const one = await setup()
    const two = await one.tab()
    await one.disk.load()
    await two.disk.load()
    expect(await one.disk.enqueue([queued('a', 1), queued('a', 2)])).toBe(1)
    expect(await two.disk.enqueue([queued('b', 1)])).toBe(2)
    expect(await one.disk.enqueue([queued('a', 3)])).toBe(3)
    const state = await (await one.tab()).disk.load()
    expect(state.queue.map(({ id }) => id)).toEqual(['a-1', 'a-2', 'b-1', 'a-3'])
    expect(state.queue[0]).toEqual(queued('a', 1))
    expect(state.head).toBe(3)
  })

  test(`${kind}: L7 a step moves rows, cursor and outcomes together, and the queue lets go of what was confirmed`, async () => {
    const { disk, lease, tab } = await led()
    await disk.enqueue([queued('a', 1), queued('a', 2)])
    await disk.enqueue([queued('a', 3)])
    const refused = { ...queued('a', 1), code: 'refused/rejected', message: 'No.', reason: 'full' }
    const { sent: _, ...quarantined } = refused
    expect(
      await disk.commit(
        lease(null),
        step('7', [put('x', 'X'), put('y', 'Y'), del('y')], { confirmed: { a: 2 }, quarantined: [quarantined] }),
      ),
    ).toBe(3)
    const state = await (await tab()).disk.load()
    expect(titles(state)).toEqual({ x: 'X' })
    expect(state.meta).toMatchObject({ cursor: '7', version: 7, epoch: 'e', confirmed: { a: 2 }, answeredAt: 5 })
    expect(state.queue.map(({ id }) => id)).toEqual(['a-3'])
    expect(state.quarantine).toEqual([quarantined])
    expect(await disk.discard(['a-1'])).toBe(4)
    expect((await disk.load()).quarantine).toEqual([])
  })

  test(`${kind}: a store that is its own server writes base without a lease, from whatever tab has seen all of the log`, async () => {
    const { disk, tab } = await setup()
    const { head } = await disk.load()
    const other = (await tab()).disk
    await other.load()
    const position = await disk.enqueue([queued('a', 1)])
    expect(await other.commitHere(head, step('1', [put('x', 'unseen')]))).toBeNull()
    const moved = await other.commitHere(position, step('1', [put('x', 'X')], { confirmed: { a: 1, b: 1 } }))
    expect(moved).toBe(position + 1)
    expect(await disk.commitHere(position, step('2', [put('x', 'late')]))).toBeNull()
    const state = await disk.load()
    expect([titles(state), state.queue, state.head]).toEqual([{ x: 'X' }, [], moved])
    expect(state.meta).toMatchObject({ cursor: '1', version: 1, confirmed: { a: 1, b: 1 } })
  })

  test(`${kind}: a record of the queue goes when all in it are gone, and what arrives late for a confirmed number counts as gone`, async () => {
    const { disk, persistence, lease } = await led()
    await disk.enqueue([queued('a', 1), queued('a', 2)])
    const records = () => persistence.transact('read', ['queue'], (tx) => tx.list('queue'))
    await disk.commit(lease(null), step('1', [], { confirmed: { a: 1 } }))
    expect(await records()).toHaveLength(1)
    await disk.commit(lease('1'), step('2', [], { confirmed: { a: 2 } }))
    expect(await records()).toHaveLength(0)
    await disk.enqueue([queued('a', 2)])
    expect((await disk.load()).queue).toEqual([])
  })

  test(`${kind}: the rows handed out are frozen through and through`, async () => {
    const { disk, lease } = await led()
    await disk.commit(lease(null), step('1', [{ op: 'put', collection: 'books', id: 'a', value: { id: 'a', tags: [{ deep: 1 }] } }]))
    await disk.compact(lease('1'), 1)
    const row = (await disk.load()).rowsByCollection.get('books')?.[0] as AnyRow & { tags: readonly object[] }
    expect([row, row.tags, row.tags[0]].every(Object.isFrozen)).toBe(true)
  })

  test(`${kind}: a commit, a mark, a renaming and a compaction under another term, cursor or instance change nothing`, async () => {
    const { disk, lease, tab, persistence, term } = await led()
    await disk.enqueue([queued('a', 1)])
    const before = await disk.load()
    for (const stale of [lease('other'), { term: term + 1, cursor: null }, { term: term - 1, cursor: null }]) {
      expect(await disk.commit(stale, step('9', [put('x', 'X')]))).toBeNull()
      expect(await disk.markSent(['a-1'], stale)).toBeNull()
      expect(await disk.renameClient('a', 'b', stale)).toBeNull()
      expect(await disk.compact(stale, 1)).toBe(false)
      const staging = await disk.stage()
      await staging.add([['books', { id: 's' }]])
      expect(await staging.commit(stale, step('9'))).toBeNull()
    }
    expect(await disk.load()).toEqual(before)
    // Another database in its place, that has come to the same term and cursor.
    const meta = (await persistence.transact('read', ['meta'], (tx) => tx.get('meta', 'meta'))) as { readonly [field: string]: Json }
    await persistence.transact('write', ['meta'], async (tx) => tx.put('meta', 'meta', { ...meta, instance: 'another' }))
    expect(await disk.commit(lease(null), step('9', [put('x', 'X')]))).toBeNull()
    expect(await disk.markSent(['a-1'], lease(null))).toBeNull()
    expect(await disk.compact(lease(null), 1)).toBe(false)
    await expect(disk.enqueue([queued('a', 2)])).rejects.toMatchObject({ code: 'disk/lost' })
    await expect(disk.discard(['x'])).rejects.toMatchObject({ code: 'disk/lost' })
    await expect(disk.lead()).rejects.toMatchObject({ code: 'disk/lost' })
    expect(await disk.follow(1)).toMatchObject({ whole: true, meta: { instance: 'another' }, queue: [queued('a', 1)] })
    expect(await disk.enqueue([queued('a', 2)])).toBe(2)
    expect(titles(await (await tab()).disk.load())).toEqual({})
  })

  test(`${kind}: site data cleared under an open tab: a new database, and the tab's own mutations can be written again`, async () => {
    const { disk, tab, lease } = await led()
    await disk.enqueue([queued('a', 1)])
    const { disk: other } = await tab()
    const { meta } = await other.load()
    await other.destroy()
    await expect(disk.enqueue([queued('a', 2)])).rejects.toMatchObject({ code: 'disk/lost' })
    expect(await disk.commit(lease(null), step('1'))).toBeNull()
    const tail = await disk.follow(1)
    expect(tail).toMatchObject({ whole: true, queue: [] })
    expect(tail.meta.instance).not.toBe(meta.instance)
    await disk.enqueue([queued('a', 1), queued('a', 2)])
    expect((await disk.load()).queue).toHaveLength(2)
  })

  test(`${kind}: following brings what came after a position, and everything where the log does not reach back`, async () => {
    const { disk, lease, tab } = await led()
    const other = (await tab()).disk
    await other.load()
    await disk.commit(lease(null), step('1', [put('a', 'A')]))
    await disk.enqueue([queued('a', 1)])
    await disk.commit(lease('1'), step('2', [put('b', 'B')]))
    const tail = mustTail(await other.follow(1))
    expect(tail).toMatchObject({ head: 3, patches: [put('b', 'B')], queue: [queued('a', 1)], meta: { cursor: '2' } })
    expect(mustTail(await other.follow(3))).toMatchObject({ head: 3, patches: [] })
    expect(await disk.compact(lease('2'), 2)).toBe(true)
    expect(mustTail(await other.follow(2)).patches).toEqual([put('b', 'B')])
    const whole = await other.follow(1)
    expect(whole.whole && titles(whole)).toEqual({ a: 'A', b: 'B' })
    expect(await disk.compact(lease('2'), 3)).toBe(true)
    expect(mustTail(await other.follow(3))).toMatchObject({ head: 3, patches: [] })
    expect(await disk.enqueue([queued('a', 2)])).toBe(4)
  })

  test(`${kind}: compaction keeps every row, and rewrites the chunks that were touched and no others`, async () => {
    const { disk, lease, persistence } = await led()
    const rows = Array.from({ length: 3500 }, (_, i) => ({ id: `r${String(i).padStart(5, '0')}`, title: `t${i}` }))
    const staging = await disk.stage()
    for (let at = 0; at < rows.length; at += 700) await staging.add(rows.slice(at, at + 700).map((row) => ['books', row] as const))
    let head = (await staging.commit(lease(null), step('1'))) as number
    const keys = async () => (await persistence.transact('read', ['chunks'], (tx) => tx.list('chunks'))).map(([key]) => key)
    const before = await keys()
    expect(before).toHaveLength(4)
    const expected: Record<string, unknown> = Object.fromEntries(rows.map((row) => [row.id, row.title]))
    const patches = [put('r00001', 'new'), del('r00002'), put('r00002x', 'between'), put('z', 'last')]
    Object.assign(expected, { r00001: 'new', r00002x: 'between', z: 'last' })
    delete expected.r00002
    head = (await disk.commit(lease('1'), step('2', patches))) as number
    expect(await disk.compact(lease('2'), head)).toBe(true)
    const after = await keys()
    expect(before.filter((key) => !after.includes(key))).toEqual([before[0], before[3]])
    const state = await disk.load()
    expect(state.head).toBe(head)
    expect(state.rowsByCollection.get('books')).toHaveLength(3501)
    expect(titles(state)).toEqual(expected)
    await disk.commit(lease('2'), step('3', [...rows.map(({ id }) => del(id)), del('r00002x'), put('a', 'A')]))
    await disk.compact(lease('3'), head + 1)
    expect(titles(await disk.load())).toEqual({ a: 'A', z: 'last' })
    expect((await keys()).length).toBeLessThanOrEqual(2)
  })

  test(`${kind}: large rows do not sit with a thousand others`, async () => {
    const { disk, lease, persistence } = await led()
    const rows = Array.from({ length: 40 }, (_, i) => ({ id: `r${i}`, title: 'x'.repeat(i % 4 === 0 ? 200_000 : 10) }))
    const staging = await disk.stage()
    await staging.add(rows.map((row) => ['books', row] as const))
    await staging.commit(lease(null), step('1'))
    const sizes = (await persistence.transact('read', ['chunks'], (tx) => tx.list('chunks'))).map(
      ([, value]) => JSON.stringify(value).length,
    )
    expect(Math.max(...sizes)).toBeLessThan(300_000)
    expect((await disk.load()).rowsByCollection.get('books')).toHaveLength(40)
  })

  test(`${kind}: a staged base shows when it is committed and not before, and makes every tab read anew`, async () => {
    const { disk, lease, tab, persistence } = await led()
    const other = (await tab()).disk
    await other.load()
    await disk.commit(lease(null), step('1', [put('old', 'Old'), put('both', 'old')]))
    await disk.compact(lease('1'), 1)
    await disk.enqueue([queued('a', 1), queued('a', 2)])
    const staging = await disk.stage()
    await staging.add([
      ['books', { id: 'both', title: 'new' }],
      ['shelves', { id: 's' }],
    ])
    expect(titles(await other.load())).toEqual({ old: 'Old', both: 'old' })
    await disk.commit(lease('1'), step('2', [put('late', 'Late')]))
    expect(await staging.commit(lease('1'), step('3'))).toBeNull()
    expect(await staging.commit(lease('2'), step('3', [put('c', 'C')], { confirmed: { a: 1 } }))).toBe(5)
    const tail = await other.follow(3)
    expect(tail.whole && titles(tail)).toEqual({ both: 'new', c: 'C' })
    expect(tail).toMatchObject({ head: 5, meta: { cursor: '3', confirmed: { a: 1 } }, queue: [queued('a', 2)] })
    expect(tail.whole && tail.rowsByCollection.get('shelves')).toEqual([{ id: 's' }])
    expect(await persistence.transact('read', ['chunks'], (tx) => tx.list('chunks'))).toHaveLength(2)
  })

  test(`${kind}: a staging that never ended is swept by the next leader, and writes nothing more`, async () => {
    const { disk, lease, tab, persistence, term } = await led()
    const rows = Array.from({ length: 2500 }, (_, i) => ['books', { id: `r${i}` }] as const)
    const dead = await disk.stage()
    await dead.add(rows)
    const chunks = () => persistence.transact('read', ['chunks'], (tx) => tx.list('chunks'))
    expect(await chunks()).toHaveLength(2)
    const other = (await tab()).disk
    await other.load()
    expect(await chunks()).toHaveLength(2)
    expect(await other.lead()).toBe(term + 1)
    expect(await chunks()).toHaveLength(0)
    await dead.add(rows)
    expect(await chunks()).toHaveLength(0)
    expect(await dead.commit(lease(null), step('1'))).toBeNull()
    expect(await dead.commit({ term: term + 1, cursor: null }, step('1'))).toBeNull()
    const discarded = await other.stage()
    await discarded.add(rows)
    await discarded.discard()
    expect(await chunks()).toHaveLength(0)
    expect((await other.load()).rowsByCollection.size).toBe(0)
  })

  test(`${kind}: a row goes only where it is held under the audience that a removal names`, async () => {
    const { disk, lease, tab } = await led()
    const staging = await disk.stage()
    await staging.add([
      ['books', { id: 'a', title: 'A' }],
      ['books', { id: 'b', title: 'B' }, 'team:1'],
      ['books', { id: 'c', title: 'C' }, 'team:2'],
    ])
    const head = (await staging.commit(lease(null), step('1'))) as number
    await disk.commit(
      lease('1'),
      step('2', [del('a', 'team:1'), del('b'), del('c', 'team:2'), put('d', 'D', 'team:1'), del('d'), put('a', 'A2', 'team:2')]),
    )
    const seen = async (of: Disk) => {
      const state = await of.load()
      return [titles(state), Object.fromEntries(state.audiences)]
    }
    const expected = [
      { a: 'A2', b: 'B', d: 'D' },
      { 'books/a': 'team:2', 'books/b': 'team:1', 'books/d': 'team:1' },
    ]
    expect(await seen(disk)).toEqual(expected)
    await disk.compact(lease('2'), head + 1)
    expect(await seen((await tab()).disk)).toEqual(expected)
  })

  test(`${kind}: what left an audience is on disk no more once the step is, and other tabs read anew`, async () => {
    const { disk, lease, tab, persistence } = await led()
    const other = (await tab()).disk
    const staging = await disk.stage()
    await staging.add([
      ['books', { id: 'a', title: 'public' }],
      ['books', { id: 'b', title: 'secret one' }, 'team:1'],
    ])
    await staging.commit(lease(null), step('1'))
    const { head } = await other.load()
    await disk.commit(lease('1'), step('2', [put('c', 'secret two', 'team:1'), put('d', 'D', 'team:2')]))
    await disk.commit(lease('2'), step('3', [{ op: 'leave', audience: 'team:1' }, put('e', 'E')]))
    const all = await persistence.transact('read', ['chunks', 'log'], (tx) => Promise.all([tx.list('chunks'), tx.list('log')]))
    expect(JSON.stringify(all)).not.toContain('secret')
    const tail = await other.follow(head)
    expect(tail.whole && titles(tail)).toEqual({ a: 'public', d: 'D', e: 'E' })
    expect(titles(await disk.load())).toEqual({ a: 'public', d: 'D', e: 'E' })
  })

  test(`${kind}: D3 HS17 a corrupt chunk and a corrupt log record are counted and put aside, and the rest is fetched anew`, async () => {
    const { disk, lease, tab, persistence } = await led()
    const staging = await disk.stage()
    await staging.add(Array.from({ length: 1500 }, (_, i) => ['books', { id: `r${String(i).padStart(4, '0')}`, title: 't' }] as const))
    await staging.commit(lease(null), step('1'))
    await disk.commit(lease('1'), step('2', [put('x', 'X'), put('y', 'Y')], { confirmed: { a: 1 } }))
    await disk.enqueue([queued('a', 2)])
    await persistence.transact('write', ['chunks', 'log'], async (tx) => {
      const [chunk] = await tx.list('chunks')
      if (chunk) tx.put('chunks', chunk[0], ['books', '[{"id":"r0'])
      tx.put('log', 3, '[{"op":"put","collection":"books","id":"x","value":{"id":"x"}},{"op":"put"},17]')
    })
    const after = await tab()
    const state = await after.disk.load()
    expect(after.errors.map(({ code, details }) => [code, details.count])).toEqual([['disk/corrupt', 1002]])
    expect(state.rowsByCollection.get('books')).toHaveLength(501)
    expect(state.meta).toMatchObject({ cursor: null, version: 0, confirmed: { a: 1 } })
    expect(state.queue).toEqual([queued('a', 2)])
    expect(await disk.commit(lease('2'), step('3'))).toBeNull()
    const again = await tab()
    await again.disk.load()
    expect(again.errors).toEqual([])
  })

  test(`${kind}: a corrupt chunk that a compaction meets is put aside, and nothing else is lost`, async () => {
    const { disk, lease, persistence, errors } = await led()
    await disk.commit(lease(null), step('1', [put('a', 'A')]))
    await disk.compact(lease('1'), 1)
    await disk.commit(lease('1'), step('2', [put('a', 'A2'), put('b', 'B')]))
    await persistence.transact('write', ['chunks'], async (tx) => tx.put('chunks', 1, 'junk'))
    expect(await disk.compact(lease('2'), 2)).toBe(false)
    expect(errors.map(({ code }) => code)).toEqual(['disk/corrupt'])
    const state = await disk.load()
    expect(titles(state)).toEqual({ a: 'A2', b: 'B' })
    expect(state.meta.cursor).toBeNull()
    expect(errors).toHaveLength(1)
  })

  test.each<[string, Json]>([
    ['junk text', '{{{'],
    ['another shape', '[{"client":"a"}]'],
    ['no text', { a: 1 }],
  ])(`${kind}: HS17 a record of the queue that is %s goes to quarantine as it was, never to the bin`, async (_, junk) => {
    const { disk, persistence, tab } = await led()
    await disk.enqueue([queued('a', 1)])
    await disk.enqueue([queued('a', 2)])
    await persistence.transact('write', ['queue'], async (tx) => tx.put('queue', 1, junk))
    const after = await tab()
    for (const state of [await after.disk.load(), await disk.load()]) {
      expect(state.queue).toEqual([queued('a', 2)])
      expect(state.quarantine).toHaveLength(1)
      expect(state.quarantine[0]).toMatchObject({ code: 'disk/corrupt', raw: junk, calls: [] })
    }
    expect(after.errors).toHaveLength(1)
  })

  test.each<[StoreName, string]>([
    ['meta', 'meta'],
    ['meta', 'chunks'],
  ])(`${kind}: an app opens with %s/%s corrupt, and the queue is there`, async (store, key) => {
    const { disk, lease, persistence, tab } = await led()
    await disk.commit(lease(null), step('1', [put('a', 'A')]))
    await disk.compact(lease('1'), 1)
    await disk.enqueue([queued('a', 1)])
    await persistence.transact('write', [store], async (tx) => tx.put(store, key, 'junk'))
    const after = await tab()
    const state = await after.disk.load()
    expect(after.errors.map(({ code }) => code)).toEqual(['disk/corrupt'])
    expect(state.queue).toEqual([queued('a', 1)])
    expect(state.rowsByCollection.size).toBe(0)
    expect(state.meta.cursor).toBeNull()
    expect(await (await tab()).disk.enqueue([queued('a', 2)])).toBeGreaterThan(2)
  })

  test(`${kind}: HS4 HS6 a newer layout or schema on disk is disk/too-new, and nothing is touched but by the queue`, async () => {
    const newer = await led(2)
    await newer.disk.commit(newer.lease(null), step('1', [put('a', 'A')]))
    const old = (await newer.tab(1)).disk
    await expect(old.load()).rejects.toMatchObject({ code: 'disk/too-new' })
    await expect(old.lead()).rejects.toMatchObject({ code: 'disk/too-new' })
    expect(await old.commit(newer.lease('1'), step('2'))).toBeNull()
    expect(await old.commitHere(1, step('2'))).toBeNull()
    expect(await old.enqueue([queued('a', 1)])).toBe(2)
    expect((await newer.disk.load()).queue).toEqual([queued('a', 1)])
    const meta = (await newer.persistence.transact('read', ['meta'], (tx) => tx.get('meta', 'meta'))) as { readonly [field: string]: Json }
    await newer.persistence.transact('write', ['meta'], async (tx) => tx.put('meta', 'meta', { ...meta, format: 99 }))
    for (const work of [
      () => old.load(),
      () => old.follow(1),
      () => old.enqueue([queued('a', 2)]),
      () => newer.disk.commit(newer.lease('1'), step('2')),
    ])
      await expect(work()).rejects.toMatchObject({ code: 'disk/too-new' })
  })

  test(`${kind}: rows of an older schema are fetched anew, the queue and what was confirmed stay`, async () => {
    const old = await led(1)
    await old.disk.commit(old.lease(null), step('1', [put('a', 'A')], { confirmed: { a: 1 } }))
    await old.disk.enqueue([queued('a', 2)])
    const state = await (await old.tab(2)).disk.load()
    expect(state).toMatchObject({ queue: [queued('a', 2)], meta: { schema: 2, cursor: null, version: 0, confirmed: { a: 1 } } })
    expect(state.rowsByCollection.size).toBe(0)
    expect(await old.disk.commit(old.lease(null), step('2'))).toBeNull()
  })

  test(`${kind}: a closed disk raises misuse/closed, a destroyed one leaves nothing`, async () => {
    const { disk, tab } = await led()
    await disk.enqueue([queued('a', 1)])
    await disk.close()
    await expect(disk.load()).rejects.toMatchObject({ code: 'misuse/closed' })
    await expect(disk.enqueue([queued('a', 2)])).rejects.toMatchObject({ code: 'misuse/closed' })
    const { disk: other } = await tab()
    await other.destroy()
    expect((await (await tab()).disk.load()).queue).toEqual([])
  })
}
