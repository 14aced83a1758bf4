import { TidemarkError } from '../errors.ts'
import type { AnyCollection, CollectionDefinition, FieldName, RelationsOf, RowOf } from './collection.ts'
import { findFields } from './fields.ts'
import type { Many, One, Through } from './relation.ts'

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

// `unknown` where all is well, so that it lends no contextual type to the calls of collection() inside
type CheckCollections<C> = { readonly [K in keyof C]: [CollectionProblem<C, K>] extends [never] ? unknown : CollectionProblem<C, K> }
type CollectionProblem<C, K extends keyof C> =
  | (K extends ReservedName ? `"${K}" is a name of the transaction itself: choose another` : never)
  | {
      [N in keyof RelationsOf<C[K]>]: N extends FieldName<RowOf<C[K]>>
        ? `relation "${N & string}" has the name of a field`
        : RelationProblem<C, C[K], RelationsOf<C[K]>[N]>
    }[keyof RelationsOf<C[K]>]
type RelationProblem<C, Self, R> =
  R extends One<infer T, infer F>
    ? T extends keyof C
      ? FieldProblem<F, Self, 'this collection'>
      : `no collection "${T}"`
    : R extends Many<infer T, infer F>
      ? T extends keyof C
        ? FieldProblem<F, C[T], `collection "${T}"`>
        : `no collection "${T}"`
      : R extends Through<infer T, infer L, infer A, infer B>
        ? T extends keyof C
          ? L extends keyof C
            ? FieldProblem<A, C[L], `collection "${L}"`> | FieldProblem<B, C[L], `collection "${L}"`>
            : `no collection "${L}"`
          : `no collection "${T}"`
        : never
type FieldProblem<F extends string, In, Where extends string> = F extends keyof RowOf<In> ? never : `no field "${F}" in ${Where}`
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
  mustBeWhole(collections as unknown as AnySchema['collections'])
  return { version, collections: Object.freeze({ ...collections }) as C }
}

// what relations and indexes name is there, as far as the schemas tell
function mustBeWhole(collections: AnySchema['collections']): void {
  const mustHave = (name: string, field: string, path: string): void => {
    const fields = findFields((collections[name] as CollectionDefinition).schema)
    if (fields && !fields.has(field)) wrong(path, `names "${field}", which is no field of ${name}`)
  }
  for (const [name, { schema, options }] of Object.entries(collections)) {
    for (const field of (options.indexes ?? []).flat()) mustHave(name, field, `${name}.indexes`)
    for (const [relation, to] of Object.entries(options.relations ?? {})) {
      const path = `${name}.${relation}`
      // in a row it would seem to be there already, or be lost
      if (relation in Object.prototype) wrong(path, 'has a name that every object has')
      for (const target of to.kind === 'through' ? [to.target, to.link] : [to.target])
        if (!Object.hasOwn(collections, target)) wrong(path, `is to "${target}", which is no collection of this schema`)
      if (findFields(schema)?.has(relation)) wrong(path, 'has the name of a field')
      if (to.kind === 'one') mustHave(name, to.field, path)
      if (to.kind === 'many') mustHave(to.target, to.field, path)
      if (to.kind === 'through') for (const field of [to.from, to.to]) mustHave(to.link, field, path)
    }
  }
}

function wrong(path: string, what: string): never {
  throw new TidemarkError('misuse/schema', { details: { path }, message: `defineSchema(): \`${path}\` ${what}. Correct it.` })
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
