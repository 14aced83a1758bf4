import type { AnyRow } from '../schema/row.ts'
import { type Input, nowhere, type Output } from './operator.ts'

/**
 * The first rows of an ordered input. The input keeps the rows beyond the limit in order too, so that a row which leaves is
 * followed up from there and no question is asked again.
 */
export class Take implements Input, Output {
  readonly #input: Input
  readonly #order: (a: AnyRow, b: AnyRow) => number
  readonly #limit: number
  #window: readonly AnyRow[]
  #isTouched = false
  #output = nowhere

  constructor(input: Input, order: (a: AnyRow, b: AnyRow) => number, limit: number) {
    this.#input = input
    this.#order = order
    this.#limit = limit
    this.#window = input.rows(limit)
    input.pipe(this)
  }

  pipe(output: Output): void {
    this.#output = output
  }

  rows(limit?: number): readonly AnyRow[] {
    return limit === undefined || limit >= this.#window.length ? this.#window : this.#window.slice(0, limit)
  }

  add(row: AnyRow): void {
    this.#touch(row)
  }

  remove(row: AnyRow): void {
    this.#touch(row)
  }

  edit(before: AnyRow, _after: AnyRow): void {
    this.#touch(before)
  }

  settle(): void {
    if (this.#isTouched) {
      this.#isTouched = false
      const before = this.#window
      this.#window = this.#input.rows(this.#limit)
      this.#tell(before, this.#window)
    }
    this.#output.settle()
  }

  // the old window's last row bounds it: what lies beyond a full window cannot enter unless something within leaves
  #touch(row: AnyRow): void {
    if (this.#isTouched || this.#limit === 0) return
    const last = this.#window.length === this.#limit ? this.#window[this.#limit - 1] : undefined
    this.#isTouched = last === undefined || this.#order(row, last) <= 0
  }

  // Both windows are in the same order: walked side by side, what stayed in its place meets itself. A row that moved is
  // met twice: adds wait until all removes are told.
  #tell(before: readonly AnyRow[], after: readonly AnyRow[]): void {
    const added: AnyRow[] = []
    let i = 0
    let j = 0
    while (i < before.length || j < after.length) {
      const old = before[i]
      const row = after[j]
      const order = old === row ? 0 : old === undefined ? 1 : row === undefined ? -1 : this.#order(old, row)
      if (old && order < 0) this.#output.remove(old)
      else if (row && order > 0) added.push(row)
      else if (old && row && old !== row) this.#output.edit(old, row)
      if (order <= 0) i++
      if (order >= 0) j++
    }
    for (const row of added) this.#output.add(row)
  }
}
