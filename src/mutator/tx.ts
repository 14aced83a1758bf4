import { TidemarkError } from '../errors.ts'
import { makeRowKey, type RowKey } from '../protocol/ids.ts'
import type { QueryAst } from '../query/ast.ts'
import { makeQuery } from '../query/builder.ts'
import { queryKey } from '../query/canonical.ts'
import type { Question } from '../query/query.ts'
import type { CollectionDefinition, NewRowOf, RowOf } from '../schema/collection.ts'
import type { AnySchema, Patch, Schema } from '../schema/schema.ts'
import type { AnyRow } from '../schema/row.ts'
import { copyValue, mustKey, mustRow } from '../schema/validate.ts'
import { makeDerivedId } from '../util/id.ts'
import type { Misses } from './loaded.ts'
import { makeOverlay, missing, type RowSource, type Writes } from './source.ts'

/** A collection inside a mutator. Reads are synchronous; writes show at once to the reads that follow. */
export interface Table<Row extends { id: string }, NewRow> extends Question<Row> {
  get(id: string): Row | undefined
  getMany(ids: readonly string[]): readonly (Row | undefined)[]
  has(id: string): boolean
  /** Adds a row. A present id rejects with `refused/conflict`. */
  insert(row: NewRow): void
  /** Adds or replaces a row. */
  put(row: NewRow): void
  /** Changes some fields; of an absent row it does nothing. */
  patch(id: string, fields: Patch<NewRow>, options?: PatchOptions): void
  /** Removes a row; of an absent one it does nothing. */
  remove(id: string): void
}

/** How `patch` differs from a plain change of fields. */
export interface PatchOptions {
  /** Fields to remove. */
  readonly unset?: readonly string[]
}

/** What every transaction has beside its collections. */
export interface TxBase {
  /** Who makes the change; null is an anonymous visitor. */
  readonly user: string | null
  readonly onServer: boolean
  /** When the change was made, in milliseconds: the same on every replay. */
  readonly authoredAt: number
  readonly mutationId: string
  /** An id that is the same on every replay, here and on the server. */
  newId(slot?: string): string
  /** Refuses the mutation with a code of your own. */
  reject(code: string, message?: string): never
}

/** The transaction over the collections of a schema. */
export type TxOver<C> = TxBase & { readonly [N in keyof C]: Table<RowOf<C[N]> & { id: string }, NewRowOf<C[N]>> }

/** What a mutator is given; for a helper's parameter: `(tx: Tx<typeof schema>) => …`. */
export type Tx<S> = S extends Schema<infer C> ? TxOver<C> : never

/** The transaction when its types are of no interest. */
export interface AnyTx extends TxBase {
  /** The collections once more, under a name that none of them can have. */
  readonly $tables: Readonly<Record<string, Table<AnyRow, AnyRow>>>
}

/** Who runs a mutation, where and when. */
export interface TxContext {
  readonly user: string | null
  readonly onServer: boolean
  readonly authoredAt: number
  readonly mutationId: string
  /** Whether the arguments were parsed where they were made, and need not be again. */
  readonly isParsed?: boolean
  /** Called by every call of `tx`: throws when the run has used up what it may use. */
  readonly check?: () => void
}

/** How a run reads one key: its value, or its existence alone. */
export type ReadKind = 'value' | 'existence'

/** What a transaction has done so far. */
export interface TxRecord {
  readonly reads: ReadonlyMap<RowKey, ReadKind>
  readonly questions: ReadonlyMap<string, QueryAst>
  readonly writes: Writes
  readonly misses: Misses
  /** Set by `reject` and by bounds; no catch in a mutator takes it back. */
  readonly failure: TidemarkError | undefined
}

/** Misses after which a round stops and loads them. */
export const missesPerRound = 1000

/** A transaction and the record of what is done in it. `callIndex` tells the calls of one mutation apart. */
export function makeTx(
  schema: AnySchema,
  source: RowSource,
  context: TxContext,
): { readonly tx: (callIndex: number) => AnyTx; readonly record: TxRecord } {
  const reads = new Map<RowKey, ReadKind>()
  const questions = new Map<string, QueryAst>()
  const misses = { keys: new Set<RowKey>(), questions: new Map<string, QueryAst>() }
  const own = makeOverlay(source)
  let failure: TidemarkError | undefined
  const fail = (error: TidemarkError): never => {
    failure ??= error
    throw failure
  }
  const enter = (): void => {
    if (failure) throw failure
    try {
      context.check?.()
    } catch (error) {
      fail(error as TidemarkError)
    }
    if (misses.keys.size + misses.questions.size >= missesPerRound) throw new RoundIsFull()
  }
  const read = (collection: string, id: string, kind: ReadKind): AnyRow | undefined => {
    const key = makeRowKey(collection, id)
    if (!own.writes.has(key) && reads.get(key) !== 'value') reads.set(key, kind)
    const found = own.find(collection, id)
    if (found !== missing) return found
    misses.keys.add(key)
    return undefined
  }
  const ask = (ast: QueryAst): readonly AnyRow[] => {
    enter()
    questions.set(queryKey(ast.where ? { from: ast.from, where: ast.where } : { from: ast.from }), ast)
    const answer = own.select(ast)
    if (answer !== missing) return answer
    const wanted = own.widen(ast)
    misses.questions.set(queryKey(wanted), wanted)
    return []
  }

  const makeTable = (name: string, definition: CollectionDefinition): Table<AnyRow, AnyRow> => {
    const question = makeQuery<AnyRow>({ read: ask }, name)
    const get = (id: string): AnyRow | undefined => {
      enter()
      return read(name, mustKey(id, name), 'value')
    }
    return {
      where: question.where.bind(question) as Table<AnyRow, AnyRow>['where'],
      orderBy: question.orderBy.bind(question) as Table<AnyRow, AnyRow>['orderBy'],
      limit: question.limit.bind(question) as Table<AnyRow, AnyRow>['limit'],
      read: () => question.read(),
      get,
      getMany: (ids) => ids.map(get),
      has: (id) => {
        enter()
        return read(name, mustKey(id, name), 'existence') !== undefined
      },
      insert: (given) => {
        enter()
        const row = mustRow(definition, name, given)
        if (read(name, row.id, 'existence')) fail(new TidemarkError('refused/conflict', { details: { collection: name, id: row.id } }))
        own.set(name, row.id, row)
      },
      put: (given) => {
        enter()
        const row = mustRow(definition, name, given)
        own.set(name, row.id, row)
      },
      patch: (id, fields, options) => {
        enter()
        const before = read(name, mustKey(id, name), 'existence')
        if (before) own.set(name, id, mustRow(definition, name, patchRow(before, fields, options)))
      },
      remove: (id) => {
        enter()
        if (read(name, mustKey(id, name), 'existence')) own.set(name, id, undefined)
      },
    }
  }
  const tables = Object.fromEntries(Object.entries(schema.collections).map(([name, definition]) => [name, makeTable(name, definition)]))

  const tx = (callIndex: number): AnyTx => {
    let slots = 0
    return Object.freeze({
      ...tables,
      $tables: tables,
      user: context.user,
      onServer: context.onServer,
      authoredAt: context.authoredAt,
      mutationId: context.mutationId,
      newId: (slot?: string) => makeDerivedId(context.mutationId, callIndex, slot ?? slots++),
      reject: (code: string, message?: string) =>
        fail(
          new TidemarkError('refused/rejected', {
            details: { reason: String(code) },
            message: message === undefined ? `Rejected: ${code}. Change the input and try again.` : String(message),
          }),
        ),
    })
  }
  const record: TxRecord = {
    reads,
    questions,
    writes: own.writes,
    misses,
    get failure() {
      return failure
    },
  }
  return { tx, record }
}

/** Ends a round that missed enough; not an error, and never seen outside the run. */
export class RoundIsFull extends Error {}

function patchRow(before: AnyRow, fields: unknown, options: PatchOptions | undefined): unknown {
  const patch = copyValue(fields, 'patch') as object
  const merged: Record<string, unknown> = { ...before, ...patch, id: before.id }
  for (const field of options?.unset ?? []) if (field !== 'id') delete merged[field]
  return merged
}
