import type { ComparisonAst } from '../query/ast.ts'
import { makeOrder } from '../query/node.ts'
import type { AnyRow } from '../schema/row.ts'
import { assert } from '../util/assert.ts'
import { compareValues } from '../util/compare.ts'
import type { Json } from '../util/json.ts'
import { makeSorted, type Sorted } from '../util/sorted.ts'
import { findValues, type Way } from './hash-index.ts'

/** A collection's rows in the order of some fields, then the id. Rows that came wait until somebody asks, so that many are merged in one go. */
export class OrderedIndex {
  readonly #fields: readonly string[]
  readonly #order: (a: AnyRow, b: AnyRow) => number
  readonly #sorted: Sorted<AnyRow>
  #added: AnyRow[] = []

  constructor(fields: readonly string[], rows: Iterable<AnyRow>) {
    this.#fields = fields
    this.#order = makeOrder({ orderBy: fields.map((field) => ({ field, direction: 'asc' })) })
    this.#sorted = makeSorted(this.#order, [...rows])
  }

  place(before: AnyRow | undefined, after: AnyRow | undefined): void {
    if (before) {
      this.#insertAdded()
      const isInPlace = after !== undefined && this.#order(before, after) === 0
      const isFound = isInPlace ? this.#sorted.replace(before, after) : this.#sorted.delete(before)
      assert(isFound, 'an index was told of a row that it does not have')
      if (isInPlace) return
    }
    if (after) this.#added.push(after)
  }

  way({ equal, ranges }: Span): Way {
    this.#insertAdded()
    const last = this.#fields[equal.length] ?? ''
    // before, within or after the rows that hold what must be equal
    const compare = (row: AnyRow): number => {
      for (let i = 0; i < equal.length; i++) {
        const order = compareValues(row[this.#fields[i] as string], equal[i])
        if (order !== 0) return order
      }
      return 0
    }
    const start = this.#sorted.countWhile((row) => {
      const order = compare(row)
      return order === 0 ? ranges.some((range) => range.isBelow(row[last])) : order < 0
    })
    const end = this.#sorted.countWhile((row) => {
      const order = compare(row)
      return order === 0 ? ranges.every((range) => range.isNotAbove(row[last])) : order < 0
    })
    const words = ranges.map((range) => range.words).join(' and ')
    const by = `index ${this.#fields.slice(0, equal.length + Math.min(1, ranges.length)).join(', ')}${words && ` ${words}`}`
    return { size: Math.max(0, end - start), by, rows: () => this.#sorted.slice(start, end) }
  }

  #insertAdded(): void {
    if (this.#added.length === 0) return
    this.#sorted.insertAll(this.#added)
    this.#added = []
  }
}

/** A stretch of an ordered index: the values of its first fields, and ranges of the next one. */
export interface Span {
  readonly equal: readonly Json[]
  readonly ranges: readonly Range[]
}

// Of the values in their order, those that a range leaves out at the beginning, and those up to its end.
interface Range {
  readonly words: string
  readonly isBelow: (value: Json | undefined) => boolean
  readonly isNotAbove: (value: Json | undefined) => boolean
}

/** The stretch of an index over these fields that holds the rows which meet all terms, if it is shorter than all. One equality alone is a hash's business. */
export function findSpan(fields: readonly string[], terms: readonly ComparisonAst[]): Span | undefined {
  const equal: Json[] = []
  for (const field of fields) {
    const mine = terms.filter((term) => term.field === field)
    const value = mine.map(findValues).find((values) => values?.length === 1)?.[0]
    if (value === undefined) {
      const ranges = mine.map(findRange).filter((range) => range !== undefined)
      return ranges.length > 0 || equal.length > 1 ? { equal, ranges } : undefined
    }
    equal.push(value)
  }
  return equal.length > 1 ? { equal, ranges: [] } : undefined
}

const signs = { '<': '<', '<=': '≤', '>': '>', '>=': '≥', startsWith: 'startsWith' } as const

// A range matches values of its operand's type alone: it begins or ends with them where the operand sets no bound.
function findRange({ op, value }: ComparisonAst): Range | undefined {
  if (op !== '<' && op !== '<=' && op !== '>' && op !== '>=' && op !== 'startsWith') return undefined
  const order = (held: Json | undefined): number => compareValues(held, value)
  const isLike = (held: Json | undefined): boolean => typeof held === typeof value
  const words = `${signs[op]} ${JSON.stringify(value).slice(0, 40)}`
  switch (op) {
    case '<':
      return { words, isBelow: (held) => !isLike(held) && order(held) < 0, isNotAbove: (held) => order(held) < 0 }
    case '<=':
      return { words, isBelow: (held) => !isLike(held) && order(held) < 0, isNotAbove: (held) => order(held) <= 0 }
    case '>':
      return { words, isBelow: (held) => order(held) <= 0, isNotAbove: (held) => isLike(held) || order(held) < 0 }
    case '>=':
      return { words, isBelow: (held) => order(held) < 0, isNotAbove: (held) => isLike(held) || order(held) < 0 }
    case 'startsWith': {
      const isWithin = (held: Json | undefined): boolean => typeof held === 'string' && held.startsWith(value as string)
      return { words, isBelow: (held) => order(held) < 0, isNotAbove: (held) => isWithin(held) || order(held) < 0 }
    }
  }
}
