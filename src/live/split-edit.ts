import type { Explanation } from '../query/query.ts'
import { type Input, nowhere, type Output } from './operator.ts'

/** Turns an edit that moves a row in the order into a remove and an add; other edits keep their place and pass. */
export class SplitEdit<T> implements Input<T>, Output<T> {
  readonly #input: Input<T>
  readonly #order: (a: T, b: T) => number
  #output: Output<T> = nowhere

  constructor(input: Input<T>, order: (a: T, b: T) => number) {
    this.#input = input
    this.#order = order
    input.pipe(this)
  }

  pipe(output: Output<T>): void {
    this.#output = output
  }

  rows(): readonly T[] {
    return this.#input.rows()
  }

  add(row: T): void {
    this.#output.add(row)
  }

  remove(row: T): void {
    this.#output.remove(row)
  }

  edit(before: T, after: T): void {
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

  explain(): Explanation {
    return this.#input.explain()
  }
}
