import { expect, test } from 'vitest'
import { createRng, hashText } from './rng.ts'

test('the same seed draws the same, another seed draws otherwise', () => {
  const draw = (seed: number) => {
    const rng = createRng(seed)
    return [
      rng.next(),
      rng.int(1, 6),
      rng.chance(0.5),
      rng.pick('abcdef'.split('')),
      rng.shuffle([1, 2, 3, 4, 5]),
      [...rng.bytes(4)],
      rng.fork('x').next(),
    ]
  }
  expect(draw(42)).toEqual(draw(42))
  expect(draw(42)).not.toEqual(draw(43))
})

test('the generator is mulberry32, so that a seed means the same for ever', () => {
  const rng = createRng(1)
  expect([rng.next(), rng.next(), rng.next()]).toEqual([0.6270739405881613, 0.002735721180215478, 0.5274470399599522])
})

test('draws of a fork do not move those of its parent, and forks differ by label', () => {
  const [plain, forking] = [createRng(5), createRng(5)]
  const net = forking.fork('net')
  expect(net.next()).not.toBe(forking.fork('disk').next())
  expect(forking.next()).toBe(plain.next())
})

test('whole numbers reach both ends, and no further', () => {
  const rng = createRng(9)
  const seen = new Set(Array.from({ length: 500 }, () => rng.int(-1, 2)))
  expect([...seen].sort((a, b) => a - b)).toEqual([-1, 0, 1, 2])
})

test('a shuffle keeps what it shuffles; nothing cannot be picked from', () => {
  expect(
    createRng(3)
      .shuffle([1, 2, 3, 4])
      .sort((a, b) => a - b),
  ).toEqual([1, 2, 3, 4])
  expect(() => createRng(3).pick([])).toThrow(RangeError)
})

test('a hash tells texts apart', () => {
  expect(hashText('a')).not.toBe(hashText('b'))
  expect(hashText('a')).toBe(hashText('a'))
})
