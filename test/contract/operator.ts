// What every operator promises to the next, whatever it does to the rows: one suite that each of them passes.
import { expect, test } from 'vitest'
import { makeExplanation } from '../../src/live/explain.ts'
import type { Input, Output } from '../../src/live/operator.ts'
import type { AnyRow } from '../../src/schema/row.ts'
import { createRng, type Rng } from '../kit/rng.ts'

/** An operator under test. */
export interface OperatorSuite {
  readonly name: string
  /** The operator over `input`, which tells every kind of change. */
  make(input: Input): Input
  /** What it has to answer with, from scratch. */
  expect(rows: readonly AnyRow[]): readonly AnyRow[]
  /** Set where rows come in order: an edit then has to keep its place in it. */
  readonly order?: (a: AnyRow, b: AnyRow) => number
}

/** Random commits into an operator: what it tells, replayed, has to be what it answers with, and that what is right from scratch. */
export function testOperator(suite: OperatorSuite): void {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])(`${suite.name} keeps the contract of operators (SEED=%i)`, (seed) => {
    const rng = createRng(seed)
    const rowsById = new Map<string, AnyRow>()
    for (let i = rng.int(0, 12); i > 0; i--) put(rowsById, drawRow(rng))
    let to: Output | undefined
    const byId = (): AnyRow[] => [...rowsById.values()]
    const operator = suite.make({ rows: byId, pipe: (output) => void (to = output), explain: () => makeExplanation('test', '') })
    const replica = replay(operator, suite.order)
    for (let commit = 0; commit < 60; commit++) {
      const touched = new Set<string>()
      for (let i = rng.pick([1, 1, 1, 2, 5, 90]); i > 0; i--) {
        const row = drawRow(rng)
        if (touched.has(row.id)) continue
        touched.add(row.id)
        const before = rowsById.get(row.id)
        if (before && rng.chance(0.4)) {
          rowsById.delete(row.id)
          to?.remove(before)
        } else {
          put(rowsById, row)
          if (before) to?.edit(before, row)
          else to?.add(row)
        }
      }
      to?.settle()
      const answer = operator.rows()
      const expected = suite.expect(byId())
      expect(suite.order ? answer : sortById(answer)).toEqual(suite.order ? expected : sortById(expected))
      expect(sortById(replica.rows())).toEqual(sortById(answer))
      expect(replica.settled()).toBe(commit + 1)
    }
  })
}

// what an operator tells, applied to the rows that it began with; raises where the contract is broken
function replay(operator: Input, order: OperatorSuite['order']): { rows(): AnyRow[]; settled(): number } {
  const rowsById = new Map(operator.rows().map((row) => [row.id, row]))
  let settled = 0
  operator.pipe({
    add(row) {
      expect(rowsById.has(row.id), `add of ${row.id}, which is in`).toBe(false)
      put(rowsById, row)
    },
    remove(row) {
      expect(rowsById.get(row.id), `remove of ${row.id} names it as last told`).toBe(row)
      rowsById.delete(row.id)
    },
    edit(before, after) {
      expect(after.id).toBe(before.id)
      expect(rowsById.get(before.id), `edit of ${before.id} names it as last told`).toBe(before)
      if (order) expect(order(before, after), `edit of ${before.id} keeps its place`).toBe(0)
      put(rowsById, after)
    },
    settle: () => void settled++,
  })
  return { rows: () => [...rowsById.values()], settled: () => settled }
}

function drawRow(rng: Rng): AnyRow {
  return Object.freeze({ id: `r${rng.int(0, 150)}`, n: rng.pick([null, 0, 1, 2, 3]), note: rng.int(0, 9) })
}

function put(rowsById: Map<string, AnyRow>, row: AnyRow): void {
  rowsById.set(row.id, row)
}

function sortById(rows: readonly AnyRow[]): AnyRow[] {
  return [...rows].sort((a, b) => (a.id < b.id ? -1 : 1))
}
