import type { AnyRow } from '../schema/row.ts'
import type { Input, Output } from './operator.ts'

/** The answer as an immutable list, built once per commit and only if something in it changed. */
export class View implements Output {
  /** Told after a commit that changed the answer. */
  onChange: () => void = () => {}
  rows: readonly AnyRow[]
  readonly #input: Input
  #isTouched = false

  constructor(input: Input) {
    this.#input = input
    this.rows = input.rows()
    input.pipe(this)
  }

  add(_row: AnyRow): void {
    this.#isTouched = true
  }

  remove(_row: AnyRow): void {
    this.#isTouched = true
  }

  edit(_before: AnyRow, _after: AnyRow): void {
    this.#isTouched = true
  }

  settle(): void {
    if (!this.#isTouched) return
    this.#isTouched = false
    const rows = keepSame(this.rows, this.#input.rows())
    if (rows === this.rows) return
    this.rows = rows
    this.onChange()
  }
}

/** `before` where `after` holds the very same rows, so that an unchanged answer stays the same object. */
export function keepSame(before: readonly AnyRow[], after: readonly AnyRow[]): readonly AnyRow[] {
  if (before.length !== after.length) return after
  for (let i = 0; i < after.length; i++) if (before[i] !== after[i]) return after
  return before
}
