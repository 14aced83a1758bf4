import type { RowKey } from '../protocol/ids.ts'
import { splitRowKey } from '../protocol/ids.ts'
import { answerQuery } from '../query/answer.ts'
import type { QueryAst } from '../query/ast.ts'
import type { AnyRow } from '../schema/row.ts'

/** Says that something is not in memory here: the mutator goes on with "absent", and runs again when it is loaded. */
export const missing = Symbol('missing')

/** Where a transaction reads: rows in memory, or what was loaded of them. */
export interface RowSource {
  /** The row, undefined where it is known to be absent, `missing` where nothing is known. */
  find(collection: string, id: string): AnyRow | undefined | typeof missing
  /** The complete answer, or `missing`. */
  select(ast: QueryAst): readonly AnyRow[] | typeof missing
}

/** Rows by key; undefined is a row that is gone. */
export type Writes = ReadonlyMap<RowKey, AnyRow | undefined>

/** Rows that lie over another source and hide what is below them. */
export interface Overlay extends RowSource {
  readonly writes: Writes
  set(collection: string, id: string, row: AnyRow | undefined): void
  setAll(writes: Writes): void
  /** What is asked of the source below for a question: each row written here may push one row of its answer out of the window. */
  widen(ast: QueryAst): QueryAst
}

/** An empty overlay over `below`. */
export function makeOverlay(below: RowSource): Overlay {
  const writes = new Map<RowKey, AnyRow | undefined>()
  const byCollection = new Map<string, Map<string, AnyRow | undefined>>()
  const set = (collection: string, id: string, row: AnyRow | undefined): void => {
    writes.set(`${collection}/${id}`, row)
    const rows = byCollection.get(collection)
    if (rows) rows.set(id, row)
    else byCollection.set(collection, new Map([[id, row]]))
  }
  const widen = (ast: QueryAst): QueryAst => {
    const rows = byCollection.get(ast.from)
    return rows && ast.limit !== undefined ? { ...ast, limit: ast.limit + rows.size } : ast
  }
  return {
    writes,
    set,
    widen,
    setAll(added) {
      for (const [key, row] of added) set(...splitRowKey(key), row)
    },
    find(collection, id) {
      const rows = byCollection.get(collection)
      return rows?.has(id) ? rows.get(id) : below.find(collection, id)
    },
    select(ast) {
      const rows = byCollection.get(ast.from)
      if (!rows) return below.select(ast)
      const under = below.select(widen(ast))
      if (under === missing) return missing
      return answerQuery(ast, [...under.filter((row) => !rows.has(row.id)), ...[...rows.values()].filter((row) => row !== undefined)])
    },
  }
}
