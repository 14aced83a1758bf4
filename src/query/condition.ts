import { TidemarkError } from '../errors.ts'
import type { AnyRow } from '../schema/row.ts'
import { copyValue } from '../schema/validate.ts'
import { isSame } from '../util/compare.ts'
import type { Json } from '../util/json.ts'
import { type ConditionAst, type OperatorName, operators } from './ast.ts'

/** Terms that a condition may have before it is refused rather than run for minutes. */
export const termLimit = 1000

/** One comparison as plain data. Raises `invalid/query` with what is wrong. */
export function makeComparison(field: unknown, op: unknown, value: unknown): ConditionAst {
  if (!isFieldName(field)) wrong('field', 'is not the name of a field')
  if (!(operators as readonly unknown[]).includes(op)) wrong('operator', `is none of ${operators.join(' ')}`)
  if (typeof value === 'function' || value === undefined) wrong(field, 'is compared with something that is not data')
  const operand = copyValue(value, field) as Json
  const operator = op as OperatorName
  if (operator === 'in' && !Array.isArray(operand)) wrong(field, 'takes a list with `in`')
  if (operator === 'in' && (operand as readonly Json[]).length > termLimit) wrong(field, `has more than ${termLimit} terms`)
  if (operator === 'startsWith' && typeof operand !== 'string') wrong(field, 'takes a text with `startsWith`')
  if (isOrdering(operator) && typeof operand !== 'number' && typeof operand !== 'string')
    wrong(field, `takes a number or a text with \`${operator}\``)
  return { op: operator, field, value: operand }
}

/** Whether a row meets the condition, compiled once and run often. */
export function compileCondition(condition: ConditionAst | undefined): (row: AnyRow) => boolean {
  if (!condition) return () => true
  switch (condition.op) {
    case 'and': {
      const all = condition.of.map(compileCondition)
      return (row) => {
        for (const test of all) if (!test(row)) return false
        return true
      }
    }
    case 'or': {
      const any = condition.of.map(compileCondition)
      return (row) => {
        for (const test of any) if (test(row)) return true
        return false
      }
    }
    case 'not': {
      const test = compileCondition(condition.of[0])
      return (row) => !test(row)
    }
    default:
      return compileComparison(condition.op, condition.field, condition.value)
  }
}

/** How many comparisons a condition has, the members of its lists included. */
export function countTerms(condition: ConditionAst | undefined): number {
  if (!condition) return 0
  if ('of' in condition) return condition.of.reduce((sum, part) => sum + countTerms(part), 0)
  return condition.op === 'in' ? (condition.value as readonly Json[]).length : 1
}

function compileComparison(op: OperatorName, field: string, value: Json): (row: AnyRow) => boolean {
  switch (op) {
    case '=':
      return isScalar(value) ? (row) => (row[field] ?? null) === value : (row) => isSame(row[field] ?? null, value)
    case '!=':
      return (row) => !isSame(row[field] ?? null, value)
    case 'in': {
      const list = value as readonly Json[]
      if (list.every(isScalar)) {
        const set = new Set<Json | undefined>(list)
        return (row) => set.has(row[field] ?? null)
      }
      return (row) => list.some((item) => isSame(item, row[field] ?? null))
    }
    case 'startsWith':
      return (row) => {
        const held = row[field]
        return typeof held === 'string' && held.startsWith(value as string)
      }
    default:
      return compileOrdering(op, field, value as number | string)
  }
}

// text against text, number against number: anything else never matches
function compileOrdering(op: '<' | '<=' | '>' | '>=', field: string, value: number | string): (row: AnyRow) => boolean {
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

function isOrdering(op: OperatorName): op is '<' | '<=' | '>' | '>=' {
  return op === '<' || op === '<=' || op === '>' || op === '>='
}

function isScalar(value: Json): boolean {
  return typeof value !== 'object' || value === null
}

/** Whether rows may have a field of that name: what every object inherits is none, and a row without it would seem to have it. */
export function isFieldName(name: unknown): name is string {
  return typeof name === 'string' && name !== '' && !(name in Object.prototype)
}

/** Refuses a question, naming the part that is wrong. */
export function wrong(path: string, what: string): never {
  throw new TidemarkError('invalid/query', { details: { path }, message: `The query’s \`${path}\` ${what}. Correct it.` })
}
