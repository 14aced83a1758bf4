import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readRetryAfter } from '../../src/transport/retry-after.ts'

const now = Date.UTC(2025, 0, 6, 12)
const at = (asked: string | number | null, date: string | null = null) => readRetryAfter(asked, { now, date })

test.each([
  ['120', 120_000],
  [' 5 ', 5_000],
  ['1.5', 1_500],
  ['0', 1_000],
  ['-5', 1_000],
  ['999999999999999999999999', 900_000],
  ['9'.repeat(400), 900_000],
  ['', undefined],
  ['soon', undefined],
  ['1e9', undefined],
  ['0x10', undefined],
  ['NaN', undefined],
  ['Mon, 06 Jan 2025 12:00:30 GMT', 30_000],
  ['Mon, 06 Jan 2025 11:00:00 GMT', 1_000],
  ['Fri, 31 Dec 9999 23:59:59 GMT', 900_000],
  ['Mon, 06 Foo 2025 12:00:30 GMT', undefined],
  ['Monday, 06-Jan-25 12:00:30 GMT', undefined],
  [2_000, 2_000],
  [-1, 1_000],
  [Number.POSITIVE_INFINITY, 900_000],
  [Number.NaN, undefined],
  [null, undefined],
])('HN8 Retry-After %o asks for %o ms', (asked, ms) => {
  expect(at(asked)).toBe(ms)
})

test('HN10 a date counts from the answer’s own date, so that a wrong clock here does no harm', () => {
  expect(at('Sun, 06 Nov 1994 08:49:37 GMT', 'Sun, 06 Nov 1994 08:49:07 GMT')).toBe(30_000)
})

test('every date that a server may write is read as what it is', () => {
  const date = fc.date({ min: new Date('1970-01-02'), max: new Date('9999-12-30'), noInvalidDate: true })
  fc.assert(
    fc.property(date, fc.integer({ min: 1, max: 900 }), (start, seconds) => {
      const whole = Math.floor(start.getTime() / 1000) * 1000
      const later = new Date(whole + seconds * 1000).toUTCString()
      expect(readRetryAfter(later, { now: whole, date: null })).toBe(seconds * 1000)
      expect(readRetryAfter(later, { now: 0, date: new Date(whole).toUTCString() })).toBe(seconds * 1000)
    }),
  )
})
