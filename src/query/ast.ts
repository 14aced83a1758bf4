import type { Json } from '../util/json.ts'

/** Operators that compare one field with one operand. */
export const operators = ['=', '!=', '<', '<=', '>', '>=', 'in', 'notIn', 'startsWith', 'like', 'ilike', 'isNull', 'contains'] as const

/** An operator that compares one field with one operand. */
export type OperatorName = (typeof operators)[number]

/** One field compared with one operand: `isNull` takes true or false, `in` and `notIn` a list, `contains` a member of the field's list. */
export interface ComparisonAst {
  readonly op: OperatorName
  readonly field: string
  readonly value: Json
}

/** How a row meets rows of a collection: where its `near` is their `far`. Null, absence, lists and objects meet nothing. */
export interface HopAst {
  readonly near: string
  readonly collection: string
  readonly far: string
  /** Whether a row meets at most one: `far` is the id. */
  readonly isOne: boolean
}

/** A row meets link rows, and by them the rows of the hop: row.`near` = link.`from`, link.`to` = row.`far`. A row linked twice counts once. */
export interface LinkAst {
  readonly collection: string
  readonly from: string
  readonly to: string
}

/** Whether a row meets a row that fulfils the rest. A hop over link rows is written as one `exists` inside another. */
export interface ExistsAst {
  readonly op: 'exists'
  readonly hop: HopAst
  readonly where?: ConditionAst
}

/** A condition as plain data. Two-valued: `=` and `!=` take null as a value, `<` and its kin never match it, an absent field is null. */
export type ConditionAst =
  | { readonly op: 'and' | 'or'; readonly of: readonly ConditionAst[] }
  | { readonly op: 'not'; readonly of: readonly [ConditionAst] }
  | ExistsAst
  | ComparisonAst

/** A field of the row, or of the row that a join of that name brings. */
export interface FieldAst {
  readonly field: string
  readonly of?: string
}

/** One key of an order. Without `nulls` null is the least value: first upwards, last downwards. Ties after the last key go by id, ascending. */
export interface OrderAst extends FieldAst {
  readonly direction: 'asc' | 'desc'
  readonly nulls?: 'first' | 'last'
}

/** Rows beside the row: `inner` drops a row that meets none, `left` keeps it alone. A row that meets several is there as often. */
export interface JoinAst {
  readonly as: string
  readonly kind: 'inner' | 'left'
  readonly hop: HopAst
  readonly where?: ConditionAst
  /** It serves an order, and is not part of the answer. */
  readonly isHidden?: true
}

/** Where a page begins: behind the row with these values of the order's keys, and this id and the ids of what is joined (null: none). */
export interface CursorAst {
  readonly keys: readonly Json[]
  readonly ids: readonly (string | null)[]
}

/** Rows within each row of the answer: for a hop to one the row or undefined, else a list. */
export interface WithAst {
  readonly as: string
  readonly hop: HopAst
  readonly link?: LinkAst
  readonly query: QueryAst
}

/** What is told of several rows. Null and absence are passed over; without a value left, `sum` is 0 and the rest undefined. */
export type AggregateAst = { readonly op: 'count' } | ({ readonly op: 'sum' | 'avg' | 'min' | 'max' } & FieldAst)

/** Rows in groups of the same values; no keys: one group of all, empty or not. The groups are rows of their own: keys and aggregates by name. */
export interface GroupAst {
  readonly by: readonly FieldAst[]
  readonly aggregates: { readonly [name: string]: AggregateAst }
  readonly having?: ConditionAst
  /** Ties go by the keys, in their order, ascending. */
  readonly orderBy?: readonly OrderAst[]
  readonly offset?: number
  readonly limit?: number
}

/**
 * A question as plain data, worked out in this order: where, joins, orderBy, after, offset, limit, group, with, select, and what is wanted of the rest.
 * Distinct rows are groups without aggregates.
 */
export interface QueryAst {
  readonly from: string
  readonly where?: ConditionAst
  readonly joins?: readonly JoinAst[]
  readonly orderBy?: readonly OrderAst[]
  readonly after?: CursorAst
  readonly offset?: number
  readonly limit?: number
  readonly group?: GroupAst
  readonly with?: readonly WithAst[]
  readonly select?: readonly string[]
  /** What the answer is: all rows as a list where it is left out, the first or undefined, how many there are, or a field of the first. */
  readonly want?: 'first' | 'size' | { readonly field: string }
}

/** A question that rows of one collection answer by themselves: no `exists`, no joined field in its order. What keepers of rows are asked. */
export interface PlainAst {
  readonly from: string
  readonly where?: ConditionAst
  readonly orderBy?: readonly OrderAst[]
  readonly limit?: number
}
