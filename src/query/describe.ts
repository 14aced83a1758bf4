import type { ConditionAst, HopAst, OrderAst } from './ast.ts'

/** A condition in words, for people to read: `status = "open" and (priority > 2 or estimate is null)`. */
export function describeCondition(condition: ConditionAst | undefined): string {
  if (!condition) return 'everything'
  switch (condition.op) {
    case 'and':
    case 'or':
      if (condition.of.length === 0) return condition.op === 'and' ? 'everything' : 'nothing'
      return condition.of
        .map((part) => ('of' in part && part.op !== 'not' ? `(${describeCondition(part)})` : describeCondition(part)))
        .join(` ${condition.op} `)
    case 'not':
      return `not (${describeCondition(condition.of[0])})`
    case 'exists':
      return `exists ${describeHop(condition.hop)}${condition.where ? ` with ${describeCondition(condition.where)}` : ''}`
    case 'isNull':
      return `${condition.field} ${condition.value === true ? 'is' : 'is not'} null`
    default:
      return `${condition.field} ${condition.op} ${shorten(JSON.stringify(condition.value))}`
  }
}

/** An order in words: `updatedAt desc, id`. */
export function describeOrder(orderBy: readonly OrderAst[] = []): string {
  const keys = orderBy.map(({ field, of, direction, nulls }) =>
    [of === undefined ? field : `${of}.${field}`, direction === 'desc' ? 'desc' : '', nulls ? `nulls ${nulls}` : '']
      .filter(Boolean)
      .join(' '),
  )
  return [...keys, 'id'].join(', ')
}

/** How rows meet, in words: `shelves by shelfId = id`. */
export function describeHop({ near, collection, far }: HopAst): string {
  return `${collection} by ${near} = ${far}`
}

/** The beginning of a text that is long. */
export function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}
