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
  const result = schema['~standard'].validate(thaw(value, 0))
  if (result instanceof Promise) throw new TidemarkError('misuse/async-schema', { details: { name: where.name } })
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
  const budget = { left: valueLimits.value, name }
  const copy = copyAt(value, [], budget)
  mustAfford(budget)
  return copy
}

// NUL, and surrogates that stand alone: Postgres refuses the one and alters the other
const unstorable = /[\u0000\p{Surrogate}]/u

type Path = readonly (string | number)[]

interface Budget {
  left: number
  readonly name: string
}

function mustAfford({ left, name }: Budget): void {
  if (left < 0) throw new TidemarkError('invalid/too-large', { details: { name, limit: valueLimits.value } })
}

// A schema gets objects of its own: some libraries transform in place, which they must not do to the caller’s and cannot do to frozen ones.
function thaw(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null || depth > valueLimits.depth) return value
  if (Array.isArray(value)) return value.map((item) => thaw(item, depth + 1))
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== null && prototype !== Object.prototype) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, thaw(item, depth + 1)]))
}

function copyAt(value: unknown, path: Path, budget: Budget): Json | undefined {
  if (path.length > valueLimits.depth) refuse(path)
  mustAfford(budget)
  switch (typeof value) {
    case 'undefined':
    case 'boolean':
      budget.left -= 5
      return value
    case 'string':
      budget.left -= value.length + 2
      if (unstorable.test(value)) refuse(path)
      return value
    case 'number':
      budget.left -= 8
      if (!Number.isFinite(value) || Object.is(value, -0) || (Number.isInteger(value) && !Number.isSafeInteger(value))) refuse(path)
      return value
    case 'object':
      budget.left -= 5
      return value === null ? null : Array.isArray(value) ? copyList(value, path, budget) : copyObject(value, path, budget)
    default:
      return refuse(path)
  }
}

function copyList(list: readonly unknown[], path: Path, budget: Budget): Json {
  const copy: Json[] = []
  for (let i = 0; i < list.length; i++) {
    const item = copyAt(list[i], [...path, i], budget)
    copy.push(item === undefined ? refuse([...path, i]) : item)
  }
  return Object.freeze(copy)
}

function copyObject(object: object, path: Path, budget: Budget): Json {
  const prototype = Object.getPrototypeOf(object)
  if (prototype !== null && prototype !== Object.prototype && Object.getPrototypeOf(prototype) !== null) refuse(path)
  if (Object.prototype.toString.call(object) !== '[object Object]') refuse(path)
  const copy: Record<string, Json> = {}
  for (const [key, item] of Object.entries(object)) {
    if (key === '__proto__' || key === 'constructor' || key === 'prototype' || unstorable.test(key)) refuse([...path, key])
    budget.left -= key.length + 3
    const value = copyAt(item, [...path, key], budget)
    if (value !== undefined) copy[key] = value
  }
  return Object.freeze(copy)
}

function refuse(path: Path): never {
  throw new TidemarkError('invalid/value', {
    details: { path },
    message: `The value${path.length ? ` at \`${path.join('.')}\`` : ''} cannot be stored or sent unchanged. Use plain JSON: finite numbers, well-formed text, lists, objects.`,
  })
}
