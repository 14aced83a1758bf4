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

/** The same text for conditions that differ only in the order and nesting of their parts. */
export function conditionKey(condition: ConditionAst): string {
  if (!('of' in condition)) {
    const value = condition.op === 'in' ? unique((condition.value as readonly []).map((item) => stableKey(item))) : stableKey(condition.value)
    return JSON.stringify([condition.op, condition.field, value])
  }
  if (condition.op === 'not') return JSON.stringify(['not', conditionKey(condition.of[0])])
  const parts = unique(flatten(condition.op, condition.of).map(conditionKey))
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : JSON.stringify([condition.op, parts])
}

function flatten(op: 'and' | 'or', parts: readonly ConditionAst[]): readonly ConditionAst[] {
  return parts.map(unwrap).flatMap((part) => (part.op === op ? flatten(op, part.of) : [part]))
}

// an `and` or `or` of one part is that part
function unwrap(condition: ConditionAst): ConditionAst {
  const [only, ...others] = 'of' in condition && condition.op !== 'not' ? condition.of : []
  return only && others.length === 0 ? unwrap(only) : condition
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].sort()
}
