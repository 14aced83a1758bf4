import { type } from 'arktype'
import * as v from 'valibot'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { findFields } from '../../src/schema/fields.ts'

const kindsOf = (schema: Parameters<typeof findFields>[0]): unknown => {
  const fields = findFields(schema)
  return fields && Object.fromEntries(fields)
}

test('valibot tells fields and what they hold, through wrappers and pipes', () => {
  const schema = v.object({
    id: v.pipe(v.string(), v.minLength(1)),
    number: v.number(),
    boolean: v.boolean(),
    list: v.array(v.string()),
    pair: v.tuple([v.string(), v.number()]),
    object: v.object({ a: v.string() }),
    record: v.record(v.string(), v.number()),
    optional: v.optional(v.string()),
    nullable: v.nullable(v.number()),
    nullish: v.nullish(v.boolean(), true),
    branded: v.pipe(v.string(), v.brand('x'), v.readonly()),
    picklist: v.picklist(['a', 'b']),
    mixedPicklist: v.picklist(['a', 1]),
    enum: v.enum({ A: 'a', B: 'b' }),
    literal: v.literal(7),
    texts: v.union([v.literal('a'), v.string(), v.null()]),
    mixed: v.union([v.string(), v.number()]),
    transformed: v.pipe(v.string(), v.transform(Number)),
    parsed: v.pipe(v.string(), v.transform(Number), v.number()),
    narrowed: v.pipe(v.unknown(), v.string()),
    optionalTransformed: v.optional(v.pipe(v.string(), v.transform(Number))),
    any: v.any(),
    null: v.null(),
    lazy: v.lazy(() => v.string()),
  })
  const kinds = {
    id: 'text',
    number: 'number',
    boolean: 'boolean',
    list: 'list',
    pair: 'list',
    object: 'object',
    record: 'object',
    optional: 'text',
    nullable: 'number',
    nullish: 'boolean',
    branded: 'text',
    picklist: 'text',
    mixedPicklist: 'any',
    enum: 'text',
    literal: 'number',
    texts: 'text',
    mixed: 'any',
    transformed: 'any',
    parsed: 'any',
    narrowed: 'text',
    optionalTransformed: 'any',
    any: 'any',
    null: 'any',
    lazy: 'any',
  }
  expect(kindsOf(schema)).toEqual(kinds)
  expect(kindsOf(v.strictObject(schema.entries))).toEqual(kinds)
  expect(
    kindsOf(
      v.pipe(
        schema,
        v.check(() => true),
      ),
    ),
  ).toEqual(kinds)
})

test('zod tells fields and what they hold', () => {
  const shape = {
    id: z.string().min(1),
    email: z.email(),
    number: z.number().int(),
    boolean: z.boolean(),
    list: z.array(z.string()),
    pair: z.tuple([z.string(), z.number()]),
    object: z.object({ a: z.string() }),
    record: z.record(z.string(), z.number()),
    optional: z.string().optional(),
    nullable: z.number().nullable(),
    nullish: z.boolean().nullish().default(true),
    enum: z.enum(['a', 'b']),
    literal: z.literal(7),
    mixedLiteral: z.literal(['a', 7]),
    texts: z.union([z.literal('a'), z.string(), z.null()]),
    mixed: z.union([z.string(), z.number()]),
    transformed: z.string().transform(Number),
    any: z.any(),
    null: z.null(),
  }
  const kinds = {
    id: 'text',
    email: 'text',
    number: 'number',
    boolean: 'boolean',
    list: 'list',
    pair: 'list',
    object: 'object',
    record: 'object',
    optional: 'text',
    nullable: 'number',
    nullish: 'boolean',
    enum: 'text',
    literal: 'number',
    mixedLiteral: 'any',
    texts: 'text',
    mixed: 'any',
    transformed: 'any',
    any: 'any',
    null: 'any',
  }
  expect(kindsOf(z.object(shape))).toEqual(kinds)
  expect(kindsOf(z.strictObject(shape))).toEqual(kinds)
  expect(kindsOf(z.object(shape).readonly())).toEqual(kinds)
})

test('arktype tells fields and what they hold, by its JSON Schema, where it lets no others through', () => {
  const schema = type({
    '+': 'reject',
    id: 'string',
    'number?': 'number',
    whole: 'number.integer',
    boolean: 'boolean',
    list: 'string[]',
    object: { a: 'string' },
    nullable: 'string | null',
    enum: "'a' | 'b'",
    mixed: "'a' | 1",
    literal: '7',
    either: 'string | number',
    parsed: 'string.numeric.parse',
  })
  expect(kindsOf(schema)).toEqual({
    id: 'text',
    number: 'number',
    whole: 'number',
    boolean: 'boolean',
    list: 'list',
    object: 'object',
    nullable: 'text',
    enum: 'text',
    mixed: 'any',
    literal: 'number',
    either: 'any',
    parsed: 'number',
  })
})

const standard = (more: object) =>
  ({ '~standard': { version: 1, vendor: 'own', validate: (value: unknown) => ({ value }), ...more } }) as never

test.each<[string, Parameters<typeof findFields>[0]]>([
  ['a loose object of valibot', v.looseObject({ id: v.string() })],
  ['an object with a rest', v.objectWithRest({ id: v.string() }, v.number())],
  [
    'an object that is transformed',
    v.pipe(
      v.object({ id: v.string() }),
      v.transform((row) => ({ ...row, more: 1 })),
    ),
  ],
  ['a union of objects', v.union([v.object({ id: v.string() }), v.object({ id: v.string(), more: v.string() })])],
  ['a loose object of zod', z.looseObject({ id: z.string() })],
  ['an object of zod that lets others through', z.object({ id: z.string() }).catchall(z.string())],
  ['a transformed object of zod', z.object({ id: z.string() }).transform((row) => row)],
  ['an open object of arktype', type({ id: 'string', '[string]': 'unknown' })],
  ['an object of arktype that says nothing of others, and lets them through', type({ id: 'string' })],
  ['an object of arktype that lets some others through', type({ '+': 'reject', id: 'string', '[/^x-/]': 'string' })],
  ['a library that is not known', standard({})],
  [
    'a JSON Schema that throws',
    standard({
      jsonSchema: {
        output() {
          throw new Error('cannot')
        },
      },
    }),
  ],
  ['a valibot that looks otherwise', standard({ vendor: 'valibot' })],
  ['a zod that looks otherwise', standard({ vendor: 'zod' })],
  ['nothing of a schema', {} as never],
])('of %s nothing is known', (_, schema) => {
  expect(findFields(schema)).toBeUndefined()
})

test('what is known of a schema is found out once, when it is asked for', () => {
  let asked = 0
  const schema = standard({
    jsonSchema: {
      output() {
        asked++
        const properties = { id: { type: 'string' }, n: { type: ['integer', 'null'] }, c: { const: true }, o: { type: 'object' } }
        return { type: 'object', properties, additionalProperties: false }
      },
    },
  })
  expect(asked).toBe(0)
  expect(kindsOf(schema)).toEqual({ id: 'text', n: 'number', c: 'boolean', o: 'any' })
  expect(findFields(schema)).toBe(findFields(schema))
  expect(asked).toBe(1)
})
