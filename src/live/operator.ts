import type { AnyRow } from '../schema/row.ts'

/*
 * A question is kept answered by a line of operators. Changes run to the right, questions about the rows to the left.
 *
 *   source ──▶ filter ──▶ split-edit ──▶ sort ──▶ take ──▶ view
 *          ◀──────────────── rows() ────────────────
 */

/**
 * Hears what changes in the rows of an input. What each operator promises to the next:
 * - `add` brings a row whose id is not in; `remove` and `edit` name, as it was last told, a row that is in; an id never changes.
 * - Behind a split-edit, `edit` keeps its place in the order: an edit that moves a row arrives as `remove`, then `add`.
 * - A commit is a run of calls closed by one `settle`. What was told in between may net to nothing.
 * - It calls nobody's code but the next operator's.
 */
export interface Output {
  add(row: AnyRow): void
  remove(row: AnyRow): void
  edit(before: AnyRow, after: AnyRow): void
  /** The commit is complete: an operator that waited tells the rest, then settles the next. */
  settle(): void
}

/** Tells its rows, and then what changes in them. */
export interface Input {
  /** The first `limit` rows as of the last settled commit, or all; behind a sort in order. The list is not changed afterwards. */
  rows(limit?: number): readonly AnyRow[]
  /** Names the one who is told from now on. */
  pipe(output: Output): void
}

/** The output of an operator that nobody listens to yet. */
export const nowhere: Output = { add() {}, remove() {}, edit() {}, settle() {} }
