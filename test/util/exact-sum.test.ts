import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ExactSum } from '../../src/util/exact-sum.ts'

const sumOf = (...values: readonly number[]): number => {
  const sum = new ExactSum()
  for (const value of values) sum.add(value)
  return sum.sum()
}
const meanOf = (...values: readonly number[]): number => {
  const sum = new ExactSum()
  for (const value of values) sum.add(value)
  return sum.mean(values.length)
}
const least = 5e-324
const most = Number.MAX_VALUE

test.each<[values: readonly number[], sum: number]>([
  [[], 0],
  [[1, 2, 3], 6],
  [[0.1, 0.2], 0.30000000000000004],
  [Array.from({ length: 10 }, () => 0.1), 1],
  [[1e308, 1, -1e308], 1],
  [[1, 1e100, 1, -1e100], 2],
  [[2 ** 53, 1], 2 ** 53],
  [[2 ** 53, 1, 1], 2 ** 53 + 2],
  [[2 ** 53 + 2, 1], 2 ** 53 + 4],
  [[2 ** 53, 1, least], 2 ** 53 + 2],
  [[least, least], 1e-323],
  [[least, -least], 0],
  [[2 ** -1022, -least], 2 ** -1022 - least],
  [[Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER], 2 * Number.MAX_SAFE_INTEGER],
  [[Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER], Number.MAX_SAFE_INTEGER],
  [[1.5, -1.5], 0],
  [[most, most, -most], most],
])('the sum of %j is %d', (values, sum) => {
  expect(sumOf(...values)).toBe(sum)
  expect(sumOf(...values.toReversed())).toBe(sum)
})

test('nothing is summed to a zero below zero', () => {
  expect(Object.is(sumOf(-1, 1), 0)).toBe(true)
  expect(Object.is(sumOf(-0.5, 0.5), 0)).toBe(true)
  const sum = new ExactSum()
  sum.add(0)
  sum.remove(0)
  expect(Object.is(sum.sum(), 0)).toBe(true)
  expect(Object.is(sum.mean(3), 0)).toBe(true)
})

test('beyond the range of numbers a sum is the greatest or the least, as JSON has no infinity', () => {
  expect(sumOf(most, most)).toBe(most)
  expect(sumOf(-most, -most)).toBe(-most)
  expect(sumOf(most, 2 ** 969)).toBe(most)
  expect(meanOf(most, most)).toBe(most)
})

test('a mean is rounded once', () => {
  expect(meanOf(1, 2)).toBe(1.5)
  expect(meanOf(0.1, 0.2, 0.3)).toBe(0.2)
  expect(meanOf(1, 1, 2)).toBe(4 / 3)
  expect(meanOf(least, least, least)).toBe(least)
  expect(meanOf(least, 0)).toBe(0)
  expect(meanOf(least * 3, 0)).toBe(least * 2)
  expect(meanOf(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)).toBe(Number.MAX_SAFE_INTEGER)
})

const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.maxSafeInteger(),
  fc.integer({ min: -20, max: 20 }).map((n) => n / 10),
  fc.constantFrom(least, -least, most, -most, 1e308, 2 ** -1022, 2 ** 53, -(2 ** 53), 0),
)

test('sum and mean are the exact ones, rounded once to nearest, ties to even, whatever came and went in whatever order', () => {
  fc.assert(
    fc.property(
      fc.array(number, { maxLength: 12 }),
      fc.array(number, { maxLength: 6 }),
      fc.infiniteStream(fc.nat()),
      (kept, passing, random) => {
        const sum = new ExactSum()
        const steps = [
          ...kept.map((value) => ({ at: 1, value, act: 'add' as const })),
          ...passing.map((value) => ({ at: 1, value, act: 'add' as const })),
          ...passing.map((value) => ({ at: 2, value, act: 'remove' as const })),
        ]
        const shuffled = steps.map((step) => ({ ...step, key: random.next().value ?? 0 })).sort((a, b) => a.key - b.key)
        for (const { value, act } of shuffled) sum[act](value)
        const total = kept.reduce((all, value) => all + exactOf(value), 0n)
        expectNearest(sum.sum(), total, 1n)
        if (kept.length > 0) expectNearest(sum.mean(kept.length), total, BigInt(kept.length))
      },
    ),
    { numRuns: 3000 },
  )
})

// A rational oracle that goes another way: a number as its shortest binary fraction, a result judged by the distance of its neighbours.
function exactOf(value: number): bigint {
  let [whole, scale] = [Math.abs(value), 1074n]
  while (whole !== 0 && !Number.isInteger(whole)) {
    whole *= 2
    scale -= 1n
  }
  const units = BigInt(whole) << scale
  return value < 0 ? -units : units
}

function expectNearest(result: number, units: bigint, count: bigint): void {
  expect(Number.isFinite(result)).toBe(true)
  const distance = (value: number): bigint => absolute(exactOf(value) * count - units)
  for (const other of [neighbour(result, 1), neighbour(result, -1)]) {
    if (!Number.isFinite(other)) continue
    expect(distance(result) <= distance(other)).toBe(true)
    if (distance(result) === distance(other)) expect(isEven(result)).toBe(true)
  }
}

function absolute(value: bigint): bigint {
  return value < 0n ? -value : value
}

const float = new Float64Array(1)
const bits = new BigInt64Array(float.buffer)

function neighbour(value: number, way: 1 | -1): number {
  if (value === 0) return way * least
  float[0] = value
  bits[0] = (bits[0] as bigint) + BigInt(value > 0 ? way : -way)
  return float[0] as number
}

function isEven(value: number): boolean {
  float[0] = value
  return ((bits[0] as bigint) & 1n) === 0n
}
