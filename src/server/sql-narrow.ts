import type { ComparisonAst, ConditionAst, OrderAst, PlainAst } from '../query/ast.ts'
import type { AnyRow } from '../schema/row.ts'
import type { SqlValue } from './sql.ts'

/** A question as SQL that answers with at least the rows that count; `query/answer` has the last word on them. */
export interface NarrowedQuery {
  /** What stands behind WHERE: true or false, never null. */
  readonly where: string
  /** What stands behind ORDER BY, where the database may stop at the limit. */
  readonly orderBy: string | undefined
  readonly parameters: readonly SqlValue[]
}

/** Says in SQL what of a question SQL can say. Parameters are numbered from `first`; the rows' values are in a column `value`. */
export function narrowQuery(ast: PlainAst, first: number): NarrowedQuery {
  const parameters: SqlValue[] = []
  const bind = (value: SqlValue) => `$${first + parameters.push(value) - 1}::text`
  const term = ast.where ? narrowCondition(ast.where) : everything
  const where = term?.write(bind) ?? 'true'
  if (ast.limit === undefined || !term?.isExact) return { where, orderBy: undefined, parameters }
  const keys = (ast.orderBy ?? []).map((key) => orderKey(key, bind))
  return { where, orderBy: [...keys, `(value ->> 'id') COLLATE "C"`].join(', '), parameters }
}

/**
 * Whether the database's order is ours for these rows, the first of its answer: then they are the first of ours too.
 * Both orders agree on any two values of which one is plain: no list, no object, no text beyond U+D7FF, where UTF-16 and UTF-8 part.
 */
export function isPlainlyOrdered(ast: PlainAst, rows: readonly { readonly value: AnyRow }[]): boolean {
  const fields = (ast.orderBy ?? []).map((key) => key.field)
  return rows.every(({ value }) => isPlain(value.id) && fields.every((field) => isPlain(value[field])))
}

// `undefined` in the place of a term: SQL cannot narrow here
interface Term {
  /** Written last, so that only what is in the SQL is among its parameters. */
  readonly write: (bind: Bind) => string
  /** Whether it is true of the very rows that the condition is true of. */
  readonly isExact: boolean
}
type Bind = (value: SqlValue) => string

const everything: Term = { write: () => 'true', isExact: true }

function narrowCondition(condition: ConditionAst): Term | undefined {
  switch (condition.op) {
    case 'and': {
      const parts = condition.of.map(narrowCondition)
      const known = parts.filter((part) => part !== undefined)
      return { write: join(known, 'AND', 'true'), isExact: known.length === parts.length && known.every((part) => part.isExact) }
    }
    case 'or': {
      const parts = condition.of.map(narrowCondition)
      const known = parts.filter((part) => part !== undefined)
      if (known.length < parts.length) return undefined
      return { write: join(known, 'OR', 'false'), isExact: known.every((part) => part.isExact) }
    }
    case 'not': {
      // what is more than the condition has a negation that is less
      const part = narrowCondition(condition.of[0])
      return part?.isExact ? { write: (bind) => `(NOT ${part.write(bind)})`, isExact: true } : undefined
    }
    case 'exists':
      return undefined
    default:
      return narrowComparison(condition)
  }
}

function join(parts: readonly Term[], word: 'AND' | 'OR', none: 'true' | 'false'): (bind: Bind) => string {
  return (bind) => (parts.length === 0 ? none : `(${parts.map((part) => part.write(bind)).join(` ${word} `)})`)
}

// Each is wrapped so that an absent field gives false or true: with SQL's null, a NOT around it would lose rows.
function narrowComparison({ op, field, value }: ComparisonAst): Term | undefined {
  const json = JSON.stringify(value)
  if (!isWellFormed(field) || !isWellFormed(json)) return undefined
  const term = (sql: (held: string, bind: Bind) => string, isExact = true): Term => ({
    write: (bind) => `coalesce(${sql(`(value -> ${bind(field)})`, bind)}, false)`,
    isExact,
  })
  const isText = term((held) => isKind(held, 'string'), false)
  switch (op) {
    case '=':
      return term((held, bind) => `${orNull(held)} = ${bind(json)}::jsonb`)
    case '!=':
      return term((held, bind) => `${orNull(held)} <> ${bind(json)}::jsonb`)
    case 'isNull':
      return term((held) => `${orNull(held)} ${value === true ? '=' : '<>'} 'null'`)
    case 'in':
      return term((held, bind) => `${orNull(held)} IN (SELECT jsonb_array_elements(${bind(json)}::jsonb))`)
    case 'notIn':
      return term((held, bind) => `${orNull(held)} NOT IN (SELECT jsonb_array_elements(${bind(json)}::jsonb))`)
    case 'contains':
      return term((held, bind) => {
        const list = `CASE WHEN ${isKind(held, 'array')} THEN ${held} ELSE '[]' END`
        return `${bind(json)}::jsonb IN (SELECT jsonb_array_elements(${list}))`
      })
    case 'startsWith':
      return term((held, bind) => `${isKind(held, 'string')} AND starts_with(${held} #>> '{}', ${bind(value as string)})`)
    case 'like':
      if (isLong(value as string)) return isText
      return term((held, bind) => `${isKind(held, 'string')} AND ${textOf(held)} LIKE ${bind(value as string)}`)
    case 'ilike': {
      if (isLong(value as string)) return isText
      const { pattern, isExact } = makeLowerPattern(value as string)
      return term((held, bind) => `${isKind(held, 'string')} AND ${lowerOf(held)} LIKE ${bind(pattern)}`, isExact)
    }
    default:
      if (typeof value === 'number') return term((held, bind) => `${isKind(held, 'number')} AND ${held} ${op} ${bind(json)}::jsonb`)
      if (!isPlain(value)) return isText
      return term((held, bind) => `${isKind(held, 'string')} AND ${textOf(held)} ${op} ${bind(value as string)}`)
  }
}

// PostgreSQL tries a pattern at every place of a text: with a long one on a long one it would be at it for minutes
function isLong(pattern: string): boolean {
  return pattern.length > 200
}

function orNull(held: string): string {
  return `coalesce(${held}, 'null')`
}

function textOf(held: string): string {
  return `(${held} #>> '{}') COLLATE "C"`
}

/*
 * Lower case as `toLowerCase` has it, as far as a pattern without letters beyond ASCII can tell: it makes one code point of each, an ASCII letter of
 * none beyond ASCII but the Kelvin sign, and two of the capital I with a dot alone. Other letters in a pattern pass for any one character.
 */
function lowerOf(held: string): string {
  return `lower(replace(replace(${held} #>> '{}', '\u0130', 'i\u0307'), '\u212A', 'k') COLLATE "C")`
}

function makeLowerPattern(pattern: string): { readonly pattern: string; readonly isExact: boolean } {
  const lower = pattern.toLowerCase()
  // a backslash and what it escapes, or one code point
  const known = lower.replace(/\\?./gsu, (one) => (isAscii(one) ? one : '_'))
  return { pattern: known, isExact: isAscii(lower) }
}

function isAscii(text: string): boolean {
  return !/\P{ASCII}/u.test(text)
}

function isKind(held: string, kind: 'string' | 'number' | 'array'): string {
  return `jsonb_typeof(${held}) = '${kind}'`
}

// absent or null, booleans, numbers, text, and the rest: as `util/compare` ranks them, but where null is placed at the other end
function orderKey({ field, direction, nulls }: OrderAst, bind: Bind): string {
  const rankOfNull = nulls === undefined || (nulls === 'first') === (direction === 'asc') ? 0 : 5
  const held = `(value -> ${bind(field)})`
  const kind = `jsonb_typeof(${held})`
  const way = direction === 'asc' ? 'ASC' : 'DESC'
  const rank = `CASE coalesce(${kind}, 'null') WHEN 'null' THEN ${rankOfNull} WHEN 'boolean' THEN 1 WHEN 'number' THEN 2 WHEN 'string' THEN 3 ELSE 4 END`
  const scalar = `CASE WHEN ${kind} IN ('boolean', 'number') THEN ${held} END`
  const text = `(CASE WHEN ${kind} = 'string' THEN ${held} #>> '{}' END) COLLATE "C"`
  return [rank, scalar, text].map((key) => `${key} ${way}`).join(', ')
}

function isPlain(value: unknown): boolean {
  return typeof value === 'string' ? !/[\uD800-\uFFFF]/.test(value) : typeof value !== 'object' || value === null
}

// what PostgreSQL takes as text: no NUL, no half of a surrogate pair
function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}|\u0000|\\u0000|\\ud[89a-f]/u.test(text)
}
