import { TidemarkError } from '../errors.ts'
import type { AnySchema, Schema } from '../schema/schema.ts'
import type { AnyRow } from '../schema/row.ts'
import { makeDerivedId } from '../util/id.ts'
import { Recorder, type TxContext, type TxRecord } from './recorder.ts'
import type { RowSource } from './source.ts'
import { refuseWrite, type Table, type TableRows, TxTable } from './table.ts'

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
export type TxOver<C> = TxBase & { readonly [N in keyof C]: Table<C, N> }

/** What a mutator is given; for a helper's parameter: `(tx: Tx<typeof schema>) => …`. */
export type Tx<S> = S extends Schema<infer C> ? TxOver<C> : never

/** The transaction when its types are of no interest. */
export interface AnyTx extends TxBase {
  /** The collections once more, under a name that none of them can have. */
  readonly $tables: Readonly<Record<string, TableRows<AnyRow, AnyRow>>>
  /** The same transaction, for a function that only answers a question: its writes throw `misuse/write-outside-mutator`, and it takes no ids from the mutator. */
  readonly $readOnly: AnyTx
}

/** A transaction and the record of what is done in it. `callIndex` tells the calls of one mutation apart. */
export function makeTx(
  schema: AnySchema,
  source: RowSource,
  context: TxContext,
): { readonly tx: (callIndex: number) => AnyTx; readonly record: TxRecord & { end(): void } } {
  const record = new Recorder(source, context)
  const TxFace = txClassOf(schema)
  return { tx: (callIndex) => new TxFace(record, callIndex), record }
}

// what each transaction over a schema has, made once: a mutation touches few of its collections
const txClassBySchema = new WeakMap<AnySchema, new (record: Recorder, callIndex: number) => AnyTx>()

function txClassOf(schema: AnySchema): new (record: Recorder, callIndex: number) => AnyTx {
  let made = txClassBySchema.get(schema)
  if (!made) txClassBySchema.set(schema, (made = makeTxClass(schema)))
  return made
}

function makeTxClass(schema: AnySchema): new (record: Recorder, callIndex: number) => AnyTx {
  class TxFace implements TxBase {
    static {
      for (const [name, definition] of Object.entries(schema.collections)) {
        const about = { schema, name, definition }
        Object.defineProperty(this.prototype, name, {
          get(this: TxFace) {
            return new TxTable(this.#record, about, this.#isReadOnly)
          },
        })
      }
    }
    readonly #record: Recorder
    readonly #callIndex: number
    readonly #isReadOnly: boolean
    #slots = 0

    constructor(record: Recorder, callIndex: number, isReadOnly = false) {
      this.#record = record
      this.#callIndex = callIndex
      this.#isReadOnly = isReadOnly
      Object.freeze(this)
    }

    get user(): string | null {
      return this.#record.context.user
    }

    get onServer(): boolean {
      return this.#record.context.onServer
    }

    get authoredAt(): number {
      return this.#record.context.authoredAt
    }

    get mutationId(): string {
      return this.#record.context.mutationId
    }

    // functions of their own, so that a mutator may take them out of `tx`
    get newId(): (slot?: string) => string {
      if (this.#isReadOnly) return refuseWrite
      return (slot) => makeDerivedId(this.mutationId, this.#callIndex, slot ?? this.#slots++)
    }

    get reject(): (code: string, message?: string) => never {
      return (code, message) => this.#record.fail(makeRejection(code, message))
    }

    get $tables(): AnyTx['$tables'] {
      return this as unknown as AnyTx['$tables']
    }

    get $readOnly(): AnyTx {
      return new TxFace(this.#record, this.#callIndex, true)
    }
  }
  return TxFace
}

function makeRejection(code: string, message: string | undefined): TidemarkError {
  return new TidemarkError('refused/rejected', {
    details: { reason: String(code) },
    message: message === undefined ? `Rejected: ${code}. Change the input and try again.` : String(message),
  })
}
