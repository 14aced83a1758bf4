import type { AnyRow } from '../schema/row.ts'
import { compareText, compareValues } from '../util/compare.ts'
import type { Json } from '../util/json.ts'
import type { FieldAst, OrderAst, QueryAst } from './ast.ts'

/** A row with what each join of the question brings, in the order of its joins. */
export interface Joined {
  readonly row: AnyRow
  readonly parts: readonly (AnyRow | undefined)[]
}

/** A row on its way to the answer: the row itself or, where the question has joins, `Joined`. */
export type Node = AnyRow | Joined

type Joins = Pick<QueryAst, 'joins'>
type Compare = (a: Node, b: Node) => number

/** Reads one field of a node. */
export function makeFieldReader({ joins = [] }: Joins, { field, of }: FieldAst): (node: Node) => Json | undefined {
  if (joins.length === 0) return (node) => (node as AnyRow)[field]
  if (of === undefined) return (node) => (node as Joined).row[field]
  const place = joins.findIndex(({ as }) => as === of)
  return (node) => (node as Joined).parts[place]?.[field]
}

/** The ids that tell a node from all others: the row's, then each joined row's or null. */
export function idsOf({ joins = [] }: Joins, node: Node): readonly (string | null)[] {
  if (joins.length === 0) return [(node as AnyRow).id]
  const { row, parts } = node as Joined
  return [row.id, ...parts.map((part) => part?.id ?? null)]
}

/** The total order of an answer, compiled once and run often: its keys, then the ids. */
export function makeOrder(ast: Pick<QueryAst, 'joins' | 'orderBy'>): Compare {
  const byIds: Compare = (ast.joins ?? []).length === 0 ? compareRowIds : compareAllIds
  const orderBy =
    (ast.joins ?? []).length === 0 ? orderByField : (key: OrderAst, next: Compare) => orderByKey(makeFieldReader(ast, key), key, next)
  return (ast.orderBy ?? []).reduceRight<Compare>((next, key) => orderBy(key, next), byIds)
}

/** Whether a node comes behind the cursor of the question; the same order as `makeOrder`, against values instead of a row. */
export function makeIsAfter(ast: Pick<QueryAst, 'joins' | 'orderBy' | 'after'>): (node: Node) => boolean {
  const { after, orderBy = [] } = ast
  if (!after) return () => true
  const keys = orderBy.map((key, i) => ({ read: makeFieldReader(ast, key), compare: compareByKey(key), value: after.keys[i] }))
  // a row does not come behind itself because it leads elsewhere now
  const isShown = [true, ...(ast.joins ?? []).map(({ isHidden }) => !isHidden)]
  const shown = (ids: readonly (string | null)[]): readonly (string | null)[] => ids.filter((_, i) => isShown[i])
  const ids = shown(after.ids)
  return (node) => {
    for (const { read, compare, value } of keys) {
      const order = compare(read(node), value)
      if (order !== 0) return order > 0
    }
    return compareIds(shown(idsOf(ast, node)), ids) > 0
  }
}

/** Compares two values as one key of an order does. */
export function compareByKey({ direction, nulls }: OrderAst): (a: Json | undefined, b: Json | undefined) => number {
  const sign = direction === 'asc' ? 1 : -1
  if (nulls === undefined || (nulls === 'first') === (direction === 'asc')) return (a, b) => compareValues(a, b) * sign
  const nullSign = nulls === 'first' ? -1 : 1
  return (a, b) => {
    const isNullA = a === null || a === undefined
    const isNullB = b === null || b === undefined
    if (isNullA || isNullB) return isNullA === isNullB ? 0 : isNullA ? nullSign : -nullSign
    return compareValues(a, b) * sign
  }
}

// the same as by a reader, without the calls: a sort compares a row some forty times when it moves
function orderByField(key: OrderAst, next: Compare): Compare {
  const { field } = key
  const sign = key.direction === 'asc' ? 1 : -1
  const compare = compareByKey(key)
  return (a, b) => {
    const one = (a as AnyRow)[field]
    const two = (b as AnyRow)[field]
    if (one === two) return next(a, b)
    if (typeof one === 'number' && typeof two === 'number') return one < two ? -sign : sign
    const order = compare(one, two)
    return order === 0 ? next(a, b) : order
  }
}

function orderByKey(read: (node: Node) => Json | undefined, key: OrderAst, next: Compare): Compare {
  const sign = key.direction === 'asc' ? 1 : -1
  const compare = compareByKey(key)
  return (a, b) => {
    const one = read(a)
    const two = read(b)
    if (one === two) return next(a, b)
    if (typeof one === 'number' && typeof two === 'number') return one < two ? -sign : sign
    const order = compare(one, two)
    return order === 0 ? next(a, b) : order
  }
}

function compareRowIds(a: Node, b: Node): number {
  return compareText((a as AnyRow).id, (b as AnyRow).id)
}

function compareAllIds(a: Node, b: Node): number {
  const [one, two] = [a as Joined, b as Joined]
  let order = compareText(one.row.id, two.row.id)
  for (let i = 0; order === 0 && i < one.parts.length; i++) order = compareId(one.parts[i]?.id ?? null, two.parts[i]?.id ?? null)
  return order
}

function compareIds(a: readonly (string | null)[], b: readonly (string | null)[]): number {
  let order = 0
  for (let i = 0; order === 0 && i < a.length; i++) order = compareId(a[i] ?? null, b[i] ?? null)
  return order
}

function compareId(a: string | null, b: string | null): number {
  return a === b ? 0 : a === null ? -1 : b === null ? 1 : compareText(a, b)
}
