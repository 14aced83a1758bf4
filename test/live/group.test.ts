import { expect, test } from 'vitest'
import { createLiveKit } from '../live/lives.ts'
import { makeRow } from '../live/tiny-pool.ts'

test('a list and a text that reads like it are two groups', () => {
  const { pool, lives } = createLiveKit()
  pool.commit([makeRow('a', { x: '[["q"]]' }), makeRow('b', { x: ['q'] })])
  const live = lives.live({ from: 'books', group: { by: [{ field: 'x' }], aggregates: { n: { op: 'count' } } } })
  expect(live.value).toEqual([
    { x: '[["q"]]', n: 1 },
    { x: ['q'], n: 1 },
  ])
})
