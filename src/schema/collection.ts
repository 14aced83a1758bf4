import type { StandardSchemaV1 } from '@standard-schema/spec'
import { TidemarkError } from '../errors.ts'
import type { AnyRow } from './row.ts'

/** How a collection is kept, beside the shape of its rows. */
export interface CollectionOptions<Row> {
  /** Generates the mutators `insert`, `patch` and `remove` for this collection. */
  readonly crud?: boolean
  /** Who may see its rows: everybody in the space (`shared`, the default), the server alone, or whoever holds the audience that a row names. */
  readonly audience?: 'shared' | 'server' | ((row: Row) => string)
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
    wrong(name, 'is not an option of collection(), or has a value that it does not take. Correct it')
  }
  const definition: CollectionDefinition = { schema, options: options as CollectionOptions<AnyRow> }
  return definition as unknown as AnyCollection
}

function wrong(path: string, what: string): never {
  throw new TidemarkError('misuse/schema', { details: { path }, message: `collection(): \`${path}\` ${what}.` })
}
