import type { AnyRow } from '../schema/row.ts'

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
  /** Calls `listener` once per commit that changed something, inside a signals batch, after all rows are in place. Answers with how to stop. */
  onCommit(listener: (changes: readonly Change[]) => void): () => void
}
