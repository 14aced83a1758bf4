import type { Explanation } from '../query/query.ts'
import { makeExplanation } from './explain.ts'
import { type Input, nowhere, type Ordered, type Output } from './operator.ts'

/** Which rows of an order are taken. */
export interface Window<T> {
  readonly order: (a: T, b: T) => number
  /** Whether a row is behind the cursor; without it all are. */
  readonly isAfter?: ((row: T) => boolean) | undefined
  /** How many of these are passed over. */
  readonly offset?: number | undefined
  /** How many then are taken; without it all are. */
  readonly limit?: number | undefined
}

/**
 * A window on an ordered input. The input keeps the rows around the window in order too, so that a row which leaves is followed up
 * from there and no question is asked again.
 */
export class Take<T> implements Input<T>, Output<T> {
  readonly #input: Ordered<T>
  readonly #of: Window<T>
  readonly #limit: number
  #window: readonly T[]
  #isTouched = false
  #output: Output<T> = nowhere

  constructor(input: Ordered<T>, window: Window<T>) {
    this.#input = input
    this.#of = window
    this.#limit = window.limit ?? Infinity
    this.#window = this.#find()
  }

  pipe(output: Output<T>): void {
    this.#output = output
  }

  rows(): readonly T[] {
    return this.#window
  }

  add(row: T): void {
    this.#touch(row)
  }

  remove(row: T): void {
    this.#touch(row)
  }

  edit(before: T, _after: T): void {
    this.#touch(before)
  }

  settle(): void {
    if (this.#isTouched) {
      this.#isTouched = false
      const before = this.#window
      this.#window = this.#find()
      if (this.#output.touch) this.#output.touch()
      else this.#tell(before, this.#window)
    }
    this.#output.settle()
  }

  explain(): Explanation {
    return makeExplanation('take', describeWindow(this.#of), { rows: this.#window.length, inputs: [this.#input.explain()] })
  }

  #find(): readonly T[] {
    const { isAfter, offset = 0 } = this.#of
    const start = (isAfter ? this.#input.countWhile((row) => !isAfter(row)) : 0) + offset
    return this.#input.slice(start, start + this.#limit)
  }

  // What comes before the cursor is out of sight, and what lies beyond the last row of a full window cannot enter it
  // unless something before that leaves.
  #touch(row: T): void {
    if (this.#isTouched || this.#limit === 0 || (this.#of.isAfter && !this.#of.isAfter(row))) return
    const last = this.#window.length === this.#limit ? this.#window[this.#limit - 1] : undefined
    this.#isTouched = last === undefined || this.#of.order(row, last) <= 0
  }

  // Both windows are in the same order: walked side by side, what stayed in its place meets itself. A row that moved is
  // met twice: adds wait until all removes are told.
  #tell(before: readonly T[], after: readonly T[]): void {
    const added: T[] = []
    let i = 0
    let j = 0
    while (i < before.length || j < after.length) {
      const old = before[i]
      const row = after[j]
      const order = old === row ? 0 : old === undefined ? 1 : row === undefined ? -1 : this.#of.order(old, row)
      if (old !== undefined && order < 0) this.#output.remove(old)
      else if (row !== undefined && order > 0) added.push(row)
      else if (old !== undefined && row !== undefined && old !== row) this.#output.edit(old, row)
      if (order <= 0) i++
      if (order >= 0) j++
    }
    for (const row of added) this.#output.add(row)
  }
}

function describeWindow({ isAfter, offset, limit }: Window<never>): string {
  return [isAfter && 'after a row', offset && `offset ${offset}`, limit !== undefined && `limit ${limit}`].filter(Boolean).join(', ')
}
