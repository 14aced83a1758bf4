import type { Explanation } from '../query/query.ts'
import type { AnyRow } from '../schema/row.ts'
import type { Input, Output } from './operator.ts'

/** The one row that its input can have, or undefined. */
export class OneRow implements Output {
  readonly #input: Input
  readonly #onChange: () => void
  #told: AnyRow | undefined
  value: AnyRow | undefined

  constructor(input: Input, onChange: () => void) {
    this.#input = input
    this.#onChange = onChange
    this.#told = input.rows()[0]
    this.value = this.#told
    input.pipe(this)
  }

  add(row: AnyRow): void {
    this.value = row
  }

  remove(_row: AnyRow): void {
    this.value = undefined
  }

  edit(_before: AnyRow, after: AnyRow): void {
    this.value = after
  }

  settle(): void {
    if (this.value === this.#told) return
    this.#told = this.value
    this.#onChange()
  }

  explain(): Explanation {
    return this.#input.explain()
  }
}
