import { expect, test } from 'vitest'
import type { Change } from '../../src/pool/change.ts'
import { createPool, type Pool } from '../../src/pool/pool.ts'
import { makeRowKey, type RowKey } from '../../src/protocol/ids.ts'
import { effect } from '../../src/reactive.ts'
import type { AnyRow } from '../../src/schema/row.ts'
import { createRng } from '../kit/rng.ts'

const key = (id: string): RowKey => makeRowKey('notes', id)
const row = (id: string, n: number): AnyRow => Object.freeze({ id, n })
const rows = (...list: readonly AnyRow[]): ReadonlyMap<RowKey, AnyRow | undefined> => new Map(list.map((one) => [key(one.id), one]))
const written = (id: string, n: number | undefined) => new Map([[key(id), { row: n === undefined ? undefined : row(id, n) }]])

function open(): { readonly pool: Pool; readonly commits: (readonly Change[])[]; readonly reported: unknown[] } {
  const reported: unknown[] = []
  const commits: (readonly Change[])[] = []
  const pool = createPool((error) => reported.push(error))
  pool.onCommit((changes) => commits.push(changes))
  return { pool, commits, reported }
}

test('base and pending move in one commit: all rows are in place before one notification', () => {
  const { pool, commits } = open()
  const seen: unknown[] = []
  pool.onCommit(() => seen.push([...pool.rows('notes')].map(({ n }) => n)))
  pool.commit({ base: rows(row('a', 1), row('b', 2)), pending: written('a', 9) })
  expect(seen).toEqual([[2, 9]])
  expect(commits).toEqual([
    [
      { collection: 'notes', id: 'b', before: undefined, after: row('b', 2) },
      { collection: 'notes', id: 'a', before: undefined, after: row('a', 9) },
    ],
  ])
  expect(pool.base.find('notes', 'a')).toEqual(row('a', 1))
  expect(pool.isPending('notes', 'a')).toBe(true)
})

test('base moves unseen under a pending row, and shows when nothing is pending on it any more', () => {
  const { pool, commits } = open()
  pool.commit({ base: rows(row('a', 1)) })
  pool.commit({ pending: written('a', 2) })
  commits.length = 0
  pool.commit({ base: rows(row('a', 3)) })
  expect([pool.find('notes', 'a'), pool.base.find('notes', 'a')]).toEqual([row('a', 2), row('a', 3)])
  expect(commits).toEqual([])
  pool.commit({ pending: new Map([[key('a'), null]]) })
  expect(pool.find('notes', 'a')).toEqual(row('a', 3))
  expect(commits).toHaveLength(1)
  expect(pool.isPending('notes', 'a')).toBe(false)
})

test('a confirmation that brings what was predicted keeps the row that is shown, and tells nobody', () => {
  const { pool, commits } = open()
  pool.commit({ pending: written('a', 1) })
  const shown = pool.find('notes', 'a')
  commits.length = 0
  pool.commit({ base: rows(row('a', 1)), pending: new Map([[key('a'), null]]) })
  expect(pool.find('notes', 'a')).toBe(shown)
  expect(commits).toEqual([])
})

test('a pending removal hides the row of base, and a pending insertion is not base', () => {
  const { pool } = open()
  pool.commit({ base: rows(row('a', 1)) })
  pool.commit({ pending: new Map([...written('a', undefined), ...written('b', 2)]) })
  expect([...pool.rows('notes')]).toEqual([row('b', 2)])
  expect([...pool.baseKeys()]).toEqual([key('a')])
  expect(pool.base.select({ from: 'notes' })).toEqual([row('a', 1)])
  expect(pool.view.select({ from: 'notes' })).toEqual([row('b', 2)])
})

test('row and pending signals follow their row alone, and exist before it does', () => {
  const { pool } = open()
  const seen: unknown[] = []
  const a = pool.rowSignal('notes', 'a')
  const pending = pool.pendingSignal('notes', 'a')
  const stop = effect(() => void seen.push([a.value?.['n'], pending.value]))
  pool.commit({ base: rows(row('b', 1)) })
  pool.commit({ pending: written('a', 1) })
  pool.commit({ base: rows(row('a', 1)), pending: new Map([[key('a'), null]]) })
  pool.commit({ base: new Map([[key('a'), undefined]]) })
  stop()
  expect(seen).toEqual([
    [undefined, false],
    [1, true],
    [1, false],
    [undefined, false],
  ])
  expect(pool.rowSignal('notes', 'a')).toBe(a)
})

test('a listener that throws is reported; the commit stands, and subscribers of signals hear of it', () => {
  const { pool, reported } = open()
  const seen: unknown[] = []
  pool.rowSignal('notes', 'a').subscribe((value) => seen.push(value?.['n']))
  const stop = pool.onCommit(() => {
    throw new Error('of a listener')
  })
  pool.commit({ base: rows(row('a', 1)) })
  expect(reported.map((error) => (error as Error).message)).toEqual(['of a listener'])
  expect(pool.find('notes', 'a')).toEqual(row('a', 1))
  expect(seen).toEqual([undefined, 1])
  stop()
  pool.commit({ base: rows(row('a', 2)) })
  expect(reported).toHaveLength(1)
})

test('a listener that throws keeps no other listener from hearing', () => {
  const { pool } = open()
  let heard = 0
  pool.onCommit(() => {
    throw new Error('of a listener')
  })
  pool.onCommit(() => heard++)
  pool.commit({ base: rows(row('a', 1)) })
  expect(heard).toBe(1)
})

test('after any commits, what is shown is base with the pending rows over it', () => {
  for (let seed = 1; seed <= 200; seed++) {
    const rng = createRng(seed)
    const { pool, commits } = open()
    const base = new Map<RowKey, AnyRow>()
    const pending = new Map<RowKey, AnyRow | undefined>()
    const mirror = new Map<string, AnyRow>()
    for (let step = 0; step < 40; step++) {
      const moved = new Map<RowKey, AnyRow | undefined>()
      const moves = new Map<RowKey, { readonly row: AnyRow | undefined } | null>()
      for (const id of ['a', 'b', 'c', 'd']) {
        const next = rng.chance(0.3) ? undefined : row(id, rng.int(0, 2))
        if (rng.chance(0.3)) moved.set(key(id), next)
        if (rng.chance(0.3)) moves.set(key(id), rng.chance(0.4) ? null : { row: rng.chance(0.3) ? undefined : row(id, rng.int(0, 2)) })
      }
      for (const [at, value] of moved) {
        if (value) base.set(at, value)
        else base.delete(at)
      }
      for (const [at, value] of moves) {
        if (value) pending.set(at, value.row)
        else pending.delete(at)
      }
      commits.length = 0
      pool.commit({ base: moved, pending: moves })
      expect(commits.length).toBeLessThanOrEqual(1)
      for (const { id, before, after } of commits[0] ?? []) {
        expect(mirror.get(id)).toBe(before)
        if (after) mirror.set(id, after)
        else mirror.delete(id)
      }
      const wanted = new Map<RowKey, AnyRow | undefined>([...base, ...pending])
      for (const id of ['a', 'b', 'c', 'd']) {
        expect(pool.find('notes', id)).toEqual(wanted.get(key(id)))
        expect(mirror.get(id)).toBe(pool.find('notes', id))
        expect(pool.base.find('notes', id)).toEqual(base.get(key(id)))
        expect(pool.isPending('notes', id)).toBe(pending.has(key(id)))
      }
      expect(new Set(pool.baseKeys())).toEqual(new Set(base.keys()))
    }
  }
})
