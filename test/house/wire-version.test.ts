// The wire and its version change together: a hash over the structure of every message is kept beside the version.
import { createHash } from 'node:crypto'
import * as v from 'valibot'
import { expect, test } from 'vitest'
import * as protocol from '../../src/protocol/index.ts'

// When a message changes on purpose: raise PROTOCOL_VERSION if an older client or server cannot read it, and put the hash that the test names here.
const recorded: Readonly<Record<number, string>> = {
  1: 'dcd195e2ce84529a',
}

test('a message does not change without a word about the version of the protocol', () => {
  expect({ version: protocol.PROTOCOL_VERSION, hash: hashOf(protocol) }).toEqual({
    version: protocol.PROTOCOL_VERSION,
    hash: recorded[protocol.PROTOCOL_VERSION],
  })
})

test('the hash sees a field, a bound, a literal, an optional and a regular expression change', () => {
  const base = () => ({ name: v.pipe(v.string(), v.maxLength(256)), seq: v.optional(v.number()), op: v.literal('put') })
  const hash = (entries: v.ObjectEntries) => hashOf({ messageSchema: v.object(entries) })
  const known = hash(base())
  expect(hash({ op: v.literal('put'), seq: v.optional(v.number()), name: v.pipe(v.string(), v.maxLength(256)) })).toBe(known)
  const changed = [
    hash({ ...base(), extra: v.string() }),
    hash({ ...base(), name: v.pipe(v.string(), v.maxLength(255)) }),
    hash({ ...base(), name: v.pipe(v.string(), v.maxLength(256), v.regex(/^a/)) }),
    hash({ ...base(), op: v.literal('del') }),
    hash({ ...base(), op: v.nullable(v.literal('put')) }),
    hash({ ...base(), seq: v.number() }),
    hash({ ...base(), seq: v.optional(v.union([v.number(), v.string()])) }),
    hashOf({ messageSchema: v.looseObject(base()) }),
  ]
  expect(new Set([known, ...changed]).size).toBe(changed.length + 1)
})

/** A hash over every schema that a module exports: the same structure gives the same hash, in whatever order it is written. */
function hashOf(module: Readonly<Record<string, unknown>>): string {
  const schemas = Object.fromEntries(Object.entries(module).filter(([, value]) => isSchema(value)))
  return createHash('sha256')
    .update(JSON.stringify(structureOf(schemas, [])))
    .digest('hex')
    .slice(0, 16)
}

function isSchema(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'schema'
}

// A valibot schema is an object that says what it is (`type`, `entries`, `item`, `requirement` …) beside functions that do it.
function structureOf(value: unknown, within: readonly unknown[]): unknown {
  if (typeof value === 'function') return 'function'
  if (typeof value === 'bigint' || typeof value === 'undefined' || value instanceof RegExp) return String(value)
  if (typeof value !== 'object' || value === null) return value
  if (within.includes(value)) return 'itself'
  const inside = [...within, value]
  if (Array.isArray(value)) return value.map((item) => structureOf(item, inside))
  const isSaid = (name: string, item: unknown) => name !== '~standard' && name !== 'expects' && typeof item !== 'function'
  const entries = Object.entries(value).filter(([name, item]) => isSaid(name, item))
  return entries.map(([name, item]) => [name, structureOf(item, inside)]).sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))
}
