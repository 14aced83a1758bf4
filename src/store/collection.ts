import type { ReadonlySignal } from '../reactive.ts'
import type { NewRowOf, RowOf } from '../schema/collection.ts'
import type { Patch } from '../schema/schema.ts'
import type { Crud, Writing } from './mutate.ts'

/** One row, whether it exists or not: a signal of its value, and what is known of it. Reading any of its members tracks that row alone. */
export interface Entity<Row> extends ReadonlySignal<Row | undefined> {
  readonly id: string
  readonly exists: boolean
  /** Whether something unconfirmed stands in it. */
  readonly pending: boolean
}

/** An entity of a `crud` collection. */
export interface CrudEntity<Row, NewRow> extends Entity<Row> {
  patch(fields: Patch<NewRow>, options?: { readonly unset?: readonly string[] }): Writing
  remove(): Writing
}

/** A collection of a store: its rows one by one. Lists are asked for by `store.query`. */
export type CollectionFace<C> = C extends { readonly options: { readonly crud: true } }
  ? { entity(id: string): CrudEntity<RowOf<C>, NewRowOf<C>> } & Crud<NewRowOf<C>>
  : { entity(id: string): Entity<RowOf<C>> }
