import type { Change, PoolView } from '../pool/change.ts'
import type { ConditionAst } from '../query/ast.ts'
import { shorten } from '../query/describe.ts'
import type { Explanation } from '../query/query.ts'
import type { AnyRow } from '../schema/row.ts'
import { makeExplanation } from './explain.ts'
import { type Input, nowhere, type Output } from './operator.ts'
import { findEqualities, type Route, Routes } from './routes.ts'

/*
 * Where rows and changes come from. Each stream taps a collection; a change goes to the taps that can care:
 *
 *   change ─┬─ by field and value ──▶ taps of `id = 7`, of `status = open`, …      a look-up per field, not per tap
 *           └─────────────────────▶ taps whose condition has no equality to go by
 *
 * When all changes of a commit are told, taps settle, the deepest first: what a stream within a question found out is known before
 * the question's own stream settles.
 */

/** The source of all collections of a pool. */
export interface Source {
  readonly pool: PoolView
  /** A tap for the rows that may meet a condition: it knows them at once, and is told of changes from when it is opened. */
  tap(of: TapOptions): Tap
  /** Tells a commit to the taps that can care, and settles each of them once. */
  push(changes: readonly Change[]): void
}

/** What a tap is of. */
export interface TapOptions {
  readonly from: string
  /** The tap tells all rows that meet it, and may tell others. */
  readonly where: ConditionAst | undefined
  /** How many streams deep it lies in its question. */
  readonly depth: number
}

/** The rows of a collection that one stream may be about. */
export interface Tap extends Input {
  /** `onBroken` hears, after the commit, that an operator threw: what it keeps is no longer to be trusted. */
  open(onBroken: (error: unknown) => void): void
  close(): void
  /** Settles in this commit though no change was told: something deeper has found out something. */
  wake(): void
}

/** The source over a pool. `stopwatch` counts milliseconds, in fractions. */
export function makeSource(pool: PoolView, stopwatch: () => number): Source {
  const routesByCollection = new Map<string, Routes<CollectionTap>>()
  const told: CollectionTap[][] = []
  let serial = 0
  const wake = (tap: CollectionTap): void => {
    while (told.length <= tap.depth) told.push([])
    told[tap.depth]?.push(tap)
  }
  return {
    pool,
    tap(of) {
      const routes = routesByCollection.get(of.from) ?? new Routes()
      routesByCollection.set(of.from, routes)
      return new CollectionTap(of, { pool, routes, wake, stopwatch })
    },
    push(changes) {
      for (const change of changes) {
        const number = ++serial
        routesByCollection.get(change.collection)?.visit(change, (tap) => tap.tell(change, number))
      }
      const settled: CollectionTap[] = []
      for (let depth = told.length - 1; depth >= 0; depth--) {
        // a settle wakes taps that lie higher, never one of its own depth
        const taps = told[depth] ?? []
        told[depth] = []
        for (const tap of taps) tap.settle()
        settled.push(...taps)
      }
      for (const tap of settled) tap.complain()
    },
  }
}

// what a tap is handed by its source
interface TapParts {
  readonly pool: PoolView
  readonly routes: Routes<CollectionTap>
  readonly wake: (tap: CollectionTap) => void
  readonly stopwatch: () => number
}

class CollectionTap implements Tap {
  readonly depth: number
  readonly #of: TapOptions
  readonly #parts: TapParts
  #output: Output = nowhere
  #route: Route | undefined
  #serial = 0
  #isAwake = false
  #failure: { readonly error: unknown } | undefined
  #onBroken: (error: unknown) => void = () => {}
  #pushes = 0
  #timed = 0
  #ms = 0

  constructor(of: TapOptions, parts: TapParts) {
    this.depth = of.depth
    this.#of = of
    this.#parts = parts
  }

  pipe(output: Output): void {
    this.#output = output
  }

  rows(): readonly AnyRow[] {
    const { rows } = this.#parts.pool.narrow(this.#of)
    return Array.isArray(rows) ? (rows as readonly AnyRow[]) : [...rows]
  }

  open(onBroken: (error: unknown) => void): void {
    this.#onBroken = onBroken
    this.#route = this.#parts.routes.add(this, findEqualities(this.#of.where))
  }

  close(): void {
    this.#route?.close()
    this.#route = undefined
  }

  wake(): void {
    if (this.#isAwake) return
    this.#isAwake = true
    this.#parts.wake(this)
  }

  /** A change that comes by two routes is told once. */
  tell(change: Change, serial: number): void {
    if (this.#serial === serial || this.#failure) return
    this.#serial = serial
    this.wake()
    this.#attempt(() => tell(this.#output, change))
  }

  settle(): void {
    this.#isAwake = false
    if (!this.#failure) this.#attempt(() => this.#output.settle())
    if ((this.#pushes++ & 7) === 0) this.#timed++
  }

  complain(): void {
    if (this.#failure) this.#onBroken(this.#failure.error)
  }

  explain(): Explanation {
    const { from, where } = this.#of
    const by = this.#route ? this.#route.by : this.#parts.routes.choose(findEqualities(where))
    const heard = by ? `changes where ${by.field} is ${by.values.map((value) => JSON.stringify(value)).join(' or ')}` : 'all changes'
    const detail = `${from} by ${this.#parts.pool.narrow(this.#of).by}; hears of ${shorten(heard)}`
    return makeExplanation('tap', detail, { pushes: this.#pushes, msPerPush: this.#timed === 0 ? 0 : this.#ms / this.#timed })
  }

  // a clock costs about as much as a push: one push in eight is timed
  #attempt(work: () => void): void {
    const isTimed = (this.#pushes & 7) === 0
    const begun = isTimed ? this.#parts.stopwatch() : 0
    try {
      work()
    } catch (error) {
      this.#failure = { error }
    }
    if (isTimed) this.#ms += this.#parts.stopwatch() - begun
  }
}

function tell(output: Output, { before, after }: Change): void {
  if (!before) {
    if (after) output.add(after)
  } else if (after) {
    output.edit(before, after)
  } else {
    output.remove(before)
  }
}
