import type { Change, PoolView } from '../pool/change.ts'
import type { QueryAst } from '../query/ast.ts'
import type { AnyRow } from '../schema/row.ts'
import { type Input, nowhere, type Output } from './operator.ts'
import { findEqualities, Routes } from './routes.ts'

/*
 * Where rows and changes come from. Each question taps the collection that it asks; a change goes to the taps that can care:
 *
 *   change ─┬─ by field and value ──▶ taps of `id = 7`, of `status = open`, …      a look-up per field, not per tap
 *           └─────────────────────▶ taps whose condition has no equality to go by
 */

/** The source of all collections of a pool. */
export interface Source {
  /** A tap for a question: it knows its rows at once, and is told of changes from when it is opened. */
  tap(ast: QueryAst): Tap
  /** Tells a commit to the taps that can care, and settles each of them once. */
  push(changes: readonly Change[]): void
}

/** The rows of a collection that one question may be about. */
export interface Tap extends Input {
  /** `onBroken` hears, after the commit, that an operator threw: what it keeps is no longer to be trusted. */
  open(onBroken: (error: unknown) => void): void
  close(): void
}

/** The source over a pool. */
export function makeSource(pool: PoolView): Source {
  const routesByCollection = new Map<string, Routes<CollectionTap>>()
  let serial = 0
  return {
    tap(ast) {
      const routes = routesByCollection.get(ast.from) ?? new Routes()
      routesByCollection.set(ast.from, routes)
      return new CollectionTap(pool, routes, ast)
    },
    push(changes) {
      const told: CollectionTap[] = []
      for (const change of changes) {
        const number = ++serial
        routesByCollection.get(change.collection)?.visit(change, (tap) => {
          if (tap.tell(change, number)) told.push(tap)
        })
      }
      for (const tap of told) tap.settle()
      for (const tap of told) tap.complain()
    },
  }
}

class CollectionTap implements Tap {
  readonly #pool: PoolView
  readonly #routes: Routes<CollectionTap>
  readonly #ast: QueryAst
  #output: Output = nowhere
  #route: (() => void) | undefined
  #serial = 0
  #isTold = false
  #failure: { readonly error: unknown } | undefined
  #onBroken: (error: unknown) => void = () => {}

  constructor(pool: PoolView, routes: Routes<CollectionTap>, ast: QueryAst) {
    this.#pool = pool
    this.#routes = routes
    this.#ast = ast
  }

  pipe(output: Output): void {
    this.#output = output
  }

  rows(): readonly AnyRow[] {
    const { from, where } = this.#ast
    const ids = findEqualities(where).find(({ field }) => field === 'id')?.values
    if (!ids) return [...this.#pool.rows(from)]
    const found = [...ids].map((id) => (typeof id === 'string' ? this.#pool.find(from, id) : undefined))
    return found.filter((row) => row !== undefined)
  }

  open(onBroken: (error: unknown) => void): void {
    this.#onBroken = onBroken
    this.#route = this.#routes.add(this, findEqualities(this.#ast.where))
  }

  close(): void {
    this.#route?.()
    this.#route = undefined
  }

  /** Whether this is the first that the tap hears in this commit. A change that comes by two routes is told once. */
  tell(change: Change, serial: number): boolean {
    if (this.#serial === serial || this.#failure) return false
    this.#serial = serial
    try {
      tell(this.#output, change)
    } catch (error) {
      this.#failure = { error }
    }
    if (this.#isTold) return false
    this.#isTold = true
    return true
  }

  settle(): void {
    this.#isTold = false
    if (this.#failure) return
    try {
      this.#output.settle()
    } catch (error) {
      this.#failure = { error }
    }
  }

  complain(): void {
    if (this.#failure) this.#onBroken(this.#failure.error)
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
