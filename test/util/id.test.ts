import { expect, test } from 'vitest'
import { makeDerivedId, makeId } from '../../src/util/id.ts'
import { createRng } from '../kit/rng.ts'

const rng = createRng(7)
const uuid = (version: number) => new RegExp(`^[0-9a-f]{8}-[0-9a-f]{4}-${version}[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

test('an id is a UUID version 7 of its millisecond', () => {
  const id = makeId(1_736_121_600_123, rng.bytes)
  expect(id).toMatch(uuid(7))
  expect(Number.parseInt(id.slice(0, 13).replace('-', ''), 16)).toBe(1_736_121_600_123)
})

test('ids made later sort later, and ids of one millisecond differ', () => {
  const times = [0, 1, 255, 256, 65_536, 1_736_121_600_000, 1_736_121_600_001, 2 ** 47]
  const ids = times.map((now) => makeId(now, rng.bytes))
  expect([...ids].sort()).toEqual(ids)
  expect(new Set(Array.from({ length: 1000 }, () => makeId(5, rng.bytes))).size).toBe(1000)
})

test('a derived id is the same from the same parts, and another from others', () => {
  expect(makeDerivedId('m1', 0, 0)).toBe(makeDerivedId('m1', 0, 0))
  expect(makeDerivedId('m1', 0, 0)).toMatch(uuid(8))
  const seen = new Set<string>()
  for (let mutation = 0; mutation < 100; mutation++) {
    for (let call = 0; call < 10; call++) for (const slot of [0, 1, '0', '1', 'a']) seen.add(makeDerivedId(`m${mutation}`, call, slot))
  }
  expect(seen.size).toBe(100 * 10 * 5)
  expect(makeDerivedId('a', 'bc')).not.toBe(makeDerivedId('ab', 'c'))
})

test('each part of a derived id is well mixed: one letter more changes about half of its bits', () => {
  let changed = 0
  for (let i = 0; i < 200; i++) {
    const [a, b] = [makeDerivedId(`m${i}`, 0), makeDerivedId(`m${i}x`, 0)].map((id) => BigInt(`0x${id.replaceAll('-', '')}`)) as [
      bigint,
      bigint,
    ]
    changed += (a ^ b).toString(2).replaceAll('0', '').length
  }
  expect(changed / 200).toBeGreaterThan(55)
  expect(changed / 200).toBeLessThan(70)
})
