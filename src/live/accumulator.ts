import type { AggregateAst } from '../query/ast.ts'
import { compareValues } from '../util/compare.ts'
import { ExactSum } from '../util/exact-sum.ts'
import type { Json } from '../util/json.ts'
import { makeSorted } from '../util/sorted.ts'
import { stableKey } from '../util/stable-key.ts'

/** An aggregate over values that come and go: null and absence are passed over. */
export interface Accumulator {
  add(value: Json | undefined): void
  remove(value: Json | undefined): void
  /** Undefined where there is nothing to tell. */
  readonly value: Json | undefined
}

/** The accumulator of an aggregate. */
export function makeAccumulator(op: Exclude<AggregateAst['op'], 'count'>): Accumulator {
  return op === 'sum' || op === 'avg' ? new Total(op) : new Extreme(op)
}

class Total implements Accumulator {
  readonly #op: 'sum' | 'avg'
  readonly #sum = new ExactSum()
  #count = 0

  constructor(op: 'sum' | 'avg') {
    this.#op = op
  }

  get value(): number | undefined {
    if (this.#op === 'sum') return this.#sum.sum()
    return this.#count === 0 ? undefined : this.#sum.mean(this.#count)
  }

  add(value: Json | undefined): void {
    if (typeof value !== 'number') return
    this.#count++
    this.#sum.add(value)
  }

  remove(value: Json | undefined): void {
    if (typeof value !== 'number') return
    this.#count--
    this.#sum.remove(value)
  }
}

// each value once, in order, and how often it occurs
class Extreme implements Accumulator {
  readonly #op: 'min' | 'max'
  readonly #values = makeSorted<Json>(compareValues)
  readonly #countByKey = new Map<string, number>()

  constructor(op: 'min' | 'max') {
    this.#op = op
  }

  get value(): Json | undefined {
    const place = this.#op === 'min' ? 0 : this.#values.size - 1
    return this.#values.slice(place, place + 1)[0]
  }

  add(value: Json | undefined): void {
    if (value === undefined || value === null) return
    const key = stableKey(value)
    const count = this.#countByKey.get(key) ?? 0
    if (count === 0) this.#values.insert(value)
    this.#countByKey.set(key, count + 1)
  }

  remove(value: Json | undefined): void {
    if (value === undefined || value === null) return
    const key = stableKey(value)
    const count = this.#countByKey.get(key) ?? 0
    if (count > 1) {
      this.#countByKey.set(key, count - 1)
    } else {
      this.#countByKey.delete(key)
      this.#values.delete(value)
    }
  }
}
