import type { StandardSchemaV1 } from '@standard-schema/spec'
import { TidemarkError } from '../errors.ts'
import type { Relation } from './relation.ts'
import type { AnyRow } from './row.ts'

/** How a collection is kept, beside the shape of its rows. */
export interface CollectionOptions<Row> {
  /** Generates the mutators `insert`, `patch` and `remove` for this collection. */
  readonly crud?: boolean
  /** Who may see its rows: everybody in the space (`shared`, the default), the server alone, or whoever holds the audience that a row names. */
  readonly audience?: 'shared' | 'server' | ((row: Row) => string)
  /** Fields, and lists of fields, that questions find rows by. */
  readonly indexes?: readonly (Extract<keyof Row, string> | readonly Extract<keyof Row, string>[])[]
  /** Rows of other collections that a row refers to, or that refer to it, by name. */
  readonly relations?: { readonly [name: string]: Relation }
}

declare const row: unique symbol
declare const newRow: unique symbol
declare const isCollection: unique symbol

/** Any collection. It says nothing of rows or options on purpose: as a contextual type it would fix them too early. */
export interface AnyCollection {
  readonly [isCollection]: true
}

/** A declared collection: the row as it is stored, the row as it may be given, and its options. */
export interface Collection<Row, NewRow, O> extends AnyCollection {
  readonly [row]: Row
  readonly [newRow]: NewRow
  readonly options: O
}

/** What a collection is at run time; its types are the face above. */
export interface CollectionDefinition {
  readonly schema: StandardSchemaV1
  readonly options: CollectionOptions<AnyRow>
}

/** The row of a collection as it is stored and read. */
export type RowOf<C> = C extends { readonly [row]: infer R } ? R : never
/** The row of a collection as it may be given to `insert`: defaults may be left out. */
export type NewRowOf<C> = C extends { readonly [newRow]: infer R } ? R : never

/** The fields that a row names: one that lets others through too has any, and names few. */
export type FieldName<Row> = keyof { [K in keyof Row as string extends K ? never : K]: K }

/** The declared relations of a collection. */
export type RelationsOf<C> = C extends { readonly options: { readonly relations: infer R } } ? R : {}
/** The names of its relations. */
export type RelationName<C> = Extract<keyof RelationsOf<C>, string>

/**
 * Declares a collection by the schema of its rows: any Standard Schema whose output is plain JSON with a text `id` of 1 to 256 characters.
 * Raises `misuse/schema` for an option that does not exist.
 */
export function collection<NewRow, Row extends { id: string }>(schema: StandardSchemaV1<NewRow, Row>): Collection<Row, NewRow, {}>
export function collection<NewRow, Row extends { id: string }, const O extends CollectionOptions<Row>>(
  schema: StandardSchemaV1<NewRow, Row>,
  options: O,
): Collection<Row, NewRow, O>
export function collection(schema: StandardSchemaV1, options: CollectionOptions<never> = {}): AnyCollection {
  if (typeof schema?.['~standard']?.validate !== 'function') wrong('schema', 'is not a Standard Schema. Use valibot, zod or arktype')
  for (const [name, value] of Object.entries(options)) {
    if (name === 'crud' && typeof value === 'boolean') continue
    if (name === 'audience' && (value === 'shared' || value === 'server' || typeof value === 'function')) continue
    if (name === 'indexes' && isIndexes(value)) continue
    if (name === 'relations' && isRelations(value)) continue
    wrong(name, 'is not an option of collection(), or has a value that it does not take. Correct it')
  }
  const definition: CollectionDefinition = { schema, options: options as CollectionOptions<AnyRow> }
  return definition as unknown as AnyCollection
}

function isIndexes(value: unknown): boolean {
  const isName = (name: unknown): boolean => typeof name === 'string' && name !== ''
  return Array.isArray(value) && value.every((index) => isName(index) || (Array.isArray(index) && index.length > 0 && index.every(isName)))
}

function isRelations(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.values(value).every((one) => ['one', 'many', 'through'].includes(one?.kind))
}

function wrong(path: string, what: string): never {
  throw new TidemarkError('misuse/schema', { details: { path }, message: `collection(): \`${path}\` ${what}.` })
}
