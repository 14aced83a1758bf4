import type { ComparisonAst, ConditionAst } from '../query/ast.ts'
import type { AnyRow } from '../schema/row.ts'
import type { Json } from '../util/json.ts'
import type { Narrowed, PoolView } from './change.ts'
import { findValues, HashIndex, isBucketKey, type Way } from './hash-index.ts'
import { findSpan, OrderedIndex } from './ordered-index.ts'

/*
 * Ways to rows other than by id. Each is made when somebody first asks for it, and kept right from then on:
 *
 *   hash      value of a field ─▶ rows       made by lookUp; by narrow where the field is declared, or the first of declared ones
 *   ordered   rows by declared fields        made by narrow, for ranges and for several equalities
 *
 * It does not know what a commit is, nor base from pending.
 */

/** A declared index: a field, or fields of which the next breaks the ties of the one before. */
export type Index = string | readonly string[]

/** Declared indexes by collection. */
export type IndexesByCollection = ReadonlyMap<string, readonly Index[]>

/** Finds rows by what they hold. */
export interface Lookup extends Pick<PoolView, 'lookUp' | 'narrow'> {
  /** Brings the indexes of the collection up to a row that has been placed: absent before or after where it came or went. */
  place(collection: string, before: AnyRow | undefined, after: AnyRow | undefined): void
}

/**
 * The indexes over a source of rows. Both kinds hold the rows: a hash is made in O(rows) and a changed row costs each O(1); an ordered one is made
 * in O(rows · log rows) and a changed row costs each O(log rows). What is found is copied out: O(found). A collection without indexes costs a
 * change one look for them. An index is never dropped. With 100,000 rows: a hash 50 ms and 4 MB, an ordered one 60 to 190 ms and 1 MB; an edit 1 µs
 * more for each hash and 3 µs for each ordered one; 100 rows by hash 1 µs, 900 by range 20 µs, where a scan of all takes 3 ms.
 */
export function makeLookup(source: Pick<PoolView, 'find' | 'rows'>, indexesByCollection: IndexesByCollection = new Map()): Lookup {
  const tables = new Map<string, IndexedTable>()
  const tableOf = (collection: string): IndexedTable => {
    const known = tables.get(collection)
    if (known) return known
    const rows: TableRows = { find: (id) => source.find(collection, id), all: () => source.rows(collection) }
    const made = new IndexedTable(rows, indexesByCollection.get(collection) ?? [])
    tables.set(collection, made)
    return made
  }
  return {
    lookUp(collection, field, value) {
      if (value === null || !isBucketKey(value)) return []
      return field === 'id' ? tableOf(collection).byId([value]) : tableOf(collection).mustHash(field).rows([value])
    },
    narrow: ({ from, where }) => (where ? tableOf(from).narrow(termsOf(where)) : { rows: source.rows(from), by: 'all rows' }),
    place: (collection, before, after) => tables.get(collection)?.place(before, after),
  }
}

interface TableRows {
  find(id: string): AnyRow | undefined
  all(): Iterable<AnyRow>
}

class IndexedTable {
  readonly #rows: TableRows
  readonly #hashesByField = new Map<string, HashIndex>()
  readonly #orderedByName = new Map<string, OrderedIndex>()
  readonly #declared: readonly (readonly string[])[]
  readonly #declaredFirst: ReadonlySet<string | undefined>

  constructor(rows: TableRows, indexes: readonly Index[]) {
    this.#rows = rows
    this.#declared = indexes.map((index) => (typeof index === 'string' ? [index] : index))
    this.#declaredFirst = new Set(this.#declared.map(([first]) => first))
  }

  place(before: AnyRow | undefined, after: AnyRow | undefined): void {
    for (const hash of this.#hashesByField.values()) hash.place(before, after)
    for (const ordered of this.#orderedByName.values()) ordered.place(before, after)
  }

  narrow(terms: readonly ComparisonAst[]): Narrowed {
    const byId = terms.find((term) => term.field === 'id' && findValues(term))
    if (byId) return { rows: this.byId(findValues(byId) ?? []), by: 'the id' }
    let best: Way | undefined
    for (const way of this.#ways(terms)) if (!best || way.size < best.size) best = way
    return best ? { rows: best.rows(), by: best.by } : { rows: this.#rows.all(), by: 'all rows' }
  }

  byId(values: readonly Json[]): readonly AnyRow[] {
    const [only] = values
    if (values.length === 1 && typeof only === 'string') {
      const row = this.#rows.find(only)
      return row ? [row] : []
    }
    const find = (id: Json): AnyRow | undefined => (typeof id === 'string' ? this.#rows.find(id) : undefined)
    return Array.from(new Set(values), find).filter((row) => row !== undefined)
  }

  mustHash(field: string): HashIndex {
    const known = this.#hashesByField.get(field)
    if (known) return known
    const made = new HashIndex(field, this.#rows.all())
    this.#hashesByField.set(field, made)
    return made
  }

  *#ways(terms: readonly ComparisonAst[]): Iterable<Way> {
    for (const term of terms) {
      const values = findValues(term)
      const isIndexed = this.#hashesByField.has(term.field) || this.#declaredFirst.has(term.field)
      if (isIndexed && values?.every(isBucketKey)) yield this.mustHash(term.field).way(values)
    }
    for (const fields of this.#declared) {
      const span = findSpan(fields, terms)
      if (span) yield this.#mustOrder(fields).way(span)
    }
  }

  #mustOrder(fields: readonly string[]): OrderedIndex {
    const name = JSON.stringify(fields)
    const known = this.#orderedByName.get(name)
    if (known) return known
    const made = new OrderedIndex(fields, this.#rows.all())
    this.#orderedByName.set(name, made)
    return made
  }
}

// the comparisons that each row which meets the condition fulfils
function termsOf(condition: ConditionAst): readonly ComparisonAst[] {
  switch (condition.op) {
    case 'and':
      return condition.of.flatMap(termsOf)
    case 'or':
    case 'not':
    case 'exists':
      return []
    default:
      return [condition]
  }
}
