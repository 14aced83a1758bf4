import * as v from 'valibot'
import { expect, test } from 'vitest'
import { collection } from '../../src/schema/collection.ts'
import { one } from '../../src/schema/relation.ts'
import { defineSchema } from '../../src/schema/schema.ts'

test.each(['__proto__', 'constructor', 'toString'])('a relation is not named %s: rows would lose it, or seem to have it', (name) => {
  const relations = Object.fromEntries([[name, one('shelves', 'shelf')]])
  const books = collection(v.object({ id: v.string(), shelf: v.string() }), { relations })
  const shelves = collection(v.object({ id: v.string() }))
  expect(() => defineSchema({ version: 1, collections: { books, shelves } } as never)).toThrow(
    expect.objectContaining({ code: 'misuse/schema', details: { path: `books.${name}` } }),
  )
})
