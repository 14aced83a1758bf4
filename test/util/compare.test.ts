import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareText, compareValues, isSame } from '../../src/util/compare.ts'
import type { Json } from '../../src/util/json.ts'

const value = fc.jsonValue({ maxDepth: 2, noUnicodeString: false }).map((made) => made as Json)

test('values rank null, booleans, numbers, text, then lists and objects', () => {
  const ordered: readonly Json[] = [null, false, true, -1.5, 0, 2, 10, '', '10', '2', 'Z', 'a', 'ab', '\u{1f600}', '\uff5e', [1], { a: 1 }]
  for (let i = 0; i < ordered.length; i++) {
    for (let j = 0; j < ordered.length; j++) expect(Math.sign(compareValues(ordered[i], ordered[j])), `${i} ${j}`).toBe(Math.sign(i - j))
  }
})

test('an absent value sorts as null', () => {
  expect(compareValues(undefined, null)).toBe(0)
  expect(compareValues(undefined, false)).toBeLessThan(0)
})

test('text sorts by UTF-16 code unit, as JavaScript and IndexedDB sort it', () => {
  expect(compareText('\u{1f600}', '\uff5e')).toBeLessThan(0)
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'binary' }),
      (a, b) => [a, b].sort()[0] === (compareText(a, b) <= 0 ? a : b),
    ),
  )
})

test('it is a total order: antisymmetric, transitive, and equal only what is the same', () => {
  fc.assert(
    fc.property(value, value, value, (a, b, c) => {
      expect(Math.sign(compareValues(a, b))).toBe(-Math.sign(compareValues(b, a)) || 0)
      if (compareValues(a, b) <= 0 && compareValues(b, c) <= 0) expect(compareValues(a, c)).toBeLessThanOrEqual(0)
      expect(compareValues(a, b) === 0).toBe(isSame(a, b))
    }),
  )
})

test('sameness goes by value, whatever the order of keys; absent is not null', () => {
  expect(isSame({ a: 1, b: [2, { c: 3 }] }, { b: [2, { c: 3 }], a: 1 })).toBe(true)
  expect(compareValues({ a: 1, b: 2 }, { b: 2, a: 1 })).toBe(0)
  expect(isSame({ a: 1, b: undefined }, { a: 1 })).toBe(true)
  expect(isSame({ a: 1 }, { a: 1, b: null })).toBe(false)
  expect(isSame([1, 2], [2, 1])).toBe(false)
  expect(isSame([], {})).toBe(false)
  expect(isSame({}, [])).toBe(false)
  expect(isSame(null, undefined)).toBe(false)
  expect(isSame(null, {})).toBe(false)
  expect(isSame('1', 1)).toBe(false)
})
