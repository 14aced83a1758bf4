import { copyValue } from '../schema/validate.ts'
import type { Json } from '../util/json.ts'
import type { CursorAst, JoinAst, OrderAst, QueryAst } from './ast.ts'
import { wrong } from './wrong.ts'

/** Where the page behind a row of the answer begins: by its values of the order's keys, and its ids. Raises `invalid/query`. */
export function makeCursor({ joins = [], orderBy = [] }: QueryAst, row: unknown, path: string): CursorAst {
  if (!isRow(row)) wrong(path, 'does not take a row of the answer, with its id')
  const joinedRows = new Map(joins.map((join) => [join.as, joinedRow(join, row, path)]))
  const keyOf = ({ field, of }: OrderAst): Json => mustKey((of === undefined ? row : joinedRows.get(of))?.[field], `${path}.${field}`)
  return { keys: orderBy.map(keyOf), ids: [row.id, ...joins.map(({ as }) => joinedRows.get(as)?.id ?? null)] }
}

interface AnswerRow {
  readonly id: string
  readonly [name: string]: unknown
}

function joinedRow({ as, hop, isHidden }: JoinAst, row: AnswerRow, path: string): AnswerRow | undefined {
  const joined = row[as]
  if (isRow(joined)) return joined
  const hasNone = Object.hasOwn(row, as) ? joined === undefined : isHidden && (row[hop.near] ?? null) === null
  if (hasNone) return undefined
  return wrong(
    `${path}.${as}`,
    isHidden ? `is not in the row: the order goes by it, so ask with('${as}') for it and its id` : 'is not in the row',
  )
}

function isRow(value: unknown): value is AnswerRow {
  return typeof value === 'object' && value !== null && typeof (value as { readonly id?: unknown }).id === 'string'
}

function mustKey(value: unknown, path: string): Json {
  try {
    return copyValue(value, path) ?? null
  } catch {
    return wrong(path, 'is not what a row can hold')
  }
}
