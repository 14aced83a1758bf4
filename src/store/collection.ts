import type { Pool } from '../pool/pool.ts'
import type { Live, Related, Status, Target } from '../query/query.ts'
import { computed, type ReadonlySignal } from '../reactive.ts'
import type { CollectionDefinition, NewRowOf, RelationName, RowOf } from '../schema/collection.ts'
import type { AnyRow } from '../schema/row.ts'
import type { Patch } from '../schema/schema.ts'
import { mustKey } from '../schema/validate.ts'
import { makeWeakValues } from '../util/weak-values.ts'
import type { Crud, Writing } from './mutate.ts'

/** One row, whether it exists or not: a signal of its value, and what is known of it. Reading any of its members tracks that row alone. */
export interface Entity<Row, C = unknown, N extends keyof C = never> extends ReadonlySignal<Row | undefined> {
  readonly id: string
  readonly exists: boolean
  /** Tells a row that is not there from one that is not loaded yet. */
  readonly status: ReadonlySignal<Status>
  /** Whether something unconfirmed stands in it. */
  readonly pending: boolean
  /** What a relation of the row leads to, kept up: one row or undefined, or a list in the order of ids; of a row that is not there, undefined or none. */
  related<R extends RelationName<C[N]>>(relation: R): Live<Related<C, N, R, RowOf<C[Target<C, N, R>]>>>
}

/** An entity of a `crud` collection. */
export interface CrudEntity<Row, NewRow, C = unknown, N extends keyof C = never> extends Entity<Row, C, N> {
  patch(fields: Patch<NewRow>, options?: { readonly unset?: readonly string[] }): Writing
  remove(): Writing
}

/** A collection of a store: its rows one by one. Lists are asked for by `store.query`. */
export type CollectionFace<C, N extends keyof C> = C[N] extends { readonly options: { readonly crud: true } }
  ? { entity(id: string): CrudEntity<RowOf<C[N]>, NewRowOf<C[N]>, C, N> } & Crud<NewRowOf<C[N]>>
  : { entity(id: string): Entity<RowOf<C[N]>, C, N> }

/** What the face of a collection is made of. */
export interface CollectionParts {
  readonly pool: Pool
  readonly status: ReadonlySignal<Status>
  readonly call: (name: string, args: readonly unknown[]) => Writing
  /** The live answer to what the row of an id has by a relation. */
  readonly relate: (collection: string, id: string, relation: string) => Live<unknown>
}

/** The face of one collection over the pool. `call` makes the generated mutations. */
export function makeCollection(name: string, definition: CollectionDefinition, { pool, status, call, relate }: CollectionParts): object {
  const entities = makeWeakValues<Entity<AnyRow>>()
  const generate =
    (verb: string, ...bound: readonly unknown[]) =>
    (...args: readonly unknown[]) =>
      call(`${name}.${verb}`, [...bound, ...args])
  const makeEntity = (id: string): Entity<AnyRow> => {
    const row = pool.rowSignal(name, id)
    const relatedByName = new Map<string, Live<unknown>>()
    const related = (relation: string): Live<unknown> => {
      const known = relatedByName.get(relation) ?? relate(name, id, relation)
      relatedByName.set(relation, known)
      return known
    }
    const entity = Object.assign(
      computed(() => row.value),
      { related },
      definition.options.crud ? { patch: generate('patch', id), remove: generate('remove', id) } : {},
    )
    return Object.defineProperties(entity, {
      id: { value: id, enumerable: true },
      status: { value: status },
      exists: { get: () => row.value !== undefined },
      pending: { get: () => pool.pendingSignal(name, id).value },
    }) as unknown as Entity<AnyRow>
  }
  const face = {
    entity(given: string) {
      const id = mustKey(given, name)
      return entities.find(id) ?? entities.set(id, makeEntity(id))
    },
  }
  return definition.options.crud ? { ...face, insert: generate('insert'), patch: generate('patch'), remove: generate('remove') } : face
}
