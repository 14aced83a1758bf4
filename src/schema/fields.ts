import type { StandardSchemaV1 } from '@standard-schema/spec'

/** What a field holds, beside null: `any` where several kinds may stand, or nothing is known. */
export type FieldKind = 'text' | 'number' | 'boolean' | 'list' | 'object' | 'any'

/** The fields of a row and what they hold. */
export type Fields = ReadonlyMap<string, FieldKind>

/**
 * The fields of the rows that a schema lets through; undefined where it does not say, or lets others through too.
 * Looks into valibot and zod, and elsewhere at what the Standard JSON Schema says. Never throws; asked once per schema.
 */
export function findFields(schema: StandardSchemaV1): Fields | undefined {
  const known = fieldsBySchema.get(schema)
  if (known) return known.fields
  const fields = readFields(schema)
  fieldsBySchema.set(schema, { fields })
  return fields
}

const fieldsBySchema = new WeakMap<object, { readonly fields: Fields | undefined }>()

// what is looked into: foreign objects of any shape
type Loose = { readonly [key: string]: unknown } | undefined
type KindOf = (schema: unknown) => FieldKind | undefined

function readFields(schema: StandardSchemaV1): Fields | undefined {
  try {
    const loose = schema as unknown as Loose
    if (schema['~standard'].vendor === 'valibot') return valibotFields(loose)
    if (schema['~standard'].vendor === 'zod') return zodFields(loose)
    return jsonFields(schema['~standard'] as unknown as Loose)
  } catch {
    // a library that is not as it was when this was written: nothing is known
    return undefined
  }
}

function toFields(shape: unknown, kindOf: KindOf): Fields {
  return new Map(Object.entries(shape as object).map(([name, held]) => [name, kindOf(held) ?? 'any']))
}

// null and undefined are no kind: any field may lack a value
const nothing: ReadonlySet<unknown> = new Set(['null', 'undefined', 'void', 'never'])

function joinKinds(kinds: readonly (FieldKind | undefined)[]): FieldKind | undefined {
  const known = new Set(kinds.filter((kind) => kind !== undefined))
  return known.size > 1 ? 'any' : [...known][0]
}

function kindOfValue(value: unknown): FieldKind | undefined {
  if (value === null || value === undefined) return undefined
  const kind = typeof value
  return kind === 'string' ? 'text' : kind === 'number' || kind === 'boolean' ? kind : 'any'
}

/* valibot: `type`, `entries`, `wrapped`, `options`, and `pipe` with the schema itself in front */

const isHarmless: ReadonlySet<unknown> = new Set(['readonly', 'brand', 'flavor'])
const valibotKinds: Readonly<Record<string, FieldKind>> = {
  string: 'text',
  number: 'number',
  boolean: 'boolean',
  array: 'list',
  tuple: 'list',
  loose_tuple: 'list',
  strict_tuple: 'list',
  tuple_with_rest: 'list',
  object: 'object',
  loose_object: 'object',
  strict_object: 'object',
  object_with_rest: 'object',
  record: 'object',
}

// the schema that has the last word on what comes out; undefined behind a transformation
function lastOfPipe(schema: Loose): Loose {
  const pipe = schema?.['pipe'] as readonly Loose[] | undefined
  if (!pipe) return schema
  if (pipe.some((step) => step?.['kind'] === 'transformation' && !isHarmless.has(step['type']))) return undefined
  const last = pipe.findLast((step) => step?.['kind'] === 'schema')
  return last === pipe[0] ? schema : lastOfPipe(last)
}

function valibotFields(given: Loose): Fields | undefined {
  const schema = lastOfPipe(given)
  const isClosed = schema?.['type'] === 'object' || schema?.['type'] === 'strict_object'
  return isClosed ? toFields(schema['entries'], valibotKind) : undefined
}

function valibotKind(given: unknown): FieldKind | undefined {
  const schema = lastOfPipe(given as Loose)
  const type = schema?.['type'] as string
  if (!schema) return 'any'
  if (nothing.has(type)) return undefined
  if (schema['wrapped']) return valibotKind(schema['wrapped'])
  if (type === 'literal') return kindOfValue(schema['literal'])
  if (type === 'picklist' || type === 'enum') return joinKinds((schema['options'] as readonly unknown[]).map(kindOfValue))
  if (type === 'union' || type === 'variant') return joinKinds((schema['options'] as readonly unknown[]).map(valibotKind))
  return Object.hasOwn(valibotKinds, type) ? valibotKinds[type] : 'any'
}

/* zod: `_zod.def` with its `type`, `shape`, `catchall`, `innerType`, `options`, `entries`, `values` */

const zodKinds: Readonly<Record<string, FieldKind>> = {
  string: 'text',
  template_literal: 'text',
  number: 'number',
  boolean: 'boolean',
  array: 'list',
  tuple: 'list',
  object: 'object',
  record: 'object',
}
const zodWrappers: ReadonlySet<unknown> = new Set(['optional', 'nullable', 'default', 'prefault', 'nonoptional', 'readonly', 'catch'])

function zodDefinition(schema: unknown): Loose {
  return ((schema as Loose)?.['_zod'] as Loose)?.['def'] as Loose
}

function zodFields(schema: Loose): Fields | undefined {
  const definition = zodDefinition(schema)
  if (definition?.['type'] === 'readonly') return zodFields(definition['innerType'] as Loose)
  const rest = zodDefinition(definition?.['catchall'])
  const isClosed = definition?.['type'] === 'object' && (rest === undefined || rest['type'] === 'never')
  return isClosed ? toFields(definition['shape'], zodKind) : undefined
}

function zodKind(schema: unknown): FieldKind | undefined {
  const definition = zodDefinition(schema)
  const type = definition?.['type'] as string
  if (!definition) return 'any'
  if (nothing.has(type)) return undefined
  if (zodWrappers.has(type)) return zodKind(definition['innerType'])
  if (type === 'literal') return joinKinds((definition['values'] as readonly unknown[]).map(kindOfValue))
  if (type === 'enum') return joinKinds(Object.values(definition['entries'] as object).map(kindOfValue))
  if (type === 'union') return joinKinds((definition['options'] as readonly unknown[]).map(zodKind))
  return Object.hasOwn(zodKinds, type) ? zodKinds[type] : 'any'
}

/* any other: the JSON Schema of what comes out */

const jsonKinds: Readonly<Record<string, FieldKind>> = {
  string: 'text',
  number: 'number',
  integer: 'number',
  boolean: 'boolean',
  array: 'list',
  object: 'object',
}

const moreFields = ['patternProperties', 'allOf', 'anyOf', 'oneOf', '$ref', '$dynamicRef'] as const

function jsonFields(standard: Loose): Fields | undefined {
  const converter = standard?.['jsonSchema'] as { output?(options: object): Loose } | undefined
  const schema = converter?.output?.({ target: 'draft-2020-12' })
  // what is not ruled out is let through; other rules may say of more fields
  const isClosed = schema?.['additionalProperties'] === false && !moreFields.some((word) => word in schema)
  return schema?.['type'] === 'object' && schema['properties'] && isClosed ? toFields(schema['properties'], jsonKind) : undefined
}

function jsonKind(given: unknown): FieldKind | undefined {
  const schema = given as Loose
  const type = schema?.['type']
  const options = schema?.['anyOf'] ?? schema?.['oneOf']
  if (schema && 'const' in schema) return kindOfValue(schema['const'])
  if (Array.isArray(schema?.['enum'])) return joinKinds(schema['enum'].map(kindOfValue))
  if (Array.isArray(options)) return joinKinds(options.map(jsonKind))
  if (Array.isArray(type)) return joinKinds(type.map((one) => jsonKind({ type: one })))
  if (nothing.has(type)) return undefined
  // arktype says this of its `object`, which a list is too
  if (type === 'object' && !schema?.['properties'] && schema?.['additionalProperties'] === undefined) return 'any'
  return typeof type === 'string' && Object.hasOwn(jsonKinds, type) ? jsonKinds[type] : 'any'
}
