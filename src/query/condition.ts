import { assert } from '../util/assert.ts'
import { isSame } from '../util/compare.ts'
import type { Json } from '../util/json.ts'
import { compileLike, compileLikeIgnoringCase } from '../util/like.ts'
import type { ComparisonAst, ConditionAst, ExistsAst } from './ast.ts'

/** Terms that a condition may have before it is refused rather than run for minutes. */
export const termLimit = 1000

/** Joints within joints that a condition may have: deeper ones would end in the depth of the call stack. */
export const nestingLimit = 100

/** Characters that a pattern of `like` may have: a long one on a long text would take seconds. */
export const patternLimit = 256

/** What conditions are asked of: a row, or a group. An absent field is null. */
export interface Values {
  readonly [field: string]: Json | undefined
}

/** Says of values whether they meet a condition. */
export type Test = (row: Values) => boolean

/** Whether a row meets the condition, compiled once and run often. Who compiles an `exists` knows what the row meets. */
export function compileCondition(condition: ConditionAst | undefined, exists: (term: ExistsAst) => Test = refuseExists): Test {
  if (!condition) return () => true
  switch (condition.op) {
    case 'and': {
      const all = condition.of.map((part) => compileCondition(part, exists))
      return (row) => {
        for (const test of all) if (!test(row)) return false
        return true
      }
    }
    case 'or': {
      const any = condition.of.map((part) => compileCondition(part, exists))
      return (row) => {
        for (const test of any) if (test(row)) return true
        return false
      }
    }
    case 'not': {
      const test = compileCondition(condition.of[0], exists)
      return (row) => !test(row)
    }
    case 'exists':
      return exists(condition)
    default:
      return compileComparison(condition)
  }
}

/** How many comparisons a condition has, the members of its lists and what it asks of other rows included; a joint of nothing counts as one. */
export function countTerms(condition: ConditionAst | undefined): number {
  if (!condition) return 0
  if ('of' in condition)
    return Math.max(
      1,
      condition.of.reduce((sum, part) => sum + countTerms(part), 0),
    )
  if (condition.op === 'exists') return 1 + countTerms(condition.where)
  return condition.op === 'in' || condition.op === 'notIn' ? (condition.value as readonly Json[]).length : 1
}

/** Whether a part of the condition is about rows of other collections. */
export function hasExists(condition: ConditionAst | undefined): boolean {
  if (!condition) return false
  return 'of' in condition ? condition.of.some(hasExists) : condition.op === 'exists'
}

/** The condition and one more. */
export function joinConditions(known: ConditionAst | undefined, added: ConditionAst): ConditionAst {
  if (!known) return added
  return { op: 'and', of: known.op === 'and' ? [...known.of, added] : [known, added] }
}

function refuseExists(): never {
  assert(false, 'a question that asks of one collection alone came with a condition on another')
}

function compileComparison({ op, field, value }: ComparisonAst): Test {
  switch (op) {
    case '=':
      return isScalar(value) ? (row) => (row[field] ?? null) === value : (row) => isSame(row[field] ?? null, value)
    case '!=':
      return (row) => !isSame(row[field] ?? null, value)
    case 'in':
      return compileMembership(field, value as readonly Json[])
    case 'notIn': {
      const isIn = compileMembership(field, value as readonly Json[])
      return (row) => !isIn(row)
    }
    case 'isNull':
      return (row) => ((row[field] ?? null) === null) === value
    case 'contains':
      return (row) => {
        const held = row[field]
        return Array.isArray(held) && held.some((item) => isSame(item, value))
      }
    case 'startsWith':
      return compileText(field, (held) => held.startsWith(value as string))
    case 'like':
      return compileText(field, compileLike(value as string))
    case 'ilike':
      return compileText(field, compileLikeIgnoringCase(value as string))
    default:
      return compileOrdering(op, field, value as number | string)
  }
}

function compileMembership(field: string, list: readonly Json[]): Test {
  if (!list.every(isScalar)) return (row) => list.some((item) => isSame(item, row[field] ?? null))
  const set = new Set<Json | undefined>(list)
  return (row) => set.has(row[field] ?? null)
}

function compileText(field: string, test: (text: string) => boolean): Test {
  return (row) => {
    const held = row[field]
    return typeof held === 'string' && test(held)
  }
}

// text against text, number against number: anything else never matches
function compileOrdering(op: '<' | '<=' | '>' | '>=', field: string, value: number | string): Test {
  const type = typeof value
  switch (op) {
    case '<':
      return (row) => typeof row[field] === type && (row[field] as number | string) < value
    case '<=':
      return (row) => typeof row[field] === type && (row[field] as number | string) <= value
    case '>':
      return (row) => typeof row[field] === type && (row[field] as number | string) > value
    case '>=':
      return (row) => typeof row[field] === type && (row[field] as number | string) >= value
  }
}

function isScalar(value: Json): boolean {
  return typeof value !== 'object' || value === null
}
