import type { ConditionAst, OrderAst, QueryAst } from '../query/ast.ts'
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
export function narrowQuery(ast: QueryAst, first: number): NarrowedQuery {
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
export function isPlainlyOrdered(ast: QueryAst, rows: readonly { readonly value: AnyRow }[]): boolean {
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
    default:
      return narrowComparison(condition)
  }
}

function join(parts: readonly Term[], word: 'AND' | 'OR', none: 'true' | 'false'): (bind: Bind) => string {
  return (bind) => (parts.length === 0 ? none : `(${parts.map((part) => part.write(bind)).join(` ${word} `)})`)
}

type Comparison = Exclude<ConditionAst, { readonly of: unknown }>

// Each is wrapped so that an absent field gives false or true: with SQL's null, a NOT around it would lose rows.
function narrowComparison({ op, field, value }: Comparison): Term | undefined {
  const json = JSON.stringify(value)
  if (!isWellFormed(field) || !isWellFormed(json)) return undefined
  const term = (sql: (held: string, bind: Bind) => string, isExact = true): Term => ({
    write: (bind) => `coalesce(${sql(`(value -> ${bind(field)})`, bind)}, false)`,
    isExact,
  })
  switch (op) {
    case '=':
      return term((held, bind) => `coalesce(${held}, 'null') = ${bind(json)}::jsonb`)
    case '!=':
      return term((held, bind) => `coalesce(${held}, 'null') <> ${bind(json)}::jsonb`)
    case 'in':
      return term((held, bind) => `coalesce(${held}, 'null') IN (SELECT jsonb_array_elements(${bind(json)}::jsonb))`)
    case 'startsWith':
      return term((held, bind) => `${isKind(held, 'string')} AND starts_with(${held} #>> '{}', ${bind(value as string)})`)
    default:
      if (typeof value === 'number') return term((held, bind) => `${isKind(held, 'number')} AND ${held} ${op} ${bind(json)}::jsonb`)
      if (!isPlain(value)) return term((held) => isKind(held, 'string'), false)
      return term((held, bind) => `${isKind(held, 'string')} AND (${held} #>> '{}') COLLATE "C" ${op} ${bind(value as string)}`)
  }
}

function isKind(held: string, kind: 'string' | 'number'): string {
  return `jsonb_typeof(${held}) = '${kind}'`
}

// absent or null, booleans, numbers, text, and the rest: as `util/compare` ranks them
function orderKey({ field, direction }: OrderAst, bind: Bind): string {
  const held = `(value -> ${bind(field)})`
  const kind = `jsonb_typeof(${held})`
  const way = direction === 'asc' ? 'ASC' : 'DESC'
  const rank = `CASE coalesce(${kind}, 'null') WHEN 'null' THEN 0 WHEN 'boolean' THEN 1 WHEN 'number' THEN 2 WHEN 'string' THEN 3 ELSE 4 END`
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
