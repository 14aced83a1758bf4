import { expect, test } from 'vitest'
import type { AnyRow } from '../../src/schema/row.ts'
import { createLiveKit } from '../live/lives.ts'

test('of a long list with select, a commit looks at the rows that changed and not at the ids of all', () => {
  const { pool, lives } = createLiveKit()
  let reads = 0
  const row = (id: string, pages: number): AnyRow =>
    Object.freeze({
      get id() {
        reads++
        return id
      },
      title: id,
      pages,
    }) as never
  pool.commit(Array.from({ length: 5000 }, (_, i) => row(`b${i}`, i)))
  const live = lives.live({ from: 'books', orderBy: [{ field: 'pages', direction: 'asc' }], select: ['title', 'pages'] })
  live.subscribe(() => {})
  reads = 0
  pool.commit([row('b2500', 2500.5)])
  pool.commit([row('b1', -1)], ['b7'])
  pool.commit([row('new', 100.5)])
  expect(reads).toBeLessThan(500)
  expect(live.value).toHaveLength(5000)
})
