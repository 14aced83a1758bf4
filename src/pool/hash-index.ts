import type { ComparisonAst } from '../query/ast.ts'
import type { AnyRow } from '../schema/row.ts'
import type { Json } from '../util/json.ts'

/** One way to rows: at least those that meet what was asked. */
export interface Way {
  readonly size: number
  /** In words. */
  readonly by: string
  readonly rows: () => readonly AnyRow[]
}

/**
 * A collection's rows by the value of one field. It holds the rows and not their ids: to find a row by its id costs more than to put an
 * edited one in its place, and buckets are read far more often.
 */
export class HashIndex {
  readonly #field: string
  // many values are held by one row: a map for each of them would be most of the memory
  readonly #rowsByValue = new Map<BucketKey, AnyRow | Map<string, AnyRow>>()

  constructor(field: string, rows: Iterable<AnyRow>) {
    this.#field = field
    for (const row of rows) this.place(undefined, row)
  }

  place(before: AnyRow | undefined, after: AnyRow | undefined): void {
    const was = before && this.#keyOf(before)
    const is = after && this.#keyOf(after)
    if (before && was !== undefined && was !== is) this.#remove(was, before.id)
    if (after && is !== undefined) this.#put(is, after)
  }

  rows(values: readonly BucketKey[]): readonly AnyRow[] {
    const found: AnyRow[] = []
    for (const value of new Set(values)) {
      const held = this.#rowsByValue.get(value)
      if (held instanceof Map) for (const row of held.values()) found.push(row)
      else if (held) found.push(held)
    }
    return found
  }

  way(values: readonly BucketKey[]): Way {
    let size = 0
    for (const value of new Set(values)) {
      const held = this.#rowsByValue.get(value)
      if (held) size += held instanceof Map ? held.size : 1
    }
    return { size, by: `index ${this.#field}`, rows: () => this.rows(values) }
  }

  #keyOf(row: AnyRow): BucketKey | undefined {
    const value = row[this.#field] ?? null
    return isBucketKey(value) ? value : undefined
  }

  #put(value: BucketKey, row: AnyRow): void {
    const held = this.#rowsByValue.get(value)
    if (held instanceof Map) held.set(row.id, row)
    else if (held === undefined || held.id === row.id) this.#rowsByValue.set(value, row)
    else this.#rowsByValue.set(value, new Map([held, row].map((one) => [one.id, one])))
  }

  #remove(value: BucketKey, id: string): void {
    const held = this.#rowsByValue.get(value)
    if (held instanceof Map && held.size > 1) held.delete(id)
    else this.#rowsByValue.delete(value)
  }
}

/** What a bucket may be of. Null stands for absence too; lists and objects are in none. */
export type BucketKey = string | number | boolean | null

/** Whether rows that hold the value are in a bucket. */
export function isBucketKey(value: Json): value is BucketKey {
  return typeof value !== 'object' || value === null
}

/** The values of which each row that meets the term holds one, if there are such; null stands for absence too. */
export function findValues({ op, value }: ComparisonAst): readonly Json[] | undefined {
  if (op === '=') return [value]
  if (op === 'in') return value as readonly Json[]
  return op === 'isNull' && value === true ? [null] : undefined
}
