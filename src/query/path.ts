import type { FieldKind } from '../schema/fields.ts'
import type { FieldAst, JoinAst, OrderAst } from './ast.ts'
import { mustField } from './comparison.ts'
import { comparableAt, fieldsAt, findRelation, type Place, wayOf } from './place.ts'
import { wrong } from './wrong.ts'

/** A field that was named by a path, and the joins that it needs. */
export interface Resolved {
  readonly field: FieldAst
  readonly joins: readonly JoinAst[]
  readonly kind: FieldKind
}

/** Finds a field of the row, of a joined row, or of the row that a to-one relation leads to (`shelf.name`): that one is joined unseen. */
export function resolvePath(
  place: Place,
  joins: readonly JoinAst[],
  { part, given }: { readonly part: string; readonly given: unknown },
): Resolved {
  const own = fieldsAt(place)
  const dot = typeof given === 'string' && !own?.has(given) ? given.indexOf('.') : -1
  if (dot > 0) {
    const [of, rest] = [(given as string).slice(0, dot), (given as string).slice(dot + 1)]
    const join = joins.find(({ as }) => as === of) ?? joinUnseen(place, part, of)
    if (join) {
      const fields = fieldsAt({ ...place, from: join.hop.collection })
      const field = mustField({ path: `${place.path}${part}.${of}`, fields }, rest)
      return { field: { field, of }, joins: joins.includes(join) ? joins : [...joins, join], kind: fields?.get(field) ?? 'any' }
    }
  }
  const field = mustField(comparableAt(place, part), given)
  return { field: { field }, joins, kind: own?.get(field) ?? 'any' }
}

function joinUnseen(place: Place, part: string, name: string): JoinAst | undefined {
  const relation = findRelation(place, name)
  if (!relation) return undefined
  const { hop } = wayOf(relation)
  if (!hop.isOne) wrong(`${place.path}${part}.${name}`, 'leads to many rows, not to one')
  return { as: name, kind: 'left', hop, isHidden: true }
}

/** One key of an order. Raises `invalid/query`. */
export function makeOrderKey(path: string, field: FieldAst, [direction = 'asc', nulls]: readonly unknown[]): OrderAst {
  if (direction !== 'asc' && direction !== 'desc') wrong(path, "goes 'asc' or 'desc'")
  if (nulls !== undefined && nulls !== 'first' && nulls !== 'last') wrong(path, "places nulls 'first' or 'last'")
  return { ...field, direction, ...(nulls !== undefined && { nulls }) }
}

/** How many rows to answer with or to pass over. Raises `invalid/query`. */
export function mustCount(path: string, count: unknown): number {
  if (!Number.isSafeInteger(count) || (count as number) < 0) wrong(path, 'is not a whole number from 0')
  return count as number
}
