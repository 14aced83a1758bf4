import type { Json } from '../util/json.ts'

/** Operators that compare one field with one operand. */
export const operators = ['=', '!=', '<', '<=', '>', '>=', 'in', 'startsWith'] as const

/** An operator that compares one field with one operand. */
export type OperatorName = (typeof operators)[number]

/** A condition as plain data. Two-valued: `=` and `!=` take null as a value, `<` and its kin never match it, an absent field is null. */
export type ConditionAst =
  | { readonly op: 'and' | 'or'; readonly of: readonly ConditionAst[] }
  | { readonly op: 'not'; readonly of: readonly [ConditionAst] }
  | { readonly op: OperatorName; readonly field: string; readonly value: Json }

/** One key of an order; ties after the last key go by id, ascending. */
export interface OrderAst {
  readonly field: string
  readonly direction: 'asc' | 'desc'
}

/** A question as plain data. */
export interface QueryAst {
  readonly from: string
  readonly where?: ConditionAst
  readonly orderBy?: readonly OrderAst[]
  readonly limit?: number
}
