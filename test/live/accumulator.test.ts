import { expect, test } from 'vitest'
import { makeAccumulator } from '../../src/live/accumulator.ts'
import { compareValues } from '../../src/util/compare.ts'
import type { Json } from '../../src/util/json.ts'
import { createRng, type Rng } from '../kit/rng.ts'

test('without a value a sum is 0, and the rest have nothing to tell', () => {
  const values = (['sum', 'avg', 'min', 'max'] as const).map((op) => {
    const told = makeAccumulator(op)
    for (const nothing of [null, undefined]) told.add(nothing)
    told.add(7)
    told.remove(7)
    return told.value
  })
  expect(values).toEqual([0, undefined, undefined, undefined])
})

test('a value that came twice is there until it has left twice', () => {
  const most = makeAccumulator('max')
  for (const value of [1, 9, 9]) most.add(value)
  most.remove(9)
  expect(most.value).toBe(9)
  most.remove(9)
  expect(most.value).toBe(1)
})

test('a sum does not depend on the order in which values come and go', () => {
  const sum = makeAccumulator('sum')
  for (const value of [0.1, 1e300, 0.2, -1e300, 0.3]) sum.add(value)
  sum.remove(0.3)
  expect(sum.value).toBe(0.1 + 0.2)
})

test.each([1, 2, 3, 4, 5, 6])(
  'values that come and go at random: what is told equals what is told of those that are there (SEED=%i)',
  (seed) => {
    const rng = createRng(seed)
    const there: Json[] = []
    const sum = makeAccumulator('sum')
    const mean = makeAccumulator('avg')
    const least = makeAccumulator('min')
    const most = makeAccumulator('max')
    for (let step = 0; step < 300; step++) {
      if (there.length > 0 && rng.chance(0.45)) {
        const [gone] = there.splice(rng.int(0, there.length - 1), 1)
        for (const one of [sum, mean, least, most]) one.remove(gone)
      } else {
        const value = drawValue(rng)
        there.push(value)
        for (const one of [sum, mean, least, most]) one.add(value)
      }
      const numbers = there.filter((value) => typeof value === 'number')
      const total = numbers.reduce((a, b) => a + b, 0)
      const known = there.filter((value) => value !== null).sort(compareValues)
      expect(sum.value).toBe(total)
      expect(mean.value).toBe(numbers.length === 0 ? undefined : total / numbers.length)
      expect(least.value).toEqual(known[0])
      expect(most.value).toEqual(known.at(-1))
    }
  },
)

// quarters: sums of them are exact in any order
function drawValue(rng: Rng): Json {
  return rng.pick<() => Json>([
    () => rng.int(-20, 20) / 4,
    () => rng.int(0, 5),
    () => null,
    () => rng.pick(['a', 'b']),
    () => [rng.int(0, 2)],
  ])()
}
