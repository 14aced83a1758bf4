import type { Change } from '../pool/change.ts'
import type { ConditionAst } from '../query/ast.ts'
import type { AnyRow } from '../schema/row.ts'
import type { Json } from '../util/json.ts'

/** A field that must hold one of some values for a condition to be met. */
export interface Equality {
  readonly field: string
  readonly values: ReadonlySet<Json>
}

/** The equalities that each row which meets the condition fulfils: its own, and those of its parts where it is an `and`. */
export function findEqualities(condition: ConditionAst | undefined): readonly Equality[] {
  if (condition?.op === 'and') return condition.of.flatMap(findEqualities)
  if (condition?.op !== '=' && condition?.op !== 'in') return []
  const values = condition.op === '=' ? [condition.value] : (condition.value as readonly Json[])
  return values.every(isScalar) ? [{ field: condition.field, values: new Set(values) }] : []
}

/** Who hears of which changes of one collection: by the value of a field where an equality allows it, of all changes else. */
export class Routes<T> {
  readonly #bucketsByField = new Map<string, Map<Json, Set<T>>>()
  readonly #others = new Set<T>()

  /** Answers with how to take the listener out again. */
  add(listener: T, equalities: readonly Equality[]): () => void {
    const best = this.#choose(equalities)
    if (!best) {
      this.#others.add(listener)
      return () => {
        this.#others.delete(listener)
      }
    }
    const { field, values } = best
    for (const value of values) this.#bucket(field, value).add(listener)
    return () => {
      for (const value of values) this.#remove(listener, field, value)
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

  // an id names one row; else the route with the fewest listeners so far, so that many questions spread over many buckets
  #choose(equalities: readonly Equality[]): Equality | undefined {
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
