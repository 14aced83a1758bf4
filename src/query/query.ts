import type { ReadonlySignal } from '../reactive.ts'
import type { TidemarkError } from '../errors.ts'
import type { OperatorName } from './ast.ts'

/** What `where` may compare a field of type V by. */
export type Operator<V> =
  | '='
  | '!='
  | 'in'
  | (NonNullable<V> extends string | number ? '<' | '<=' | '>' | '>=' : never)
  | (NonNullable<V> extends string ? 'startsWith' : never)

/** What stands on the right of an operator. An optional field is compared with null where it is absent. */
export type Operand<V, Op> = Op extends 'in'
  ? readonly Stored<V>[]
  : Op extends 'startsWith'
    ? string
    : Op extends '<' | '<=' | '>' | '>='
      ? NonNullable<V>
      : Stored<V>
type Stored<V> = undefined extends V ? Exclude<V, undefined> | null : V

declare const condition: unique symbol
/** A condition under construction, inside `where((row) => …)`. */
export interface Condition {
  readonly [condition]: true
}

/** Builds conditions that chaining cannot say: `row.or(row.is('a', '=', 1), row.not(row.is('b', '>', 2)))`. */
export interface Conditions<Row> {
  is<F extends Field<Row>, const O extends Operator<Row[F]> & OperatorName>(field: F, operator: O, value: Operand<Row[F], O>): Condition
  and(...all: readonly Condition[]): Condition
  or(...any: readonly Condition[]): Condition
  not(condition: Condition): Condition
}

type Field<Row> = Extract<keyof Row, string>

/** A question about one collection. Immutable: each call answers with a new one. Raises `invalid/query`. */
export interface Question<Row> {
  /** Narrows; several calls are joined by and. */
  where<F extends Field<Row>, const O extends Operator<Row[F]> & OperatorName>(field: F, operator: O, value: Operand<Row[F], O>): this
  where(build: (row: Conditions<Row>) => Condition): this
  /** Sorts; further calls break ties, ids break the last. Text sorts by UTF-16 code unit, null first. */
  orderBy(field: Field<Row>, direction?: 'asc' | 'desc'): this
  /** Answers with at most `count` rows. */
  limit(count: number): this
  /** The answer as of now. */
  read(): readonly Row[]
}

/** How far a live answer is to be trusted. */
export interface Status {
  readonly state: 'loading' | 'ready' | 'error'
  /** Whether all rows that the question means are here. */
  readonly complete: boolean
  /** Whether a newer answer is known to exist. */
  readonly stale: boolean
  readonly error: TidemarkError | undefined
}

/** A question, kept answered: a signal whose value changes only when the answer does. It costs nothing until it is watched. */
export interface Live<T> extends ReadonlySignal<T> {
  readonly status: ReadonlySignal<Status>
}

/** A question that a store answers. */
export interface Query<Row> extends Question<Row> {
  /** The answer once the store's rows are loaded. Raises `misuse/closed`. */
  run(options?: { readonly signal?: AbortSignal }): Promise<readonly Row[]>
  /** The answer as a signal; equal questions share one. */
  live(): Live<readonly Row[]>
}
