import { expect, test } from 'vitest'
import { createLives } from '../../src/live/live.ts'
import { makeQuery } from '../../src/query/builder.ts'
import { signal } from '../../src/reactive.ts'
import { allIn, book, createLiveKit, schema } from '../live/lives.ts'

function createFailing() {
  const kit = createLiveKit()
  let failures = 0
  const pool = {
    ...kit.pool,
    narrow(of: Parameters<typeof kit.pool.narrow>[0]) {
      if (failures-- > 0) throw new Error('no way')
      return kit.pool.narrow(of)
    },
  }
  const errors: unknown[] = []
  const lives = createLives({ pool, clock: kit.clock, ready: signal(allIn), onError: (error) => errors.push(error) })
  return { ...kit, errors, lives, books: makeQuery(lives, schema, 'books'), fail: (times: number) => (failures = times) }
}

test('a pipeline that breaks and cannot be built anew neither goes stale nor keeps others from theirs', () => {
  const { pool, books, errors, fail } = createFailing()
  const one = books.live()
  const other = books.where('pages', '>=', 0).live()
  const shown: number[] = []
  one.subscribe((rows) => shown.push(rows.length))
  other.subscribe((rows) => shown.push(rows.length * 10))
  fail(1)
  pool.announce([{ collection: 'books', id: 'never', before: book('never'), after: undefined }])
  pool.commit([book('b9')])
  expect([one.value.length, other.value.length]).toEqual([1, 1])
  expect(shown.slice(-2).sort((a, b) => a - b)).toEqual([1, 10])
  expect(errors.map(String).filter((text) => text.includes('no way'))).toHaveLength(1)
})
