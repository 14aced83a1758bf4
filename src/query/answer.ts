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

/** The total order of an answer, compiled once and run often: its keys, then the id. */
export function makeOrder(orderBy: readonly OrderAst[] = []): (a: AnyRow, b: AnyRow) => number {
  return orderBy.reduceRight<(a: AnyRow, b: AnyRow) => number>((next, key) => orderByKey(key, next), compareIds)
}

function orderByKey({ field, direction }: OrderAst, next: (a: AnyRow, b: AnyRow) => number): (a: AnyRow, b: AnyRow) => number {
  const sign = direction === 'asc' ? 1 : -1
  return (a, b) => {
    const one = a[field]
    const two = b[field]
    if (one === two) return next(a, b)
    if (typeof one === 'number' && typeof two === 'number') return one < two ? -sign : sign
    const order = compareValues(one, two)
    return order === 0 ? next(a, b) : order * sign
  }
}

function compareIds(a: AnyRow, b: AnyRow): number {
  return compareText(a.id, b.id)
}
