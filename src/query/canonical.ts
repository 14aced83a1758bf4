import type { Json } from '../util/json.ts'
import { stableKey } from '../util/stable-key.ts'
import type { ConditionAst, QueryAst } from './ast.ts'

/** The same text for questions that ask the same: by it, equal queries share one pipeline. */
export function queryKey(ast: QueryAst): string {
  return stableKey({
    from: ast.from,
    where: ast.where && conditionKey(ast.where),
    orderBy: ast.orderBy?.map(({ field, direction }) => [field, direction]),
    limit: ast.limit,
  })
}

/** The same text for conditions that differ only in the order, repetition and nesting of their parts. */
export function conditionKey(condition: ConditionAst): string {
  return normalize(condition).text
}

// parts: what the condition joins, none of it joined by the same word; empty where it is not an `and` or `or` of several
interface Normal {
  readonly op: ConditionAst['op']
  readonly text: string
  readonly parts: readonly Normal[]
}

function normalize(condition: ConditionAst): Normal {
  if (!('of' in condition)) {
    const { op, field, value } = condition
    const operand = op === 'in' ? unique((value as readonly Json[]).map(stableKey)) : stableKey(value)
    return { op, text: JSON.stringify([op, field, operand]), parts: [] }
  }
  if (condition.op !== 'not') return joinParts(condition.op, condition.of.map(normalize))
  return { op: 'not', text: JSON.stringify(['not', conditionKey(condition.of[0])]), parts: [] }
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
