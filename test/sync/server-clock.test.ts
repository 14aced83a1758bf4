import { expect, test } from 'vitest'
import { makeServerClock } from '../../src/sync/server-clock.ts'
import { createRng } from '../kit/rng.ts'

function open(at: number) {
  const device = { at }
  return { device, clock: makeServerClock({ now: () => device.at, sleep: async () => {} }) }
}

test('before anything was heard the device’s clock counts', () => {
  const { clock } = open(1_000)
  expect([clock.stamp(), clock.stamp()]).toEqual([1_000, 1_001])
})

test('after an answer the server’s clock counts, whatever the device’s says', () => {
  const { device, clock } = open(1_000)
  clock.hear(50_000)
  device.at = 1_500
  expect(clock.stamp()).toBe(50_500)
})

test('a device whose clock runs ahead gains nothing once it heard the server', () => {
  const { clock } = open(9_000_000)
  clock.hear(1_000)
  expect(clock.stamp()).toBe(1_001)
})

test('stamps go on after what was known before a restart', () => {
  const { clock } = open(1_000)
  clock.restore(7_000)
  expect(clock.stamp()).toBe(7_001)
  clock.restore(2_000)
  expect(clock.stamp()).toBe(7_002)
})

test('stamps always rise, and are never older than an answer, whatever either clock does', () => {
  for (let seed = 1; seed <= 200; seed++) {
    const rng = createRng(seed)
    const { device, clock } = open(rng.int(0, 1_000_000))
    let newest = -1
    for (let i = 0; i < 50; i++) {
      device.at += rng.int(-50_000, 50_000)
      if (rng.chance(0.4)) {
        const now = rng.int(0, 1_000_000)
        clock.hear(now)
        newest = Math.max(newest, now)
      }
      const stamp = clock.stamp()
      expect(stamp).toBeGreaterThan(newest)
      newest = stamp
    }
  }
})
