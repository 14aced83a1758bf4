import type { Explanation } from '../query/query.ts'
import type { AnyRow } from '../schema/row.ts'
import { type Input, nowhere, type Output } from './operator.ts'

/** Keeps the one row that a question by id can have: nothing to sort, nothing to cut off. */
export class Single implements Input, Output {
  readonly #input: Input
  #rows: readonly AnyRow[]
  #output: Output = nowhere

  constructor(input: Input) {
    this.#input = input
    this.#rows = Object.freeze(input.rows())
    input.pipe(this)
  }

  pipe(output: Output): void {
    this.#output = output
  }

  rows(): readonly AnyRow[] {
    return this.#rows
  }

  add(row: AnyRow): void {
    this.#rows = Object.freeze([row])
    this.#output.add(row)
  }

  remove(row: AnyRow): void {
    this.#rows = none
    this.#output.remove(row)
  }

  edit(before: AnyRow, after: AnyRow): void {
    this.#rows = Object.freeze([after])
    this.#output.edit(before, after)
  }

  settle(): void {
    this.#output.settle()
  }

  explain(): Explanation {
    return this.#input.explain()
  }
}

const none: readonly never[] = Object.freeze([])
