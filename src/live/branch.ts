import type { ConditionAst, QueryAst, WithAst } from '../query/ast.ts'
import type { Explanation } from '../query/query.ts'
import type { AnyRow } from '../schema/row.ts'
import type { Key } from '../query/key.ts'
import { OneRow } from './one-row.ts'
import type { Part, Scope } from './scope.ts'

/** What one value of a relation leads to, kept up: a question within a question. */
export interface Branch extends Part {
  readonly value: unknown
  explain(): Explanation
}

/** A question within a question, about the rows that meet `key`. */
export interface BranchOptions {
  /** The scope of the question that it is within. */
  readonly outer: Scope
  readonly key: Key
  /** Told where its value has changed. */
  readonly onChange: () => void
}

/** Makes branches. `compile` does; it is handed down, because what it compiles may branch again. */
export type MakeBranch = (one: WithAst, options: BranchOptions) => Branch

/** The branch of a relation to one row, where nothing else is asked of it: no more than a look-up that is told of changes. */
export function makeOneBranch({ hop }: WithAst, { outer, key, onChange }: BranchOptions): Branch {
  const tap = outer.within().tap(hop.collection, { op: '=', field: hop.far, value: key })
  const row = new OneRow(tap, onChange)
  return {
    get value(): AnyRow | undefined {
      return row.value
    },
    open: (onBroken) => tap.open(onBroken),
    close: () => tap.close(),
    explain: () => row.explain(),
  }
}

/** Whether a relation leads to one row as it is. */
export function isOneAsItIs({ hop, link, query }: WithAst): boolean {
  return hop.isOne && !link && Object.keys(query).every((name) => name === 'from')
}

/** The question of a branch, without what it shares with its siblings: only the rows that meet `key`. */
export function narrowToKey({ hop, link, query }: WithAst, key: Key): QueryAst {
  if (link) return query
  const meets: ConditionAst = { op: '=', field: hop.far, value: key }
  return { ...query, where: query.where ? { op: 'and', of: [meets, query.where] } : meets }
}
