import type { RowSource, Writes } from '../mutator/source.ts'
import { makeRowKey, type RowKey, splitRowKey } from '../protocol/ids.ts'
import { answerRows } from '../query/answer.ts'
import { batch, type ReadonlySignal, type Signal, signal } from '../reactive.ts'
import type { AnyRow } from '../schema/row.ts'
import { isSame } from '../util/compare.ts'
import { makeWeakValues } from '../util/weak-values.ts'
import type { Change, PoolView } from './change.ts'
import { type IndexesByCollection, makeLookup } from './lookup.ts'

/*
 * Rows in memory: what the user sees, and base below it where the two differ.
 *
 *   view    one map per collection                     what the user sees
 *   shadow  base's rows of the keys that are pending   view = base ⊕ pending
 *
 * It does not know what a mutation is, nor where rows come from.
 */

/** What one commit moves: rows of base, and rows that pending mutations write (null: none does any more). */
export interface PoolCommit {
  readonly base?: Writes
  readonly pending?: ReadonlyMap<RowKey, { readonly row: AnyRow | undefined } | null>
}

/** The rows of a store. */
export interface Pool extends PoolView {
  /** What the user sees, for a mutator to read. */
  readonly view: RowSource
  /** What the server said, for a rebase to start from. */
  readonly base: RowSource
  /** The keys of base's rows. */
  baseKeys(): Iterable<RowKey>
  /** Moves base and pending together: all rows are in place before anybody hears of it, and everybody hears of it once. */
  commit(commit: PoolCommit): void
  /** The row as a signal of its own, made when somebody asks. */
  rowSignal(collection: string, id: string): ReadonlySignal<AnyRow | undefined>
  /** Whether a pending mutation writes the row, as a signal. */
  pendingSignal(collection: string, id: string): ReadonlySignal<boolean>
  isPending(collection: string, id: string): boolean
}

/** What a pool is told of its collections. */
export interface PoolOptions {
  readonly indexesByCollection?: IndexesByCollection
}

/** An empty pool. `report` hears of listeners that throw; they disturb neither the commit nor each other. */
export function createPool(report: (error: unknown) => void, { indexesByCollection }: PoolOptions = {}): Pool {
  const view = new Map<string, Map<string, AnyRow>>()
  const shadow = new Map<RowKey, AnyRow | undefined>()
  const listeners = new Set<(changes: readonly Change[]) => void>()
  const rowSignals = makeSignalsByKey<AnyRow | undefined>((key) => find(...splitRowKey(key)))
  const pendingSignals = makeSignalsByKey<boolean>((key) => shadow.has(key))

  const find = (collection: string, id: string): AnyRow | undefined => view.get(collection)?.get(id)
  const rows = (collection: string): Iterable<AnyRow> => view.get(collection)?.values() ?? []
  const { lookUp, narrow, place: index } = makeLookup({ find, rows }, indexesByCollection)
  // what is hidden was not narrowed
  function* baseRows(collection: string, shown: Iterable<AnyRow>): Iterable<AnyRow> {
    for (const row of shown) if (!shadow.has(makeRowKey(collection, row.id))) yield row
    for (const [key, row] of shadow) if (row && key.startsWith(`${collection}/`)) yield row
  }
  function* baseKeys(): Iterable<RowKey> {
    for (const [collection, table] of view)
      for (const id of table.keys()) if (!shadow.has(makeRowKey(collection, id))) yield makeRowKey(collection, id)
    for (const [key, row] of shadow) if (row) yield key
  }
  const findBase = (key: RowKey): AnyRow | undefined => (shadow.has(key) ? shadow.get(key) : find(...splitRowKey(key)))

  const place = (key: RowKey, row: AnyRow | undefined): Change | undefined => {
    const [collection, id] = splitRowKey(key)
    let table = view.get(collection)
    if (!table) view.set(collection, (table = new Map()))
    const before = table.get(id)
    if (isSame(before, row)) return undefined
    if (row) table.set(id, row)
    else table.delete(id)
    index(collection, before, row)
    return { collection, id, before, after: row }
  }

  const tell = (listener: (changes: readonly Change[]) => void, changes: readonly Change[]): void => {
    try {
      listener(changes)
    } catch (error) {
      report(error)
    }
  }

  return {
    find,
    rows,
    lookUp,
    narrow,
    view: { find, select: (ast) => answerRows(ast, narrow(ast).rows) },
    baseKeys,
    base: {
      find: (collection, id) => findBase(makeRowKey(collection, id)),
      select: (ast) => answerRows(ast, baseRows(ast.from, narrow(ast).rows)),
    },
    isPending: (collection, id) => shadow.has(makeRowKey(collection, id)),
    rowSignal: (collection, id) => rowSignals.get(makeRowKey(collection, id)),
    pendingSignal: (collection, id) => pendingSignals.get(makeRowKey(collection, id)),
    onCommit(listener) {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    commit({ base = noWrites, pending = noWrites }) {
      const changes: Change[] = []
      const add = (change: Change | undefined): void => {
        if (change) changes.push(change)
      }
      for (const [key, row] of base) {
        if (shadow.has(key)) shadow.set(key, row)
        else if (!pending.get(key)) add(place(key, row))
      }
      for (const [key, written] of pending) {
        if (written) {
          if (!shadow.has(key)) shadow.set(key, base.has(key) ? base.get(key) : findBase(key))
          add(place(key, written.row))
        } else if (shadow.has(key)) {
          const row = shadow.get(key)
          shadow.delete(key)
          add(place(key, row))
        }
      }
      // a subscriber's exception surfaces at the writer, after the others ran: it must not break what the commit belongs to
      try {
        batch(() => {
          if (!rowSignals.isEmpty) for (const { collection, id, after } of changes) rowSignals.set(makeRowKey(collection, id), after)
          if (!pendingSignals.isEmpty) for (const key of pending.keys()) pendingSignals.set(key, shadow.has(key))
          if (changes.length) for (const listener of [...listeners]) tell(listener, changes)
        })
      } catch (error) {
        report(error)
      }
    },
  }
}

const noWrites: ReadonlyMap<RowKey, never> = new Map<RowKey, never>()

interface SignalsByKey<T> {
  readonly isEmpty: boolean
  get(key: RowKey): ReadonlySignal<T>
  set(key: RowKey, value: T): void
}

// a signal exists while somebody holds it
function makeSignalsByKey<T>(read: (key: RowKey) => T): SignalsByKey<T> {
  const held = makeWeakValues<Signal<T>>()
  return {
    get isEmpty() {
      return held.isEmpty
    },
    get: (key) => held.find(key) ?? held.set(key, signal(read(key))),
    set(key, value) {
      const known = held.find(key)
      if (known) known.value = value
    },
  }
}
