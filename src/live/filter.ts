import type { Explanation } from '../query/query.ts'
import { makeExplanation } from './explain.ts'
import { type Input, nowhere, type Output } from './operator.ts'

/** Lets rows pass that meet a condition; an edit across its boundary becomes an add or a remove. */
export class Filter<T> implements Input<T>, Output<T> {
  readonly #input: Input<T>
  readonly #isMatch: (row: T) => boolean
  readonly #describe: () => string
  #output: Output<T> = nowhere

  constructor(input: Input<T>, isMatch: (row: T) => boolean, describe = () => '') {
    this.#input = input
    this.#isMatch = isMatch
    this.#describe = describe
    input.pipe(this)
  }

  pipe(output: Output<T>): void {
    this.#output = output
  }

  rows(): readonly T[] {
    return this.#input.rows().filter(this.#isMatch)
  }

  add(row: T): void {
    if (this.#isMatch(row)) this.#output.add(row)
  }

  remove(row: T): void {
    if (this.#isMatch(row)) this.#output.remove(row)
  }

  edit(before: T, after: T): void {
    const wasIn = this.#isMatch(before)
    const isIn = this.#isMatch(after)
    if (wasIn && isIn) this.#output.edit(before, after)
    else if (wasIn) this.#output.remove(before)
    else if (isIn) this.#output.add(after)
  }

  settle(): void {
    this.#output.settle()
  }

  explain(): Explanation {
    return makeExplanation('filter', this.#describe(), { inputs: [this.#input.explain()] })
  }
}
