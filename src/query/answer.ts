import type { AnyRow } from '../schema/row.ts'
import { compareText, compareValues } from '../util/compare.ts'
import type { OrderAst, QueryAst } from './ast.ts'
import { compileCondition } from './condition.ts'

/** The naive answer over all rows of the collection: the oracle of the live pipelines, and what `tx` and the server use. */
export function answerQuery(ast: QueryAst, rows: Iterable<AnyRow>): AnyRow[] {
  const isMatch = compileCondition(ast.where)
  const found: AnyRow[] = []
  for (const row of rows) if (isMatch(row)) found.push(row)
  found.sort(makeOrder(ast.orderBy))
  return ast.limit === undefined ? found : found.slice(0, ast.limit)
}

/** The total order of an answer: its keys, then the id. */
export function makeOrder(orderBy: readonly OrderAst[] = []): (a: AnyRow, b: AnyRow) => number {
  return (a, b) => {
    for (const { field, direction } of orderBy) {
      const order = compareValues(a[field], b[field])
      if (order !== 0) return direction === 'asc' ? order : -order
    }
    return compareText(a.id, b.id)
  }
}
