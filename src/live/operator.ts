import type { Explanation } from '../query/query.ts'
import type { AnyRow } from '../schema/row.ts'

/*
 * A question is kept answered by operators. Changes run to the right, questions about the rows to the left.
 *
 *   tap ─▶ filter ─▶ join ─▶ split-edit ─▶ sort ─▶ take ─▶ [group ─▶ filter ─▶ sort ─▶ take] ─▶ shape ─▶ view
 *          exists     ▲                      └─ one sort for all questions that differ only behind it          ▲
 *            ▲        │                                                                                        │
 *     tap ─▶ │ tap ─▶ │  rows of other collections, in streams of their own           tap ─▶ … ─▶ view ─▶ a row's `with`
 *
 * What flows is rows; behind a join rows with what they are joined to; behind a group the groups. An operator that does not care says `T`.
 */

/**
 * Hears what changes in the rows of an input. What each operator promises to the next:
 * - `add` brings a row that is not in; `remove` and `edit` name, as it was last told, a row that is in; what identifies a row never changes.
 * - Behind a split-edit, `edit` keeps its place in the order: an edit that moves a row arrives as `remove`, then `add`.
 * - A commit is a run of calls closed by one `settle`. What was told in between may net to nothing.
 * - It calls nobody's code but the next operator's.
 */
export interface Output<T = AnyRow> {
  add(row: T): void
  remove(row: T): void
  edit(before: T, after: T): void
  /** In place of all of these, for one who asks `rows()` anyway: something changed. */
  touch?(): void
  /** The commit is complete: an operator that waited tells the rest, then settles the next. */
  settle(): void
}

/** Tells its rows, and then what changes in them. */
export interface Input<T = AnyRow> {
  /** The rows as of the last settled commit; behind a sort in order. The list is not changed afterwards. */
  rows(): readonly T[]
  /** Names one who is told from now on. */
  pipe(output: Output<T>): void
  /** How its rows come about. */
  explain(): Explanation
}

/** An input whose rows are in order, and may be asked for by place. */
export interface Ordered<T> extends Input<T> {
  /** The rows from place `start` to before place `end`. */
  slice(start: number, end: number): readonly T[]
  /** How many rows from the start on are so; `isBefore` holds for all up to some row, and for none from there. */
  countWhile(isBefore: (row: T) => boolean): number
}

/** The output of an operator that nobody listens to yet. */
export const nowhere: Output<unknown> = { add() {}, remove() {}, edit() {}, settle() {} }
