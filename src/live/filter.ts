import type { AnyRow } from '../schema/row.ts'
import { type Input, nowhere, type Output } from './operator.ts'

/** Lets rows pass that meet a condition; an edit across its boundary becomes an add or a remove. */
export class Filter implements Input, Output {
  readonly #input: Input
  readonly #isMatch: (row: AnyRow) => boolean
  #output = nowhere

  constructor(input: Input, isMatch: (row: AnyRow) => boolean) {
    this.#input = input
    this.#isMatch = isMatch
    input.pipe(this)
  }

  pipe(output: Output): void {
    this.#output = output
  }

  rows(limit?: number): readonly AnyRow[] {
    const matching = this.#input.rows().filter(this.#isMatch)
    return limit === undefined ? matching : matching.slice(0, limit)
  }

  add(row: AnyRow): void {
    if (this.#isMatch(row)) this.#output.add(row)
  }

  remove(row: AnyRow): void {
    if (this.#isMatch(row)) this.#output.remove(row)
  }

  edit(before: AnyRow, after: AnyRow): void {
    const wasIn = this.#isMatch(before)
    const isIn = this.#isMatch(after)
    if (wasIn && isIn) this.#output.edit(before, after)
    else if (wasIn) this.#output.remove(before)
    else if (isIn) this.#output.add(after)
  }

  settle(): void {
    this.#output.settle()
  }
}
