import type { QueryAst } from '../query/ast.ts'
import type { Explanation } from '../query/query.ts'
import { isSame } from '../util/compare.ts'
import type { Json } from '../util/json.ts'
import type { Input, Output } from './operator.ts'

/** The end of a pipeline: the answer as an immutable value. */
export interface View {
  readonly value: unknown
  /** Told after a commit that changed the answer. */
  onChange: () => void
  explain(): Explanation
}

/** The view of an input as the question wants it. */
export function makeView<T>(input: Input<T>, want: QueryAst['want']): View {
  return want === 'size' ? new SizeView(input) : new ListView(input, want)
}

/** The rows, or what is wanted of the first; built once per commit, and only if something changed. */
class ListView<T> implements Output<T>, View {
  onChange: () => void = () => {}
  value: unknown
  readonly #input: Input<T>
  readonly #want: QueryAst['want']
  #rows: readonly T[]
  #isTouched = false

  constructor(input: Input<T>, want: QueryAst['want']) {
    this.#input = input
    this.#want = want
    this.#rows = input.rows()
    this.value = this.#pick()
    input.pipe(this)
  }

  add(): void {
    this.#isTouched = true
  }

  remove(): void {
    this.#isTouched = true
  }

  edit(): void {
    this.#isTouched = true
  }

  touch(): void {
    this.#isTouched = true
  }

  settle(): void {
    if (!this.#isTouched) return
    this.#isTouched = false
    const rows = keepSame(this.#rows, this.#input.rows())
    if (rows === this.#rows) return
    this.#rows = rows
    const before = this.value
    this.value = this.#pick()
    // another first row may say the same
    if (this.#want !== undefined && isSame(this.value as Json | undefined, before as Json | undefined)) this.value = before
    else this.onChange()
  }

  explain(): Explanation {
    return this.#input.explain()
  }

  #pick(): unknown {
    if (this.#want === undefined) return this.#rows
    const [first] = this.#rows
    return typeof this.#want === 'object' ? (first as { readonly [field: string]: unknown } | undefined)?.[this.#want.field] : first
  }
}

/** How many rows there are; it keeps none of them. */
class SizeView<T> implements Output<T>, View {
  onChange: () => void = () => {}
  value: number
  readonly #input: Input<T>
  #size: number

  constructor(input: Input<T>) {
    this.#input = input
    this.#size = input.rows().length
    this.value = this.#size
    input.pipe(this)
  }

  add(): void {
    this.#size++
  }

  remove(): void {
    this.#size--
  }

  edit(): void {}

  settle(): void {
    if (this.value === this.#size) return
    this.value = this.#size
    this.onChange()
  }

  explain(): Explanation {
    return this.#input.explain()
  }
}

/** `before` where `after` holds the very same rows, so that an unchanged answer stays the same object. */
export function keepSame<T>(before: readonly T[], after: readonly T[]): readonly T[] {
  if (before.length !== after.length) return after
  for (let i = 0; i < after.length; i++) if (before[i] !== after[i]) return after
  return before
}
