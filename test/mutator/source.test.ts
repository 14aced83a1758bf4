import { expect, test } from 'vitest'
import { makeOverlay, missing } from '../../src/mutator/source.ts'
import { answerRows } from '../../src/query/answer.ts'
import type { QueryAst } from '../../src/query/ast.ts'
import type { AnyRow } from '../../src/schema/row.ts'
import { createRng } from '../kit/rng.ts'
import { makeSource, runLoading } from './app.ts'

const ids = (rows: readonly AnyRow[] | typeof missing): readonly string[] => (rows === missing ? ['missing'] : rows.map(({ id }) => id))

test('own writes lie over what is below: they hide it, add to it, and push rows out of a window', () => {
  const overlay = makeOverlay(makeSource({ id: 'a', n: 1 }, { id: 'b', n: 2 }, { id: 'c', n: 3 }, { id: 'd', n: 4 }))
  const first: QueryAst = { from: 'things', orderBy: [{ field: 'n', direction: 'asc' }], limit: 2 }
  expect(ids(overlay.select(first))).toEqual(['a', 'b'])
  overlay.set('things', 'a', undefined)
  expect(ids(overlay.select(first))).toEqual(['b', 'c'])
  overlay.set('things', 'b', { id: 'b', n: 9 })
  expect(ids(overlay.select(first))).toEqual(['c', 'd'])
  overlay.set('things', 'e', { id: 'e', n: 0 })
  expect(ids(overlay.select(first))).toEqual(['e', 'c'])
  expect([overlay.find('things', 'a'), overlay.find('things', 'b'), overlay.find('things', 'd')]).toEqual([
    undefined,
    { id: 'b', n: 9 },
    { id: 'd', n: 4 },
  ])
})

test('an answer below that is missing is missing above', () => {
  const overlay = makeOverlay({ find: () => missing, select: () => missing })
  overlay.set('things', 'a', { id: 'a', n: 1 })
  expect(overlay.select({ from: 'things' })).toBe(missing)
  expect(overlay.find('things', 'b')).toBe(missing)
  expect(overlay.find('things', 'a')).toEqual({ id: 'a', n: 1 })
})

test('overlays over overlays answer as one list of all rows would, windows included', () => {
  for (let seed = 1; seed <= 500; seed++) {
    const rng = createRng(seed)
    const makeRow = (id: string): AnyRow => Object.freeze({ id, n: rng.int(0, 4) })
    const all = new Map(Array.from({ length: rng.int(0, 12) }, (_, i) => [`k${i}`, makeRow(`k${i}`)]))
    const base = makeSource(...all.values())
    const lower = makeOverlay(base)
    const upper = makeOverlay(lower)
    for (let step = 0; step < 12; step++) {
      const id = `k${rng.int(0, 13)}`
      const row = rng.chance(0.4) ? undefined : makeRow(id)
      // the lower one is complete before the upper one is written, as earlier mutations are
      ;(step < 6 ? lower : upper).set('things', id, row)
      if (row) all.set(id, row)
      else all.delete(id)
      const ast: QueryAst = {
        from: 'things',
        ...(rng.chance(0.6) ? { where: { op: rng.pick(['<', '>=', '!=', '='] as const), field: 'n', value: rng.int(0, 4) } } : {}),
        ...(rng.chance(0.7) ? { orderBy: [{ field: 'n', direction: rng.pick(['asc', 'desc'] as const) }] } : {}),
        ...(rng.chance(0.7) ? { limit: rng.int(0, 6) } : {}),
      }
      expect([seed, step, ids(upper.select(ast))]).toEqual([seed, step, ids(answerRows(ast, all.values()))])
    }
  }
})

test('a limited answer that ran dry under own writes is a miss for a further window', async () => {
  const rows = Array.from({ length: 8 }, (_, i) => ({ id: `t${i}`, n: i }))
  const { ran } = await runLoading(rows, (tx) => {
    for (let i = 0; i < 5; i++) {
      const [first] = tx.things.where('n', '<', 100).orderBy('n').limit(1).read()
      if (first) tx.things.remove(first.id)
    }
    tx.others.put({ id: 'left', n: tx.things.read().length })
  })
  expect(ran.failure).toBeUndefined()
  expect([...ran.writes.keys()]).toEqual(['things/t0', 'things/t1', 'things/t2', 'things/t3', 'things/t4', 'others/left'])
  expect(ran.writes.get('others/left')).toEqual({ id: 'left', n: 3 })
})
