import type { AnyRow } from '../schema/row.ts'
import type { Json } from '../util/json.ts'
import type { FieldAst, QueryAst } from './ast.ts'
import type { Values } from './condition.ts'
import type { Joined, Node } from './node.ts'

/** A row of an answer: fields, and rows within it by the names of relations and joins. */
export interface AnswerRow {
  readonly [name: string]: unknown
}

/** What stands in an answer for a node: its row with the joined rows in it, those that serve an order alone left out. Frozen. */
export function makeJoinShape({ joins = [] }: Pick<QueryAst, 'joins'>): (node: Node) => AnswerRow {
  if (joins.length === 0) return (node) => node as AnyRow
  const shown = joins.map(({ as, isHidden }, place) => ({ as, isHidden, place })).filter(({ isHidden }) => !isHidden)
  if (shown.length === 0) return (node) => (node as Joined).row
  return (node) => {
    const { row, parts } = node as Joined
    const shaped: Record<string, unknown> = { ...row }
    for (const { as, place } of shown) shaped[as] = parts[place]
    return Object.freeze(shaped)
  }
}

/** The row of a node, whether the question has joins or not. */
export function makeRowReader({ joins = [] }: Pick<QueryAst, 'joins'>): (node: Node) => AnyRow {
  return joins.length === 0 ? (node) => node as AnyRow : (node) => (node as Joined).row
}

/** The row of an answer with nothing but what is selected; without a selection the row itself. Frozen. */
export function makeSelectShape({ select }: Pick<QueryAst, 'select'>): (row: AnswerRow) => AnswerRow {
  if (!select) return (row) => row
  return (row) => {
    const shaped: Record<string, unknown> = {}
    for (const name of select) if (Object.hasOwn(row, name)) shaped[name] = row[name]
    return Object.freeze(shaped)
  }
}

/** The name of a group's key: the field, or `shelf.name`. */
export function keyName({ field, of }: FieldAst): string {
  return of === undefined ? field : `${of}.${field}`
}

/** A group as the answer has it: its keys by name, null where they are absent, then its aggregates; one without a value is left out. Frozen. */
export function makeGroupRow(by: readonly FieldAst[], keys: readonly (Json | undefined)[], aggregates: Values): Values {
  const row: Record<string, Json | undefined> = {}
  by.forEach((key, i) => {
    row[keyName(key)] = keys[i] ?? null
  })
  for (const name of Object.keys(aggregates)) if (aggregates[name] !== undefined) row[name] = aggregates[name]
  return Object.freeze(row)
}
