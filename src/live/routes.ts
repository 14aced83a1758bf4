import type { Change } from '../pool/change.ts'
import type { ConditionAst } from '../query/ast.ts'
import type { AnyRow } from '../schema/row.ts'
import type { Json } from '../util/json.ts'

/** A field that must hold one of some values for a condition to be met. */
export interface Equality {
  readonly field: string
  /** Each once. */
  readonly values: readonly Json[]
}

/** The equalities that each row which meets the condition fulfils: its own, and those of its parts where it is an `and`. */
export function findEqualities(condition: ConditionAst | undefined): readonly Equality[] {
  if (condition?.op === 'and') return condition.of.flatMap(findEqualities)
  if (condition?.op !== '=' && condition?.op !== 'in') return []
  const values = condition.op === '=' ? [condition.value] : [...new Set(condition.value as readonly Json[])]
  return values.every(isScalar) ? [{ field: condition.field, values }] : []
}

/** How a listener hears of changes. */
export interface Route {
  /** The equality that a change has to fulfil, before or after; without one all changes are told. */
  readonly by: Equality | undefined
  close(): void
}

/** Who hears of which changes of one collection: by the value of a field where an equality allows it, of all changes else. */
export class Routes<T> {
  readonly #bucketsByField = new Map<string, Map<Json, Set<T>>>()
  readonly #others = new Set<T>()

  add(listener: T, equalities: readonly Equality[]): Route {
    const by = this.choose(equalities)
    if (!by) {
      this.#others.add(listener)
      return { by, close: () => void this.#others.delete(listener) }
    }
    for (const value of by.values) this.#bucket(by.field, value).add(listener)
    return {
      by,
      close: () => {
        for (const value of by.values) this.#remove(listener, by.field, value)
      },
    }
  }

  /** Visits whom the change may concern; one that waits for several values perhaps twice. */
  visit({ before, after }: Change, visit: (listener: T) => void): void {
    for (const listener of this.#others) visit(listener)
    for (const [field, buckets] of this.#bucketsByField) {
      const was = before && valueOf(before, field)
      const is = after && valueOf(after, field)
      if (was !== undefined) buckets.get(was)?.forEach(visit)
      if (is !== undefined && is !== was) buckets.get(is)?.forEach(visit)
    }
  }

  /** The equality to go by: an id names one row; else the one with the fewest listeners so far, so that many questions spread over many buckets. */
  choose(equalities: readonly Equality[]): Equality | undefined {
    const crowd = ({ field, values }: Equality): number => {
      let listeners = field === 'id' ? -1 : 0
      for (const value of values) listeners += field === 'id' ? 0 : (this.#bucketsByField.get(field)?.get(value)?.size ?? 0)
      return listeners
    }
    let best: Equality | undefined
    for (const equality of equalities) if (!best || crowd(equality) < crowd(best)) best = equality
    return best
  }

  #bucket(field: string, value: Json): Set<T> {
    const buckets = this.#bucketsByField.get(field) ?? new Map<Json, Set<T>>()
    this.#bucketsByField.set(field, buckets)
    const bucket = buckets.get(value) ?? new Set()
    buckets.set(value, bucket)
    return bucket
  }

  #remove(listener: T, field: string, value: Json): void {
    const buckets = this.#bucketsByField.get(field)
    const bucket = buckets?.get(value)
    bucket?.delete(listener)
    if (bucket?.size === 0) buckets?.delete(value)
    if (buckets?.size === 0) this.#bucketsByField.delete(field)
  }
}

function valueOf(row: AnyRow, field: string): Json {
  return row[field] ?? null
}

function isScalar(value: Json): boolean {
  return typeof value !== 'object' || value === null
}
