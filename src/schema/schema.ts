import { TidemarkError } from '../errors.ts'
import type { AnyCollection, CollectionDefinition, RowOf } from './collection.ts'

/** Collections by name, as given to `defineSchema`. */
export interface Collections {
  readonly [name: string]: AnyCollection
}

/** A schema: its version and its collections. Shared by client and server. */
export interface Schema<C> {
  readonly version: number
  readonly collections: C
}

/** A schema at run time, when its types are of no interest. */
export type AnySchema = Schema<Readonly<Record<string, CollectionDefinition>>>

/** The stored row of a collection: `Row<typeof schema, 'books'>`. */
export type Row<S, N extends string> = S extends Schema<infer C> ? (N extends keyof C ? RowOf<C[N]> : never) : never

/** The names of the collections that a client can see. */
export type Visible<C> = { [N in keyof C]: C[N] extends { readonly options: { readonly audience: 'server' } } ? never : N }[keyof C]
/** The names of the collections with generated `insert`, `patch` and `remove`. */
export type WithCrud<C> = { [N in keyof C]: C[N] extends { readonly options: { readonly crud: true } } ? N : never }[keyof C]
/** What `patch` takes: some fields, never the id. */
export type Patch<NewRow> = { [K in keyof Omit<NewRow, 'id'>]?: NewRow[K & keyof NewRow] }

type CheckCollections<C> = {
  // `unknown` where all is well, so that it lends no contextual type to the calls of collection() inside
  readonly [K in keyof C]: K extends ReservedName ? `"${K}" is a name of the transaction itself: choose another` : unknown
}
type ReservedName = (typeof reservedNames)[number]

/** Names that a collection may not have, because `tx` has them. */
const reservedNames = ['user', 'onServer', 'authoredAt', 'mutationId', 'newId', 'reject', 'as', 'enqueueAction'] as const

/**
 * Fixes the collections and the version of what they look like.
 * Raises `misuse/schema` and `misuse/reserved-name`.
 */
export function defineSchema<const C extends Collections>(definition: {
  readonly version: number
  readonly collections: C & CheckCollections<C>
}): Schema<C> {
  const { version, collections } = definition
  if (!Number.isSafeInteger(version) || version < 1)
    throw new TidemarkError('misuse/schema', {
      details: { path: 'version' },
      message: 'defineSchema(): `version` is not a whole number from 1. Correct it.',
    })
  for (const name of Object.keys(collections)) {
    if ((reservedNames as readonly string[]).includes(name))
      throw new TidemarkError('misuse/reserved-name', {
        details: { name },
        message: `"${name}" is a name of the transaction itself. Choose another one for the collection.`,
      })
    if (!/^[A-Za-z][A-Za-z0-9_]{0,62}$/.test(name) || name === 'constructor' || name === 'prototype')
      throw new TidemarkError('misuse/schema', {
        details: { path: name },
        message: `"${name}" is not a collection name. Use a letter, then letters, digits and underscores, 63 at most.`,
      })
  }
  return { version, collections: Object.freeze({ ...collections }) as C }
}

/** The definition of a collection. Raises `misuse/unknown-collection`. */
export function mustCollection(schema: AnySchema, name: string): CollectionDefinition {
  if (!Object.hasOwn(schema.collections, name))
    throw new TidemarkError('misuse/unknown-collection', {
      details: { name, known: Object.keys(schema.collections) },
      message: `The schema has no collection "${name}". Check the name, or add it to defineSchema().`,
    })
  return schema.collections[name] as CollectionDefinition
}
