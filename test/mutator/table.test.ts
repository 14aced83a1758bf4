import { expect, test } from 'vitest'
import { makeSource, runOver } from '../mutator/app.ts'

test('the functions of a table may be taken out of it', () => {
  const ran = runOver(makeSource({ id: 'a', n: 1 }), {}, (tx) => {
    const { get, put, where } = tx.things
    const rows = ['a', 'none'].map(get)
    put({ id: 'b', n: (rows[0]?.n ?? 0) + where('n', '>', 0).read().length })
  })
  expect([ran.failure, ran.writes.get('things/b')]).toEqual([undefined, { id: 'b', n: 2 }])
})
