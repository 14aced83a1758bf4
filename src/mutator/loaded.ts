import { makeRowKey, type RowKey } from '../protocol/ids.ts'
import type { PlainAst } from '../query/ast.ts'
import { queryKey } from '../query/canonical.ts'
import type { AnyRow } from '../schema/row.ts'
import { missing, type RowSource } from './source.ts'

/** What a run could not read: keys, and questions whose complete answers it wants. */
export interface Misses {
  readonly keys: ReadonlySet<RowKey>
  readonly questions: ReadonlyMap<string, PlainAst>
}

/** Rows that were loaded for a run: what was not asked for before is `missing`. */
export interface LoadedRows extends RowSource {
  readonly size: number
  putRow(key: RowKey, row: AnyRow | undefined): void
  putAnswer(question: PlainAst, rows: readonly AnyRow[]): void
}

/** An empty set of loaded rows. */
export function makeLoadedRows(): LoadedRows {
  const rowsByKey = new Map<RowKey, AnyRow | undefined>()
  const answersByQuestion = new Map<string, readonly AnyRow[]>()
  return {
    get size() {
      return rowsByKey.size
    },
    putRow(key, row) {
      rowsByKey.set(key, row)
    },
    putAnswer(question, rows) {
      answersByQuestion.set(queryKey(question), rows)
      for (const row of rows) rowsByKey.set(makeRowKey(question.from, row.id), row)
    },
    find(collection, id) {
      const key = makeRowKey(collection, id)
      return rowsByKey.has(key) ? rowsByKey.get(key) : missing
    },
    select(ast) {
      return answersByQuestion.get(queryKey(ast)) ?? missing
    },
  }
}
