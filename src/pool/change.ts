import type { ConditionAst } from '../query/ast.ts'
import type { AnyRow } from '../schema/row.ts'
import type { Json } from '../util/json.ts'

/** What one commit did to one row, as the user sees it: absent before is an addition, absent after a removal, never both. */
export interface Change {
  readonly collection: string
  readonly id: string
  readonly before: AnyRow | undefined
  readonly after: AnyRow | undefined
}

/** The rows as the user sees them, and the truth about what just changed. */
export interface PoolView {
  find(collection: string, id: string): AnyRow | undefined
  /** All rows of a collection, in no order. */
  rows(collection: string): Iterable<AnyRow>
  /** The rows whose field holds the value (text, a number, true or false), in no order; by an index that is made at the first call and kept. */
  lookUp(collection: string, field: string, value: Json): Iterable<AnyRow>
  /** At least the rows that meet the condition, in no order, by the best index that there is. */
  narrow(of: { readonly from: string; readonly where?: ConditionAst | undefined }): Narrowed
  /** Calls `listener` once per commit that changed something, inside a signals batch, after all rows are in place. Answers with how to stop. */
  onCommit(listener: (changes: readonly Change[]) => void): () => void
}

/** Rows to look through, and why these. */
export interface Narrowed {
  readonly rows: Iterable<AnyRow>
  /** In words: `the id`, `index status`, `index pageCount ≥ 4`, `all rows`. */
  readonly by: string
}
