// Rows in a map and listeners: as little of a pool as the live floor can tell from the real one.
import type { Change, PoolView } from '../../src/pool/change.ts'
import { type IndexesByCollection, makeLookup } from '../../src/pool/lookup.ts'
import { batch } from '../../src/reactive.ts'
import type { AnyRow } from '../../src/schema/row.ts'
import type { Json } from '../../src/util/json.ts'

/** A pool of one or more collections that a test writes to. */
export interface TinyPool extends PoolView {
  /** One commit: rows to put, and ids to remove. */
  commit(rows: readonly AnyRow[], removed?: readonly string[], collection?: string): void
  /** Tells of changes as they are given, true or not. */
  announce(changes: readonly Change[]): void
  /** How many listeners hear of commits. */
  readonly listeners: number
}

export function createTinyPool(indexesByCollection?: IndexesByCollection): TinyPool {
  const tables = new Map<string, Map<string, AnyRow>>()
  const listeners = new Set<(changes: readonly Change[]) => void>()
  const announce = (changes: readonly Change[]): void => batch(() => listeners.forEach((listener) => listener(changes)))
  const find = (collection: string, id: string): AnyRow | undefined => tables.get(collection)?.get(id)
  const rowsOf = (collection: string): Iterable<AnyRow> => tables.get(collection)?.values() ?? []
  const lookup = makeLookup({ find, rows: rowsOf }, indexesByCollection)
  return {
    announce,
    find,
    rows: rowsOf,
    lookUp: lookup.lookUp,
    narrow: lookup.narrow,
    onCommit(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    get listeners() {
      return listeners.size
    },
    commit(rows, removed = [], collection = 'books') {
      const table = tables.get(collection) ?? new Map<string, AnyRow>()
      tables.set(collection, table)
      const changes: Change[] = []
      for (const row of rows) {
        changes.push({ collection, id: row.id, before: table.get(row.id), after: row })
        table.set(row.id, row)
      }
      for (const id of removed) {
        if (table.has(id)) changes.push({ collection, id, before: table.get(id), after: undefined })
        table.delete(id)
      }
      for (const { before, after } of changes) lookup.place(collection, before, after)
      if (changes.length > 0) announce(changes)
    },
  }
}

/** A frozen row. */
export function makeRow(id: string, fields: Readonly<Record<string, Json>> = {}): AnyRow {
  return Object.freeze({ id, ...fields })
}
