import type { AnyRow } from '../schema/row.ts'
import { assert } from '../util/assert.ts'
import { makeSorted, type Sorted } from '../util/sorted.ts'
import { type Input, nowhere, type Output } from './operator.ts'

/** Keeps all rows of its input in order. Adds wait for the end of their commit, so that a commit of many is merged in one go. */
export class Sort implements Input, Output {
  readonly #sorted: Sorted<AnyRow>
  #added: AnyRow[] = []
  #output = nowhere

  constructor(input: Input, order: (a: AnyRow, b: AnyRow) => number) {
    this.#sorted = makeSorted(order, input.rows())
    input.pipe(this)
  }

  pipe(output: Output): void {
    this.#output = output
  }

  rows(limit = this.#sorted.size): readonly AnyRow[] {
    return Object.freeze(this.#sorted.slice(0, limit))
  }

  add(row: AnyRow): void {
    this.#added.push(row)
  }

  remove(row: AnyRow): void {
    this.#mustFind(() => this.#sorted.delete(row))
    this.#output.remove(row)
  }

  edit(before: AnyRow, after: AnyRow): void {
    this.#mustFind(() => this.#sorted.replace(before, after))
    this.#output.edit(before, after)
  }

  settle(): void {
    this.#insertAdded()
    this.#output.settle()
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
    for (const row of added) this.#output.add(row)
  }
}
