import { TidemarkError } from '../errors.ts'
import type { FieldKind, Fields } from '../schema/fields.ts'
import { copyValue } from '../schema/validate.ts'
import type { Json } from '../util/json.ts'
import { isPattern } from '../util/like.ts'
import { type ComparisonAst, type OperatorName, operators } from './ast.ts'
import { patternLimit, termLimit } from './condition.ts'
import { wrong } from './wrong.ts'

/** What comparisons are made against: where they stand in the question, and the fields, where these are known. */
export interface Comparable {
  readonly path: string
  readonly fields?: Fields | undefined
}

/** Makes comparisons as plain data. Raises `invalid/query` with the path of what is wrong. */
export function makeComparer({ path, fields }: Comparable): (field: unknown, op: unknown, value: unknown) => ComparisonAst {
  return (field, op, value) => {
    const name = mustField({ path, fields }, field)
    const at = `${path}.${name}`
    if (!isOperator(op)) wrong(at, `is compared by none of ${operators.join(' ')}`)
    const operand = mustData(value, at)
    mustFit(operand, { op, at, kind: fields?.get(name) ?? 'any' })
    return { op, field: name, value: operand }
  }
}

/** The name of a field, one of those that are known. */
export function mustField({ path, fields }: Comparable, name: unknown): string {
  if (!isFieldName(name)) wrong(path, 'does not name a field')
  if (fields && !fields.has(name)) wrong(`${path}.${name}`, `is no field. There are ${[...fields.keys()].join(', ')}`)
  return name
}

/** Whether rows may have a field of that name: what every object inherits is none, and a row without it would seem to have it. */
export function isFieldName(name: unknown): name is string {
  return typeof name === 'string' && name !== '' && !(name in Object.prototype)
}

// a frozen copy of a value that a row could hold
function mustData(value: unknown, at: string): Json {
  if (typeof value === 'function' || value === undefined) wrong(at, 'is compared with something that is not data')
  try {
    return copyValue(value, at) as Json
  } catch (error) {
    if (!(error instanceof TidemarkError)) throw error
    const steps = error.code === 'invalid/value' ? (error.details['path'] as readonly (string | number)[]) : []
    return wrong([at, ...steps].join('.'), 'is compared with what no row can hold')
  }
}

interface Place {
  readonly op: OperatorName
  readonly at: string
  readonly kind: FieldKind
}

function mustFit(operand: Json, { op, at, kind }: Place): void {
  switch (op) {
    case '=':
    case '!=':
      return mustBe(kind, operand, at)
    case 'in':
    case 'notIn':
      if (!Array.isArray(operand)) wrong(at, `takes a list with \`${op}\``)
      if (operand.length > termLimit) wrong(at, `has more than ${termLimit} terms`)
      return operand.forEach((item: Json, i) => mustBe(kind, item, `${at}.${i}`))
    case 'startsWith':
    case 'like':
    case 'ilike':
      if (typeof operand !== 'string') wrong(at, `takes a text with \`${op}\``)
      if (kind !== 'text' && kind !== 'any') wrong(at, `holds no text: \`${op}\` never meets it`)
      if (op !== 'startsWith' && operand.length > patternLimit)
        wrong(at, `takes a pattern of at most ${patternLimit} characters with \`${op}\``)
      if (op !== 'startsWith' && !isPattern(operand)) wrong(at, `takes a pattern that does not end in a lone backslash with \`${op}\``)
      return
    case 'isNull':
      if (typeof operand !== 'boolean') wrong(at, 'takes true or false with `isNull`')
      return
    case 'contains':
      if (kind !== 'list' && kind !== 'any') wrong(at, 'holds no list: `contains` never meets it')
      return
    default:
      if (typeof operand !== 'number' && typeof operand !== 'string') wrong(at, `takes a number or a text with \`${op}\``)
      mustBe(kind, operand, at)
  }
}

function mustBe(kind: FieldKind, operand: Json, at: string): void {
  if (kind === 'any' || operand === null || kindOf(operand) === kind) return
  wrong(at, `holds ${phrases[kind]}, and is compared with something else`)
}

const phrases = { text: 'a text', number: 'a number', boolean: 'true or false', list: 'a list', object: 'an object' } as const

function kindOf(value: Json): FieldKind {
  const type = typeof value
  return type === 'string' ? 'text' : type === 'number' || type === 'boolean' ? type : Array.isArray(value) ? 'list' : 'object'
}

function isOperator(op: unknown): op is OperatorName {
  return (operators as readonly unknown[]).includes(op)
}
