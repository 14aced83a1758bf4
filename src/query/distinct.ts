import type { QueryAst } from './ast.ts'
import type { Place } from './place.ts'
import { wrong } from './wrong.ts'

/** The question about each row once, of what it selects: groups of the same values, sorted and cut after that. Raises `invalid/query`. */
export function makeDistinct(place: Place, ast: QueryAst): QueryAst {
  const { select, orderBy, offset, limit, joins, ...others } = ast
  const at = (part: string): string => place.path + part
  if (ast.with) wrong(at('distinct'), 'is of fields alone: it does not go together with `with`')
  if (ast.after) wrong(at('after'), 'takes a row with its id, and distinct rows have none')
  // rows as they are differ by their ids
  if (!select) return ast
  const joined = joins?.find(({ as }) => select.includes(as))
  if (joined) wrong(at(`select.${joined.as}`), 'is a row: distinct rows are of fields alone')
  const stranger = orderBy?.find(({ field, of }) => of !== undefined || !select.includes(field))
  if (stranger)
    wrong(
      at(`orderBy.${stranger.of === undefined ? '' : `${stranger.of}.`}${stranger.field}`),
      'is not selected: distinct rows do not have it',
    )
  const parts = { ...(orderBy && { orderBy }), ...(offset !== undefined && { offset }), ...(limit !== undefined && { limit }) }
  return { ...others, ...(joins && { joins }), group: { by: select.map((field) => ({ field })), aggregates: {}, ...parts } }
}
