import { compareText } from '../util/compare.ts'
import type { Json } from '../util/json.ts'
import { stableKey } from '../util/stable-key.ts'
import type { ComparisonAst, ConditionAst, FieldAst, GroupAst, JoinAst, OrderAst, QueryAst, WithAst } from './ast.ts'

/*
 * Each text is JSON, and stands within the next one as it is: quoted, it would double its quotes at every level.
 */

/** The same text for questions that ask the same: by it, equal queries share one pipeline. */
export function queryKey({ from, where, joins, orderBy, after, offset, limit, group, with: withs, select, want }: QueryAst): string {
  // a list, each part in its place: what is left out is null
  const plain = [from, after && [after.keys.map(stableKey), after.ids], offset || null, limit, select && unique(select), want]
  return list([
    JSON.stringify(plain),
    where ? conditionKey(where) : 'null',
    joins?.length ? list(joins.map(normalizeJoin)) : 'null',
    normalizeOrder(orderBy),
    group ? normalizeGroup(group) : 'null',
    withs?.length ? list(withs.map(normalizeWith).sort()) : 'null',
  ])
}

/** The same text for conditions that differ only in the order, repetition and nesting of their parts. */
export function conditionKey(condition: ConditionAst): string {
  return normalize(condition).text
}

function normalizeJoin({ as, kind, hop, where, isHidden }: JoinAst): string {
  return list([JSON.stringify([as, kind, hop.near, hop.collection, hop.far, isHidden ?? false]), where ? conditionKey(where) : 'null'])
}

function normalizeOrder(orderBy: readonly OrderAst[] | undefined): string {
  if (!orderBy?.length) return 'null'
  const keys = orderBy.map(({ field, of, direction, nulls }) => {
    const isAscending = direction === 'asc'
    const isDefault = nulls === undefined || (nulls === 'first') === isAscending
    return [of ?? null, field, isAscending, isDefault]
  })
  return JSON.stringify(keys)
}

function normalizeGroup({ by, aggregates, having, orderBy, offset, limit }: GroupAst): string {
  const told = Object.entries(aggregates)
    .sort(([a], [b]) => compareText(a, b))
    .map(([name, aggregate]) => [name, aggregate.op, aggregate.op === 'count' ? null : normalizeField(aggregate)])
  const plain = JSON.stringify([by.map(normalizeField), told, offset || null, limit ?? null])
  return list([plain, having ? conditionKey(having) : 'null', normalizeOrder(orderBy)])
}

function normalizeField({ field, of }: FieldAst): Json {
  return [of ?? null, field]
}

function normalizeWith({ as, hop, link, query }: WithAst): string {
  const way = [hop.near, hop.collection, hop.far, hop.isOne, link ? [link.collection, link.from, link.to] : null]
  return list([JSON.stringify([as, way]), queryKey(query)])
}

function list(texts: readonly string[]): string {
  return `[${texts.join(',')}]`
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
      return { op: 'not', text: list(['"not"', conditionKey(condition.of[0])]), parts: [] }
    case 'exists': {
      const { hop, where } = condition
      const text = list(['"exists"', JSON.stringify([hop.near, hop.collection, hop.far]), where ? conditionKey(where) : 'null'])
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
  return only !== undefined && others.length === 0 ? comparison(op === 'in' ? '=' : '!=', field, only) : comparison(op, field, list(texts))
}

function comparison(op: ComparisonAst['op'], field: string, operand: string): Normal {
  return { op, text: `["${op}",${JSON.stringify(field)},${operand}]`, parts: [] }
}

function joinParts(op: 'and' | 'or', given: readonly Normal[]): Normal {
  const partsByText = new Map<string, Normal>()
  for (const one of given) for (const part of one.op === op ? one.parts : [one]) partsByText.set(part.text, part)
  const [only, ...others] = partsByText.values()
  if (only && others.length === 0) return only
  return { op, text: `["${op}",${list([...partsByText.keys()].sort())}]`, parts: [...partsByText.values()] }
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].sort()
}
