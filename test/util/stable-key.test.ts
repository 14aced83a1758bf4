import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isSame } from '../../src/util/compare.ts'
import type { Json } from '../../src/util/json.ts'
import { stableKey } from '../../src/util/stable-key.ts'

const value = fc.jsonValue({ maxDepth: 3 }).map((made) => made as Json)

test('the order of keys does not show, that of lists does', () => {
  expect(stableKey({ b: 1, a: { d: 2, c: 3 } })).toBe(stableKey({ a: { c: 3, d: 2 }, b: 1 }))
  expect(stableKey([1, 2])).not.toBe(stableKey([2, 1]))
})

test('an absent field is as if it were not named; null is not absent', () => {
  expect(stableKey({ a: 1, b: undefined })).toBe(stableKey({ a: 1 }))
  expect(stableKey({ a: null })).not.toBe(stableKey({}))
  expect(stableKey(undefined)).toBe('null')
})

test('equal text means equal value, and the other way round', () => {
  fc.assert(fc.property(value, value, (a, b) => (stableKey(a) === stableKey(b)) === isSame(a, b)))
  fc.assert(
    fc.property(value, (a) => isSame(JSON.parse(stableKey(a)) as Json, a) || Object.is(a, -0) || JSON.stringify(a)?.includes('__proto__')),
  )
})
