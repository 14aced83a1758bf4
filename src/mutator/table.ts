import { TidemarkError } from '../errors.ts'
import { answerQuery } from '../query/answer.ts'
import type { QueryAst } from '../query/ast.ts'
import { makeQuery } from '../query/builder.ts'
import type { Question } from '../query/query.ts'
import type { CollectionDefinition, NewRowOf, RowOf } from '../schema/collection.ts'
import type { AnySchema, Patch } from '../schema/schema.ts'
import type { AnyRow } from '../schema/row.ts'
import { copyValue, mustKey, mustRow } from '../schema/validate.ts'
import type { ReadKind, Recorder } from './recorder.ts'

/** A collection inside a mutator: the question about all its rows, and its rows one by one. Writes show at once to the reads that follow. */
export interface Table<C, N extends keyof C> extends TableRows<RowOf<C[N]>, NewRowOf<C[N]>>, Question<RowOf<C[N]>, C, N> {}

/** The rows of a collection one by one, inside a mutator. */
export interface TableRows<Row, NewRow> {
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

// what a table has of a question about all its rows
const questionWords = [
  ...([
    'where',
    'exists',
    'notExists',
    'innerJoin',
    'leftJoin',
    'orderBy',
    'after',
    'offset',
    'limit',
    'with',
    'select',
    'distinct',
  ] as const),
  ...(['first', 'single', 'count', 'sum', 'avg', 'min', 'max', 'aggregate', 'groupBy', 'read', 'toJSON'] as const),
] as const satisfies readonly (keyof Question<AnyRow, unknown, never>)[]

const rowWords = ['get', 'getMany', 'has', 'insert', 'put', 'patch', 'remove'] as const satisfies readonly (keyof TableRows<
  AnyRow,
  AnyRow
>)[]

/** Which collection a table is of. */
export interface Named {
  readonly schema: AnySchema
  readonly name: string
  readonly definition: CollectionDefinition
}

/** A table over the recorder of a run. */
export class TxTable implements TableRows<AnyRow, AnyRow> {
  static {
    for (const word of questionWords)
      Object.defineProperty(this.prototype, word, {
        get(this: TxTable) {
          return (...given: readonly unknown[]): unknown => {
            const read = (ast: QueryAst): unknown => answerQuery(ast, (plain) => this.#record.ask(plain))
            const question = makeQuery({ read }, this.#schema, this.#name) as unknown as Record<
              string,
              (...given: readonly unknown[]) => unknown
            >
            return question[word]?.(...given)
          }
        },
      })
  }
  static {
    // functions of their own, so that a mutator may take them out of a table
    for (const word of rowWords) {
      const method = this.prototype[word]
      Object.defineProperty(this.prototype, word, {
        get(this: TxTable) {
          return method.bind(this as never)
        },
      })
    }
  }
  readonly #record: Recorder
  readonly #schema: AnySchema
  readonly #name: string
  readonly #definition: CollectionDefinition
  readonly #isReadOnly: boolean

  constructor(record: Recorder, { schema, name, definition }: Named, isReadOnly: boolean) {
    this.#record = record
    this.#schema = schema
    this.#name = name
    this.#definition = definition
    this.#isReadOnly = isReadOnly
  }

  get(id: string): AnyRow | undefined {
    return this.#read(id, 'value')
  }

  getMany(ids: readonly string[]): readonly (AnyRow | undefined)[] {
    return ids.map((id) => this.#read(id, 'value'))
  }

  has(id: string): boolean {
    return this.#read(id, 'existence') !== undefined
  }

  insert(given: AnyRow): void {
    const row = this.#mustRow(given)
    if (this.#record.read(this.#name, row.id, 'existence'))
      this.#record.fail(new TidemarkError('refused/conflict', { details: { collection: this.#name, id: row.id } }))
    this.#record.write(this.#name, row.id, row)
  }

  put(given: AnyRow): void {
    const row = this.#mustRow(given)
    this.#record.write(this.#name, row.id, row)
  }

  patch(id: string, fields: object, options?: PatchOptions): void {
    this.#mustWrite()
    const before = this.#read(id, 'existence')
    if (before) this.#record.write(this.#name, id, mustRow(this.#definition, this.#name, patchRow(before, fields, options)))
  }

  remove(id: string): void {
    this.#mustWrite()
    if (this.#read(id, 'existence')) this.#record.write(this.#name, id, undefined)
  }

  #read(id: string, kind: ReadKind): AnyRow | undefined {
    this.#record.enter()
    return this.#record.read(this.#name, mustKey(id, this.#name), kind)
  }

  #mustRow(given: AnyRow): AnyRow {
    this.#mustWrite()
    this.#record.enter()
    return mustRow(this.#definition, this.#name, given)
  }

  #mustWrite(): void {
    if (this.#isReadOnly) refuseWrite()
  }
}

/** Refuses a write by a function that only answers a question. */
export function refuseWrite(): never {
  throw new TidemarkError('misuse/write-outside-mutator', {
    message: '`authorize` and `audiences` only read. Move the write into a mutator.',
  })
}

function patchRow(before: AnyRow, fields: unknown, options: PatchOptions | undefined): unknown {
  const patch = copyValue(fields, 'patch') as object
  const merged: Record<string, unknown> = { ...before, ...patch, id: before.id }
  for (const field of options?.unset ?? []) if (field !== 'id') delete merged[field]
  return merged
}
