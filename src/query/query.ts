import type { TidemarkError } from '../errors.ts'
import type { ReadonlySignal } from '../reactive.ts'
import type { FieldName, RelationName, RelationsOf, RowOf } from '../schema/collection.ts'
import type { One } from '../schema/relation.ts'
import type { OperatorName, QueryAst } from './ast.ts'

/** What `where` may compare a field of type V by. */
export type Operator<V> =
  | '='
  | '!='
  | 'in'
  | 'notIn'
  | 'isNull'
  | (NonNullable<V> extends string | number ? '<' | '<=' | '>' | '>=' : never)
  | (NonNullable<V> extends string ? 'startsWith' | 'like' | 'ilike' : never)
  | (NonNullable<V> extends readonly unknown[] ? 'contains' : never)

/** What stands on the right of an operator. An optional field is compared with null where it is absent. */
export type Operand<V, Op> = Op extends 'in' | 'notIn'
  ? readonly Stored<V>[]
  : Op extends 'isNull'
    ? boolean
    : Op extends 'startsWith' | 'like' | 'ilike'
      ? string
      : Op extends 'contains'
        ? NonNullable<V> extends readonly (infer Member)[]
          ? Member
          : never
        : Op extends '<' | '<=' | '>' | '>='
          ? NonNullable<V>
          : Stored<V>
type Stored<V> = undefined extends V ? Exclude<V, undefined> | null : V

type Simplify<T> = { [K in keyof T]: T[K] } & {}
type Field<Row> = Extract<keyof Row, string>
type NumberField<Row> = { [K in keyof Row]-?: NonNullable<Row[K]> extends number ? K : never }[keyof Row] & string
type ScalarField<Row> = { [K in keyof Row]-?: NonNullable<Row[K]> extends number | string ? K : never }[keyof Row] & string
type Direction = 'asc' | 'desc'
type Nulls = 'first' | 'last'

/** The collection that a relation leads to. */
export type Target<C, N extends keyof C, R extends string> =
  RelationsOf<C[N]> extends { readonly [K in R]: { readonly target: infer T } } ? (T extends keyof C ? T : never) : never
/** What a relation brings: one row or undefined, or a list. */
export type Related<C, N extends keyof C, R extends string, T> =
  RelationsOf<C[N]> extends { readonly [K in R]: One } ? T | undefined : readonly T[]
type Included<T, R extends string, V> = Simplify<T & { readonly [K in R]: V }>

type OneName<C, N extends keyof C> = { [R in RelationName<C[N]>]: RelationsOf<C[N]>[R] extends One ? R : never }[RelationName<C[N]>]
// a field of the row, of the row that a to-one relation leads to (`shelf.name`), or of a joined row
type Path<C, N extends keyof C, J> =
  | Field<RowOf<C[N]>>
  | { [R in OneName<C, N>]: `${R}.${Field<RowOf<C[Target<C, N, R>]>>}` }[OneName<C, N>]
  | { [A in Extract<keyof J, string>]: `${A}.${Field<NonNullable<J[A]>>}` }[Extract<keyof J, string>]
type ValueAt<C, N extends keyof C, J, P> =
  P extends Field<RowOf<C[N]>>
    ? RowOf<C[N]>[P]
    : P extends `${infer A}.${infer F}`
      ? A extends keyof J
        ? NonNullable<J[A]>[F & keyof NonNullable<J[A]>] | (undefined extends J[A] ? null : never)
        : RowOf<C[Target<C, N, A>]>[F & keyof RowOf<C[Target<C, N, A>]>] | null
      : never
type Distinct<T> = { [K in keyof T]: undefined extends T[K] ? T[K] | null : T[K] }
// keys of groups are stored values: an absent field counts as null
type KeysOf<C, N extends keyof C, J, P extends string> = { readonly [K in P]: Stored<ValueAt<C, N, J, K>> }

declare const condition: unique symbol
/** A condition under construction, inside `where((row) => …)`. */
export interface Condition {
  readonly [condition]: true
}

/** Builds conditions that chaining cannot say: `row.or(row.is('a', '=', 1), row.not(row.exists('labels')))`. */
export interface Conditions<C, N extends keyof C> {
  is<F extends Field<RowOf<C[N]>>, const O extends Operator<RowOf<C[N]>[F]> & OperatorName>(
    field: F,
    operator: O,
    value: Operand<RowOf<C[N]>[F], O>,
  ): Condition
  exists<R extends RelationName<C[N]>>(relation: R, refine?: Refine<C, Target<C, N, R>>): Condition
  and(...all: readonly Condition[]): Condition
  or(...any: readonly Condition[]): Condition
  not(condition: Condition): Condition
}

/** Narrows the rows that a relation or a join leads to. */
export type Refine<C, N extends keyof C> = (query: Part<RowOf<C[N]>, C, N>) => Part<unknown, C, N, unknown>

/** A question that is answered as of now. It is plain data: `JSON.stringify(question)` is the question. */
export interface Reading<T> {
  /** The answer as of now. */
  read(): T
  toJSON(): QueryAst
}

/** A question that a store answers, whatever the answer is: a list, a row, a number, groups. */
export interface Answer<T> extends Reading<T> {
  /** The answer once the store's rows are loaded. Raises `misuse/closed`. */
  run(options?: { readonly signal?: AbortSignal }): Promise<T>
  /** The answer as a signal; equal questions share one. */
  live(): Live<T>
  /** How the answer is worked out: operators, the index chosen, rows held, time per change. `String(…)` of it is a drawing. */
  explain(): Explanation
}

/** A question whose answer is a list. */
export interface Listing<Row> extends Answer<readonly Row[]> {
  /** Calls back with what changed in the answer, at first with all its rows as added. Answers with how to stop. */
  watch(listener: (diff: Diff<Row>) => void): () => void
}

/** What changed in an answer: an edited row is another object for the same row. */
export interface Diff<Row> {
  readonly added: readonly Row[]
  readonly edited: readonly { readonly before: Row; readonly after: Row }[]
  readonly removed: readonly Row[]
}

/** How an answer is worked out. */
export interface Explanation {
  readonly operator: string
  /** What it does: the condition, the order, the index. */
  readonly detail: string
  /** How many rows it holds for itself. */
  readonly rows: number
  /** Commits that it heard of while it was open, and the mean time that one took it, in milliseconds; one in eight is timed. */
  readonly pushes?: number
  readonly msPerPush?: number
  readonly inputs: readonly Explanation[]
  toString(): string
}

/** What may be asked where: in a store all of it, in a mutator `read`, inside another question nothing. */
export interface Faces<T, C, N extends keyof C, J> {
  readonly store: Query<T, C, N, J>
  readonly tx: Question<T, C, N, J>
  readonly part: Part<T, C, N, J>
}
interface Answers<T> {
  readonly store: Answer<T>
  readonly tx: Reading<T>
  readonly part: NotHere
}
type NotHere = 'nothing is answered inside a question'

/** Narrows, sorts and widens a question. Immutable: each call answers with a new one. Raises `invalid/query`. */
export interface Asking<T, C, N extends keyof C, J, M extends keyof Answers<T>> {
  /** Narrows; several calls are joined by and. */
  where<F extends Field<RowOf<C[N]>>, const O extends Operator<RowOf<C[N]>[F]> & OperatorName>(
    field: F,
    operator: O,
    value: Operand<RowOf<C[N]>[F], O>,
  ): Faces<T, C, N, J>[M]
  where(build: (row: Conditions<C, N>) => Condition): Faces<T, C, N, J>[M]
  /** Keeps the rows that have a related row, one that `refine` leaves. */
  exists<R extends RelationName<C[N]>>(relation: R, refine?: Refine<C, Target<C, N, R>>): Faces<T, C, N, J>[M]
  /** Keeps the rows that have none. */
  notExists<R extends RelationName<C[N]>>(relation: R, refine?: Refine<C, Target<C, N, R>>): Faces<T, C, N, J>[M]
  /** Adds rows of another collection where fields are equal: a row that meets several is there as often, one that meets none is dropped. */
  innerJoin<M2 extends Extract<keyof C, string>, const A extends string>(
    collection: M2,
    join: JoinOptions<T, C, N, M2, A>,
  ): Faces<Included<T, A, RowOf<C[M2]>>, C, N, J & { readonly [K in A]: RowOf<C[M2]> }>[M]
  /** The same, but a row that meets none stays, with undefined. */
  leftJoin<M2 extends Extract<keyof C, string>, const A extends string>(
    collection: M2,
    join: JoinOptions<T, C, N, M2, A>,
  ): Faces<Included<T, A, RowOf<C[M2]> | undefined>, C, N, J & { readonly [K in A]: RowOf<C[M2]> | undefined }>[M]
  /** Sorts, also by a field of a to-one relation or a join (`shelf.name`); further calls break ties, ids break the last. Text sorts by UTF-16 code unit, null is least unless placed. */
  orderBy(field: Path<C, N, J>, direction?: Direction, nulls?: Nulls): Faces<T, C, N, J>[M]
  /** Begins behind a row of an earlier answer to the same order, wherever that row is now. */
  after(row: T & { readonly id: string }): Faces<T, C, N, J>[M]
  /** Passes over the first `count` rows. */
  offset(count: number): Faces<T, C, N, J>[M]
  /** Answers with at most `count` rows. */
  limit(count: number): Faces<T, C, N, J>[M]
  /** Brings related rows within each row: one or undefined, or a list in the order and limit that `refine` says. */
  with<R extends RelationName<C[N]>>(relation: R): Faces<Included<T, R, Related<C, N, R, RowOf<C[Target<C, N, R>]>>>, C, N, J>[M]
  with<R extends RelationName<C[N]>, Sub>(
    relation: R,
    refine: (query: Part<RowOf<C[Target<C, N, R>]>, C, Target<C, N, R>>) => Part<Sub, C, Target<C, N, R>, unknown>,
  ): Faces<Included<T, R, Related<C, N, R, Sub>>, C, N, J>[M]
  /** Leaves only these fields of each row. */
  select<const F extends readonly [Field<T>, ...Field<T>[]]>(...fields: F): Faces<Simplify<Pick<T, F[number]>>, C, N, J>[M]
  /** Each row once, of what `select` leaves; an absent field is null. Without `select` all rows differ already. */
  distinct(): Faces<Distinct<T>, C, N, J>[M]
  /** The first row of the answer, or undefined. */
  first(): Answers<T | undefined>[M]
  /** The row of that id, or undefined. */
  single(id: string): Answers<T | undefined>[M]
  /** How many rows the answer has. */
  count(): Answers<number>[M]
  /** The exact sum, rounded once; null and absence are passed over. */
  sum(field: NumberField<RowOf<C[N]>>): Answers<number>[M]
  /** The exact mean, rounded once; undefined without a value. */
  avg(field: NumberField<RowOf<C[N]>>): Answers<number | undefined>[M]
  /** The least value; undefined without one. */
  min<F extends ScalarField<RowOf<C[N]>>>(field: F): Answers<NonNullable<RowOf<C[N]>[F]> | undefined>[M]
  /** The greatest value; undefined without one. */
  max<F extends ScalarField<RowOf<C[N]>>>(field: F): Answers<NonNullable<RowOf<C[N]>[F]> | undefined>[M]
  /** Several at once: `aggregate({ n: 'count', pages: { sum: 'pageCount' } })`. */
  aggregate<const A extends Aggregates<RowOf<C[N]>>>(aggregates: A): Answers<Aggregated<RowOf<C[N]>, A>>[M]
  /** Puts the rows of the answer into groups by one or several fields. */
  groupBy<const P extends readonly [Path<C, N, J>, ...Path<C, N, J>[]]>(...fields: P): Grouped<RowOf<C[N]>, KeysOf<C, N, J, P[number]>, M>
}

/** With which rows to join: those whose field (the second of `on`) equals the row's own (the first). */
export interface JoinOptions<T, C, N extends keyof C, M2 extends keyof C, A extends string> {
  /** The name of the joined row within the answer's rows. */
  readonly as: A & (A extends FieldName<T> ? `"${A}" is a name that the row has already` : unknown)
  readonly on: readonly [own: Field<RowOf<C[N]>>, other: Field<RowOf<C[M2]>>]
  readonly where?: Refine<C, M2>
}

/** Aggregates by name. */
export interface Aggregates<Row> {
  readonly [name: string]: Aggregate<Row>
}
/** What is told of several rows. */
export type Aggregate<Row> =
  | 'count'
  | { readonly sum: NumberField<Row> }
  | { readonly avg: NumberField<Row> }
  | { readonly min: ScalarField<Row> }
  | { readonly max: ScalarField<Row> }
type Aggregated<Row, A> = {
  readonly [K in keyof A]: A[K] extends 'count' | { readonly sum: string }
    ? number
    : A[K] extends { readonly min: infer F extends keyof Row } | { readonly max: infer F extends keyof Row }
      ? NonNullable<Row[F]> | undefined
      : number | undefined
}

/** Rows in groups, about to be told of. */
export interface Grouped<Row, Keys, M extends keyof Answers<unknown>> {
  /** Each group with how many rows it has: `{ status: 'open', count: 3 }`. */
  count(): GroupFaces<Simplify<Keys & { readonly count: number }>>[M]
  aggregate<const A extends Aggregates<Row>>(aggregates: A): GroupFaces<Simplify<Keys & Aggregated<Row, A>>>[M]
}
interface GroupFaces<G> {
  readonly store: Groups<G>
  readonly tx: GroupsInTx<G>
  readonly part: NotHere
}
interface Grouping<G, M extends keyof Answers<unknown>> {
  /** Keeps groups by one of their keys or aggregates; several calls are joined by and. */
  having<F extends Field<G>, const O extends Operator<G[F]> & OperatorName>(
    field: F,
    operator: O,
    value: Operand<G[F], O>,
  ): GroupFaces<G>[M]
  /** Sorts the groups; without it they go by their keys. */
  orderBy(field: Field<G>, direction?: Direction, nulls?: Nulls): GroupFaces<G>[M]
  offset(count: number): GroupFaces<G>[M]
  limit(count: number): GroupFaces<G>[M]
  first(): Answers<G | undefined>[M]
}
/** Groups as a question. */
export interface Groups<G> extends Grouping<G, 'store'>, Listing<G> {}
/** Groups as a question inside a mutator. */
export interface GroupsInTx<G> extends Grouping<G, 'tx'>, Reading<readonly G[]> {}

/** A question inside another one: it is narrowed, not answered. */
export interface Part<T, C, N extends keyof C, J = {}> extends Asking<T, C, N, J, 'part'> {
  readonly ast: QueryAst
}

/** A question inside a mutator. */
export interface Question<T, C, N extends keyof C, J = {}> extends Asking<T, C, N, J, 'tx'>, Reading<readonly T[]> {}

/** A question that a store answers. */
export interface Query<T, C, N extends keyof C, J = {}> extends Asking<T, C, N, J, 'store'>, Listing<T> {
  /** The answer as a window that grows: at first of the question's limit, and by as much with each `more()`. */
  infinite(): Infinite<T>
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

/** A live window on a long answer. */
export interface Infinite<Row> extends Live<readonly Row[]> {
  /** Whether there are rows beyond the window. */
  readonly hasMore: ReadonlySignal<boolean>
  /** Widens the window by one page, or by several at once; the rows that it shows stay. */
  more(pages?: number): void
}
