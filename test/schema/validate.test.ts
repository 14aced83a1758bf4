import type { StandardSchemaV1 } from '@standard-schema/spec'
import { expect, test } from 'vitest'
import { TidemarkError } from '../../src/errors.ts'
import { mustValidate } from '../../src/schema/validate.ts'

function makeSchema(validate: StandardSchemaV1.Props['validate']): StandardSchemaV1 {
  return { '~standard': { version: 1, vendor: 'test', validate } }
}
const where = { code: 'invalid/args', name: 'x' } as const

test('a schema that transforms in place changes neither what the caller gave nor what is frozen', () => {
  const inPlace = makeSchema((value) => {
    const box = value as { text: string; list: string[] }
    box.text = box.text.trim()
    box.list.push('more')
    return { value: box }
  })
  const given = Object.freeze({ text: ' x ', list: Object.freeze(['one']) })
  expect(mustValidate(inPlace, given, where)).toEqual({ text: 'x', list: ['one', 'more'] })
  expect(given).toEqual({ text: ' x ', list: ['one'] })
})

test('what is no plain value reaches the schema as it is', () => {
  const date = new Date(0)
  const seen: unknown[] = []
  const schema = makeSchema((value) => {
    seen.push(value)
    return { value: 1 }
  })
  mustValidate(schema, date, where)
  mustValidate(schema, { at: date }, where)
  expect(seen[0]).toBe(date)
  expect((seen[1] as { readonly at: Date }).at).toBe(date)
})

test('a path is told as plain text, however a library writes it', () => {
  class Path extends Array<PropertyKey | { readonly key: PropertyKey }> {}
  const schema = makeSchema(() => ({ issues: [{ message: 'no', path: Path.from(['a', { key: 0 }, { key: 'b' }]) }] }))
  const error = (() => {
    try {
      mustValidate(schema, {}, where)
    } catch (thrown) {
      return thrown as TidemarkError
    }
    return undefined
  })()
  expect([error?.code, error?.details['path']]).toEqual(['invalid/args', ['a', '0', 'b']])
  expect(Object.getPrototypeOf(error?.details['path'])).toBe(Array.prototype)
})
