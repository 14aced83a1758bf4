import * as v from 'valibot'
import { expect, test } from 'vitest'
import { mustValidate } from '../../src/schema/validate.ts'

const where = { code: 'invalid/args', name: 'm' } as const

test('a graph that refers to itself twice is refused at once', () => {
  let reads = 0
  const node: Record<string, unknown> = {}
  for (const name of ['parent', 'next'])
    Object.defineProperty(node, name, {
      enumerable: true,
      get() {
        if (++reads > 100_000) throw new Error('it is read for ever')
        return node
      },
    })
  expect(() => mustValidate(v.any(), node, where)).toThrow(expect.objectContaining({ code: 'invalid/value' }))
})

test('a value that stands in two places is copied to both', () => {
  const shared = { n: [1] }
  expect(mustValidate(v.any(), { a: shared, b: [shared, shared] }, where)).toEqual({ a: { n: [1] }, b: [{ n: [1] }, { n: [1] }] })
})

test('a very deep value is refused', () => {
  let deep: unknown = 1
  for (let i = 0; i < 100_000; i++) deep = [deep]
  expect(() => mustValidate(v.any(), deep, where)).toThrow(expect.objectContaining({ code: 'invalid/value' }))
})
