import { makeRowKey, type RowKey, splitRowKey } from '../protocol/ids.ts'
import { answerRows } from '../query/answer.ts'
import type { PlainAst } from '../query/ast.ts'
import type { AnyRow } from '../schema/row.ts'

/** Says that something is not in memory here: the mutator goes on with "absent", and runs again when it is loaded. */
export const missing = Symbol('missing')

/** Where a transaction reads: rows in memory, or what was loaded of them. */
export interface RowSource {
  /** The row, undefined where it is known to be absent, `missing` where nothing is known. */
  find(collection: string, id: string): AnyRow | undefined | typeof missing
  /** The complete answer, or `missing`. */
  select(ast: PlainAst): readonly AnyRow[] | typeof missing
}

/** Rows by key; undefined is a row that is gone. */
export type Writes = ReadonlyMap<RowKey, AnyRow | undefined>

/** Rows that lie over another source and hide what is below them. */
export interface Overlay extends RowSource {
  readonly writes: Writes
  set(collection: string, id: string, row: AnyRow | undefined): void
  setAll(writes: Writes): void
  /** What is asked of the source below for a question: each row written here may push one row of its answer out of the window. */
  widen(ast: PlainAst): PlainAst
}

/** An empty overlay over `below`. */
export function makeOverlay(below: RowSource): Overlay {
  return new WrittenRows(below)
}

class WrittenRows implements Overlay {
  readonly writes = new Map<RowKey, AnyRow | undefined>()
  readonly #below: RowSource
  // the same rows once more, from the first question on: most runs ask none
  #rowsByCollection: Map<string, Map<string, AnyRow | undefined>> | undefined

  constructor(below: RowSource) {
    this.#below = below
  }

  set(collection: string, id: string, row: AnyRow | undefined): void {
    this.#put(makeRowKey(collection, id), row)
  }

  setAll(added: Writes): void {
    for (const [key, row] of added) this.#put(key, row)
  }

  find(collection: string, id: string): AnyRow | undefined | typeof missing {
    const key = makeRowKey(collection, id)
    const row = this.writes.get(key)
    return row !== undefined || this.writes.has(key) ? row : this.#below.find(collection, id)
  }

  widen(ast: PlainAst): PlainAst {
    const rows = this.#rowsOf(ast.from)
    if (!rows || ast.limit === undefined) return ast
    // by doubling: a mutator that takes the first row again and again asks for few windows, not for one each time
    return { ...ast, limit: ast.limit + 2 ** Math.ceil(Math.log2(rows.size)) }
  }

  select(ast: PlainAst): readonly AnyRow[] | typeof missing {
    const rows = this.#rowsOf(ast.from)
    if (!rows) return this.#below.select(ast)
    const under = this.#below.select(this.widen(ast))
    if (under === missing) return missing
    return answerRows(ast, [...under.filter((row) => !rows.has(row.id)), ...[...rows.values()].filter((row) => row !== undefined)])
  }

  #put(key: RowKey, row: AnyRow | undefined): void {
    this.writes.set(key, row)
    if (this.#rowsByCollection) sortIn(this.#rowsByCollection, key, row)
  }

  #rowsOf(collection: string): ReadonlyMap<string, AnyRow | undefined> | undefined {
    if (!this.#rowsByCollection) {
      this.#rowsByCollection = new Map()
      for (const [key, row] of this.writes) sortIn(this.#rowsByCollection, key, row)
    }
    return this.#rowsByCollection.get(collection)
  }
}

function sortIn(rowsByCollection: Map<string, Map<string, AnyRow | undefined>>, key: RowKey, row: AnyRow | undefined): void {
  const [collection, id] = splitRowKey(key)
  const rows = rowsByCollection.get(collection)
  if (rows) rows.set(id, row)
  else rowsByCollection.set(collection, new Map([[id, row]]))
}
