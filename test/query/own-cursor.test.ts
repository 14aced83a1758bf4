import { expect, test } from 'vitest'
import { book, createLiveKit } from '../live/lives.ts'

test('a row never comes behind itself: where the order leads by it may be another row that says the same', () => {
  const { pool, books } = createLiveKit()
  pool.commit(
    ['s1', 's2'].map((id) => ({ id, name: 'same', room: null })),
    [],
    'shelves',
  )
  pool.commit([book('b1', { shelf: 's1' }), book('b2', { shelf: 's1' })])
  const asked = books.orderBy('place.name').with('place')
  const live = asked.after(asked.read()[0] as never).live()
  live.subscribe(() => {})
  pool.commit([book('b1', { shelf: 's2' })])
  expect(live.value.map(({ id }) => id)).toEqual(['b2'])
})
