import { copyValue } from '../schema/validate.ts'
import type { Json } from '../util/json.ts'
import type { CursorAst, JoinAst, OrderAst, QueryAst, WithAst } from './ast.ts'
import { wrong } from './wrong.ts'

/** Where the page behind a row of the answer begins: by its values of the order's keys, and its ids. Raises `invalid/query`. */
export function makeCursor(ast: QueryAst, row: unknown, path: string): CursorAst {
  if (!isRow(row)) wrong(path, 'does not take a row of the answer, with its id')
  const { joins = [], orderBy = [] } = ast
  const joinedRows = new Map(joins.map((join) => [join.as, joinedRow(ast, join, { row, path })]))
  const keyOf = ({ field, of }: OrderAst): Json => {
    const [held, select] = of === undefined ? [row, ast.select] : [joinedRows.get(of), findWith(ast, of)?.query.select]
    if (held && isLeftOut(held, field, select))
      wrong(`${path}.${of === undefined ? '' : `${of}.`}${field}`, 'is not in the row: the order goes by it, so select it too')
    return mustKey(held?.[field], `${path}.${field}`)
  }
  return { keys: orderBy.map(keyOf), ids: [row.id, ...joins.map(({ as }) => joinedRows.get(as)?.id ?? null)] }
}

interface AnswerRow {
  readonly id: string
  readonly [name: string]: unknown
}

// the joined row of a row of the answer; undefined where it is known that there is none
function joinedRow(
  ast: QueryAst,
  { as, hop, isHidden }: JoinAst,
  { row, path }: { readonly row: AnswerRow; readonly path: string },
): AnswerRow | undefined {
  const joined = row[as]
  if (isRow(joined)) return joined
  const isShown = Object.hasOwn(row, as) && joined === undefined
  if (!isHidden && isShown) return undefined
  if (isHidden) {
    const meetsNone = (row[hop.near] ?? null) === null && !isLeftOut(row, hop.near, ast.select)
    if (meetsNone || (isShown && !isNarrowed(findWith(ast, as)?.query))) return undefined
  }
  return wrong(
    `${path}.${as}`,
    isHidden ? `is not in the row: the order goes by it, so ask with('${as}') for it and its id, whatever it is` : 'is not in the row',
  )
}

function findWith(ast: QueryAst, name: string): WithAst | undefined {
  return ast.with?.find(({ as }) => as === name)
}

// an absent field is null, one that was not selected may be anything
function isLeftOut(row: AnswerRow, field: string, select: QueryAst['select']): boolean {
  return select !== undefined && !select.includes(field) && !Object.hasOwn(row, field)
}

// whether a row that is there may be missing from the answer
function isNarrowed({ from: _, select: __, orderBy: ___, with: ____, ...narrowing }: QueryAst = { from: '' }): boolean {
  return Object.keys(narrowing).length > 0
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
