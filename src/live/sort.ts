import type { Explanation } from '../query/query.ts'
import { assert } from '../util/assert.ts'
import { makeSorted, type Sorted } from '../util/sorted.ts'
import { makeExplanation } from './explain.ts'
import type { Input, Ordered, Output } from './operator.ts'

/**
 * Keeps all rows of its input in order, for any number of outputs. Adds wait for the end of their commit, so that a commit of many
 * is merged in one go.
 */
export class Sort<T> implements Ordered<T>, Output<T> {
  readonly #input: Input<T>
  readonly #sorted: Sorted<T>
  readonly #describe: () => string
  readonly #outputs = new Set<Output<T>>()
  #added: T[] = []

  constructor(input: Input<T>, order: (a: T, b: T) => number, describe = () => '') {
    this.#input = input
    this.#describe = describe
    this.#sorted = makeSorted(order, input.rows())
    input.pipe(this)
  }

  /** How many outputs hear of it. */
  get outputs(): number {
    return this.#outputs.size
  }

  pipe(output: Output<T>): void {
    this.#outputs.add(output)
  }

  unpipe(output: Output<T>): void {
    this.#outputs.delete(output)
  }

  rows(): readonly T[] {
    return this.slice(0, this.#sorted.size)
  }

  slice(start: number, end: number): readonly T[] {
    return Object.freeze(this.#sorted.slice(start, end))
  }

  countWhile(isBefore: (row: T) => boolean): number {
    return this.#sorted.countWhile(isBefore)
  }

  add(row: T): void {
    this.#added.push(row)
  }

  remove(row: T): void {
    this.#mustFind(() => this.#sorted.delete(row))
    for (const output of this.#outputs) output.remove(row)
  }

  edit(before: T, after: T): void {
    this.#mustFind(() => this.#sorted.replace(before, after))
    for (const output of this.#outputs) output.edit(before, after)
  }

  settle(): void {
    this.#insertAdded()
    for (const output of this.#outputs) output.settle()
  }

  explain(): Explanation {
    return makeExplanation('sort', this.#describe(), { rows: this.#sorted.size, inputs: [this.#input.explain()] })
  }

  #mustFind(attempt: () => boolean): void {
    if (attempt()) return
    // it may have come earlier in this commit
    this.#insertAdded()
    assert(attempt(), 'a live query was told of a change to a row that it does not have')
  }

  #insertAdded(): void {
    if (this.#added.length === 0) return
    const added = this.#added
    this.#added = []
    this.#sorted.insertAll(added)
    for (const row of added) for (const output of this.#outputs) output.add(row)
  }
}
