import type { StandardSchemaV1 } from '@standard-schema/spec'
import { TidemarkError } from '../errors.ts'
import type { Json } from '../util/json.ts'
import type { CollectionDefinition } from './collection.ts'
import type { AnyRow } from './row.ts'

/** Limits of what is kept: characters of a key, characters of a value's JSON, levels of nesting. */
const valueLimits = { key: 256, value: 1_000_000, depth: 64 } as const

/** The schema's output for `value`, deep-copied and frozen. Raises `code` with the path, `invalid/value`, `invalid/too-large`, `misuse/async-schema`. */
export function mustValidate(
  schema: StandardSchemaV1,
  value: unknown,
  where: { readonly code: 'invalid/args' | 'invalid/row'; readonly name: string },
): Json | undefined {
  const result = runSchema(schema, value, where)
  if (result.issues) {
    const issue = result.issues[0]
    // a library’s path may be a list of its own kind
    const path = Array.from(issue?.path ?? [], (step) => String(typeof step === 'object' ? step.key : step))
    throw new TidemarkError(where.code, {
      details: { name: where.name, path },
      message: `${where.name}${path.length ? `: \`${path.join('.')}\`` : ''}: ${issue?.message ?? 'does not fit'}. Correct it and try again.`,
    })
  }
  return copyValue(result.value, where.name)
}

// Untrusted values come here on the server: nothing that a schema does with them may end the process.
function runSchema(
  schema: StandardSchemaV1,
  value: unknown,
  { code, name }: { readonly code: 'invalid/args' | 'invalid/row'; readonly name: string },
): StandardSchemaV1.Result<unknown> {
  let result: ReturnType<StandardSchemaV1['~standard']['validate']>
  try {
    result = schema['~standard'].validate(thaw(value, 0))
  } catch (cause) {
    throw new TidemarkError(code, {
      details: { name, path: [] },
      message: `${name}: its schema threw an error. Correct the value, or let the schema answer with an issue.`,
      cause,
    })
  }
  if (!('then' in result)) return result
  // how it ends is of no interest, and a rejection that nobody hears ends a server; zod answers with one where a check throws
  Promise.resolve(result).catch(() => {})
  throw new TidemarkError('misuse/async-schema', { details: { name } })
}

/** The row as it is stored. Raises what `mustValidate` raises, `invalid/row` for a missing or overlong id. */
export function mustRow(definition: CollectionDefinition, name: string, value: unknown): AnyRow {
  const output = mustValidate(definition.schema, value, { code: 'invalid/row', name })
  if (typeof output !== 'object' || output === null || Array.isArray(output))
    throw new TidemarkError('invalid/row', { details: { name, path: [] } })
  mustKey((output as { readonly id?: Json }).id, name)
  return output as AnyRow
}

/** The id of a row: text of 1 to 256 characters that can be stored. Raises `invalid/row`, `invalid/too-large`. */
export function mustKey(id: unknown, name: string): string {
  if (typeof id !== 'string' || id === '')
    throw new TidemarkError('invalid/row', {
      details: { name, path: ['id'] },
      message: `${name}: \`id\` is not a text. Give each row an id; newId() makes one.`,
    })
  if (id.length > valueLimits.key) throw new TidemarkError('invalid/too-large', { details: { name, path: ['id'], limit: valueLimits.key } })
  if (unstorable.test(id)) throw new TidemarkError('invalid/value', { details: { name, path: ['id'] } })
  return id
}

/** A frozen deep copy of plain JSON; a proxy is as good as its contents. Raises `invalid/value` with the path of what JSON or Postgres would change. */
export function copyValue(value: unknown, name: string): Json | undefined {
  const walk: Walk = { left: valueLimits.value, name, path: [] }
  return isNested(value) ? copyNested(value, walk) : copyScalar(value, undefined, walk)
}

// NUL, and surrogates that stand alone: Postgres refuses the one and alters the other
const unstorable = /[\u0000\p{Surrogate}]/u

type Step = string | number

// where a copy is under way: what it may still take, and the objects and lists that it is in
interface Walk {
  left: number
  readonly name: string
  readonly path: Step[]
}

function isNested(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function take(walk: Walk, cost: number): void {
  walk.left -= cost
  if (walk.left < 0) throw new TidemarkError('invalid/too-large', { details: { name: walk.name, limit: valueLimits.value } })
}

// A schema gets objects of its own: some libraries transform in place, which they must not do to the caller’s and cannot do to frozen ones.
// Each is copied once, however often it is referred to: the ways through a graph that refers to itself are beyond number.
function thaw(value: unknown, depth: number, known?: Map<object, unknown>): unknown {
  if (!isNested(value) || depth > valueLimits.depth) return value
  const copied = known?.get(value)
  if (copied !== undefined) return copied
  const prototype: unknown = Object.getPrototypeOf(value)
  if (!Array.isArray(value) && prototype !== null && prototype !== Object.prototype) return value
  const thawed: unknown[] | Record<string, unknown> = Array.isArray(value) ? [] : { ...value }
  // most values hold no others
  let all = known?.set(value, thawed)
  const thawWithin = (item: unknown): unknown => {
    if (!isNested(item)) return item
    all ??= new Map([[value, thawed]])
    return thaw(item, depth + 1, all)
  }
  if (Array.isArray(thawed)) for (const item of value as readonly unknown[]) thawed.push(thawWithin(item))
  else for (const key of Object.keys(thawed)) if (isNested(thawed[key])) thawed[key] = thawWithin(thawed[key])
  return thawed
}

function copyScalar(value: unknown, step: Step | undefined, walk: Walk): Json | undefined {
  switch (typeof value) {
    case 'undefined':
    case 'boolean':
      take(walk, 5)
      return value
    case 'string':
      take(walk, value.length + 2)
      if (unstorable.test(value)) refuse(walk, step)
      return value
    case 'number':
      take(walk, 8)
      if (!Number.isFinite(value) || Object.is(value, -0) || (Number.isInteger(value) && !Number.isSafeInteger(value))) refuse(walk, step)
      return value
    case 'object':
      take(walk, 5)
      return null
    default:
      return refuse(walk, step)
  }
}

function copyWithin(value: unknown, step: Step, walk: Walk): Json | undefined {
  if (!isNested(value)) return copyScalar(value, step, walk)
  walk.path.push(step)
  const copy = copyNested(value, walk)
  walk.path.pop()
  return copy
}

function copyNested(value: object, walk: Walk): Json {
  if (walk.path.length >= valueLimits.depth) refuse(walk)
  take(walk, 5)
  return Array.isArray(value) ? copyList(value, walk) : copyObject(value, walk)
}

function copyList(list: readonly unknown[], walk: Walk): Json {
  const copy: Json[] = []
  for (let i = 0; i < list.length; i++) {
    const item = copyWithin(list[i], i, walk)
    copy.push(item === undefined ? refuse(walk, i) : item)
  }
  return Object.freeze(copy)
}

function copyObject(object: object, walk: Walk): Json {
  const prototype = Object.getPrototypeOf(object)
  if (prototype !== null && prototype !== Object.prototype && Object.getPrototypeOf(prototype) !== null) refuse(walk)
  if (Object.prototype.toString.call(object) !== '[object Object]') refuse(walk)
  const copy: Record<string, Json> = {}
  for (const key of Object.keys(object)) {
    if (key === '__proto__' || key === 'constructor' || key === 'prototype' || unstorable.test(key)) refuse(walk, key)
    take(walk, key.length + 3)
    const value = copyWithin((object as Readonly<Record<string, unknown>>)[key], key, walk)
    if (value !== undefined) copy[key] = value
  }
  return Object.freeze(copy)
}

function refuse(walk: Walk, step?: Step): never {
  const path = step === undefined ? [...walk.path] : [...walk.path, step]
  throw new TidemarkError('invalid/value', {
    details: { path },
    message: `The value${path.length ? ` at \`${path.join('.')}\`` : ''} cannot be stored or sent unchanged. Use plain JSON: finite numbers, well-formed text, lists, objects.`,
  })
}
