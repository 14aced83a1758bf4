import type { AnyRow } from '../schema/row.ts'
import { type Input, nowhere, type Output } from './operator.ts'

/** Turns an edit that moves a row in the order into a remove and an add; other edits keep their place and pass. */
export class SplitEdit implements Input, Output {
  readonly #input: Input
  readonly #order: (a: AnyRow, b: AnyRow) => number
  #output = nowhere

  constructor(input: Input, order: (a: AnyRow, b: AnyRow) => number) {
    this.#input = input
    this.#order = order
    input.pipe(this)
  }

  pipe(output: Output): void {
    this.#output = output
  }

  rows(limit?: number): readonly AnyRow[] {
    return this.#input.rows(limit)
  }

  add(row: AnyRow): void {
    this.#output.add(row)
  }

  remove(row: AnyRow): void {
    this.#output.remove(row)
  }

  edit(before: AnyRow, after: AnyRow): void {
    if (this.#order(before, after) === 0) {
      this.#output.edit(before, after)
    } else {
      this.#output.remove(before)
      this.#output.add(after)
    }
  }

  settle(): void {
    this.#output.settle()
  }
}
