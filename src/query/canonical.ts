import { compareText } from '../util/compare.ts'
import type { Json } from '../util/json.ts'
import { stableKey } from '../util/stable-key.ts'
import type { ComparisonAst, ConditionAst, FieldAst, GroupAst, JoinAst, OrderAst, QueryAst, WithAst } from './ast.ts'

/** The same text for questions that ask the same: by it, equal queries share one pipeline. */
export function queryKey({ from, where, joins, orderBy, after, offset, limit, group, with: withs, select, want }: QueryAst): string {
  // a list, each part in its place: what is left out is null
  return JSON.stringify([
    from,
    where && conditionKey(where),
    joins?.length ? joins.map(normalizeJoin) : null,
    normalizeOrder(orderBy),
    after && [after.keys.map(stableKey), after.ids],
    offset || null,
    limit,
    group && normalizeGroup(group),
    withs?.length ? withs.map(normalizeWith).sort() : null,
    select && unique(select),
    want,
  ])
}

/** The same text for conditions that differ only in the order, repetition and nesting of their parts. */
export function conditionKey(condition: ConditionAst): string {
  return normalize(condition).text
}

function normalizeJoin({ as, kind, hop, where, isHidden }: JoinAst): Json {
  return [as, kind, hop.near, hop.collection, hop.far, where ? conditionKey(where) : null, isHidden ?? false]
}

function normalizeOrder(orderBy: readonly OrderAst[] | undefined): Json {
  if (!orderBy?.length) return null
  return orderBy.map(({ field, of, direction, nulls }) => {
    const isAscending = direction === 'asc'
    const isDefault = nulls === undefined || (nulls === 'first') === isAscending
    return [of ?? null, field, isAscending, isDefault]
  })
}

function normalizeGroup({ by, aggregates, having, orderBy, offset, limit }: GroupAst): Json {
  const told = Object.entries(aggregates)
    .sort(([a], [b]) => compareText(a, b))
    .map(([name, aggregate]) => [name, aggregate.op, aggregate.op === 'count' ? null : normalizeField(aggregate)])
  return [by.map(normalizeField), told, having ? conditionKey(having) : null, normalizeOrder(orderBy), offset || null, limit ?? null]
}

function normalizeField({ field, of }: FieldAst): Json {
  return [of ?? null, field]
}

function normalizeWith({ as, hop, link, query }: WithAst): string {
  const way = [hop.near, hop.collection, hop.far, hop.isOne, link ? [link.collection, link.from, link.to] : null]
  return JSON.stringify([as, way, queryKey(query)])
}

// parts: what the condition joins, none of it joined by the same word; empty where it is not an `and` or `or` of several
interface Normal {
  readonly op: ConditionAst['op']
  readonly text: string
  readonly parts: readonly Normal[]
}

function normalize(condition: ConditionAst): Normal {
  switch (condition.op) {
    case 'and':
    case 'or':
      return joinParts(condition.op, condition.of.map(normalize))
    case 'not':
      return { op: 'not', text: JSON.stringify(['not', conditionKey(condition.of[0])]), parts: [] }
    case 'exists': {
      const { hop, where } = condition
      const text = JSON.stringify(['exists', hop.near, hop.collection, hop.far, where ? conditionKey(where) : null])
      return { op: 'exists', text, parts: [] }
    }
    default:
      return normalizeComparison(condition)
  }
}

// one value in a list is that value, and null is a value
function normalizeComparison({ op, field, value }: ComparisonAst): Normal {
  if (op === 'isNull') return comparison(value ? '=' : '!=', field, stableKey(null))
  if (op !== 'in' && op !== 'notIn') return comparison(op, field, stableKey(value))
  const texts = unique((value as readonly Json[]).map(stableKey))
  const [only, ...others] = texts
  return only !== undefined && others.length === 0 ? comparison(op === 'in' ? '=' : '!=', field, only) : comparison(op, field, texts)
}

function comparison(op: ComparisonAst['op'], field: string, operand: string | readonly string[]): Normal {
  return { op, text: JSON.stringify([op, field, operand]), parts: [] }
}

function joinParts(op: 'and' | 'or', given: readonly Normal[]): Normal {
  const partsByText = new Map<string, Normal>()
  for (const one of given) for (const part of one.op === op ? one.parts : [one]) partsByText.set(part.text, part)
  const [only, ...others] = partsByText.values()
  if (only && others.length === 0) return only
  return { op, text: JSON.stringify([op, [...partsByText.keys()].sort()]), parts: [...partsByText.values()] }
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].sort()
}
