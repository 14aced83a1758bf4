import { compareValues } from '../util/compare.ts'
import { ExactSum } from '../util/exact-sum.ts'
import type { Json } from '../util/json.ts'
import { stableKey } from '../util/stable-key.ts'
import type { AggregateAst, GroupAst, QueryAst } from './ast.ts'
import { compileCondition, type Values } from './condition.ts'
import { makeGroupOrder } from './group-order.ts'
import { makeFieldReader, type Node } from './node.ts'
import { makeGroupRow } from './shape.ts'

/** The groups of nodes: those that meet `having`, sorted and cut. Without keys there is one, empty or not. */
export function groupNodes(ast: Pick<QueryAst, 'joins'>, group: GroupAst, nodes: readonly Node[]): readonly Values[] {
  const { by, aggregates, having, offset = 0, limit } = group
  const readers = by.map((key) => makeFieldReader(ast, key))
  const tellers = Object.entries(aggregates).map(([name, aggregate]) => ({ name, tell: makeTeller(ast, aggregate) }))
  const members = new Map<string, { readonly keys: readonly Json[]; readonly nodes: Node[] }>()
  if (by.length === 0) members.set(stableKey([]), { keys: [], nodes: [] })
  for (const node of nodes) {
    const keys = readers.map((read) => read(node) ?? null)
    const name = stableKey(keys)
    const known = members.get(name)
    if (known) known.nodes.push(node)
    else members.set(name, { keys, nodes: [node] })
  }
  const rows = [...members.values()].map((member) =>
    makeGroupRow(by, member.keys, Object.fromEntries(tellers.map(({ name, tell }) => [name, tell(member.nodes)]))),
  )
  const found = rows.filter(compileCondition(having)).sort(makeGroupOrder(group))
  return found.slice(offset, limit === undefined ? undefined : offset + limit)
}

function makeTeller(ast: Pick<QueryAst, 'joins'>, aggregate: AggregateAst): (nodes: readonly Node[]) => Json | undefined {
  if (aggregate.op === 'count') return (nodes) => nodes.length
  const read = makeFieldReader(ast, aggregate)
  const valuesOf = (nodes: readonly Node[]): Json[] => nodes.map((node) => read(node) ?? null).filter((value) => value !== null)
  switch (aggregate.op) {
    case 'sum':
      return (nodes) => sumOf(valuesOf(nodes)).sum.sum()
    case 'avg':
      return (nodes) => {
        const { sum, count } = sumOf(valuesOf(nodes))
        return count === 0 ? undefined : sum.mean(count)
      }
    case 'min':
    case 'max': {
      const sign = aggregate.op === 'min' ? 1 : -1
      return (nodes) => {
        const [first, ...others] = valuesOf(nodes)
        return others.reduce<Json | undefined>((best, value) => (compareValues(value, best) * sign < 0 ? value : best), first)
      }
    }
  }
}

// what is no number is passed over like null
function sumOf(values: readonly Json[]): { readonly sum: ExactSum; readonly count: number } {
  const sum = new ExactSum()
  const numbers = values.filter((value) => typeof value === 'number')
  for (const value of numbers) sum.add(value)
  return { sum, count: numbers.length }
}
