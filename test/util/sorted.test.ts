import { expect, test } from 'vitest'
import { makeSorted, type Sorted } from '../../src/util/sorted.ts'
import { createRng } from '../kit/rng.ts'

interface Item {
  readonly key: number
  readonly id: number
}
const compare = (a: Item, b: Item): number => a.key - b.key || a.id - b.id
const all = <T>(sorted: Sorted<T>): T[] => sorted.slice(0, sorted.size)

test('items come out in order, however they came in', () => {
  const sorted = makeSorted<number>((a, b) => a - b, [3, 1, 2])
  sorted.insert(0)
  sorted.insertAll([5, 4])
  expect(all(sorted)).toEqual([0, 1, 2, 3, 4, 5])
  expect(sorted.size).toBe(6)
})

test('a slice is fresh, and reaches no further than the items', () => {
  const sorted = makeSorted<number>((a, b) => a - b, [1, 2, 3])
  expect(sorted.slice(1, 99)).toEqual([2, 3])
  expect(sorted.slice(3, 9)).toEqual([])
  expect(sorted.slice(2, 1)).toEqual([])
  sorted.slice(0, 3).reverse()
  expect(all(sorted)).toEqual([1, 2, 3])
  expect(makeSorted<number>((a, b) => a - b).slice(0, 5)).toEqual([])
})

test('items are counted for as long as a test is true of them', () => {
  const sorted = makeSorted<number>((a, b) => a - b, [3, 1, 2, 7])
  expect([0, 2, 4, 9].map((end) => sorted.countWhile((item) => item < end))).toEqual([0, 1, 3, 4])
  expect(makeSorted<number>((a, b) => a - b).countWhile(() => true)).toBe(0)
})

test('what is not there is not deleted and not replaced', () => {
  const sorted = makeSorted(compare, [{ key: 1, id: 1 }])
  expect(sorted.delete({ key: 1, id: 2 })).toBe(false)
  expect(sorted.delete({ key: 9, id: 1 })).toBe(false)
  expect(sorted.replace({ key: 0, id: 1 }, { key: 0, id: 1 })).toBe(false)
  expect(sorted.delete({ key: 1, id: 1 })).toBe(true)
  expect(sorted.delete({ key: 1, id: 1 })).toBe(false)
  expect(sorted.size).toBe(0)
})

test('what it was given is not touched', () => {
  const items = Object.freeze([2, 1])
  const sorted = makeSorted<number>((a, b) => a - b, items)
  sorted.insertAll(items.map((item) => item + 10))
  expect(items).toEqual([2, 1])
})

test.each([1, 2, 3, 4])('SEED=%i: thousands of changes, many chunks: it equals a sorted list', (seed) => {
  const rng = createRng(seed)
  const sorted = makeSorted(compare)
  const list: Item[] = []
  let id = 0
  const draw = (): Item => ({ key: rng.int(0, 200), id: id++ })
  for (let step = 0; step < 300; step++) {
    const isGrowing = step < 150
    if (rng.chance(isGrowing ? 0.3 : 0.05)) {
      const batch = Array.from({ length: rng.pick([3, 70, 900]) }, draw)
      sorted.insertAll(batch)
      list.push(...batch)
    }
    for (let i = 0; i < (isGrowing ? 10 : 120) && list.length > 0; i++) {
      const [gone] = list.splice(rng.int(0, list.length - 1), 1) as [Item]
      expect(sorted.delete({ ...gone })).toBe(true)
    }
    const one = draw()
    sorted.insert(one)
    const at = list.push(one) - 1
    const after = { ...one }
    expect(sorted.replace(one, after)).toBe(true)
    list[at] = after
    if (step % 10 > 0) continue
    const expected = [...list].sort(compare)
    expect(all(sorted)).toEqual(expected)
    const [start, end] = [rng.int(0, list.length), rng.int(0, list.length)]
    expect(sorted.slice(start, end)).toEqual(expected.slice(start, end))
    const bound = draw()
    expect(sorted.countWhile((item) => compare(item, bound) < 0)).toBe(expected.filter((item) => compare(item, bound) < 0).length)
    expect(sorted.size).toBe(list.length)
  }
})

test('it finds its way in logarithmic time', () => {
  let compared = 0
  const items = Array.from({ length: 100_000 }, (_, i) => i * 2)
  const sorted = makeSorted<number>((a, b) => {
    compared++
    return a - b
  }, items)
  compared = 0
  sorted.insert(77_777)
  sorted.delete(50_000)
  sorted.delete(150_001)
  sorted.countWhile((item) => ++compared > 0 && item < 123_456)
  expect(compared).toBeLessThan(4 * 20)
})
