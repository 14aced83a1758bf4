import { expect, test } from 'vitest'
import { backoffLimits, backoffMs } from '../../src/sync/backoff.ts'

test('the longest wait doubles with each failure, from one second to one minute', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 8, 100, 1_000_000].map((failures) => backoffMs(failures, 1))).toEqual([
    1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000, 60_000,
  ])
})

test('the wait is anywhere between nothing and the longest, by chance', () => {
  expect([0, 0.25, 0.5, 0.999].map((chance) => backoffMs(3, chance))).toEqual([0, 1_000, 2_000, 3_996])
})

test('it is never shorter than the other side asked for, and never as long as a lie would make it', () => {
  expect(backoffMs(1, 0, 5_000)).toBe(5_000)
  expect(backoffMs(9, 1, 5_000)).toBe(60_000)
  expect(backoffMs(1, 0, 10 ** 12)).toBe(backoffLimits.retryAfterLast)
  expect(backoffMs(1, 0.5, -5)).toBe(500)
})
