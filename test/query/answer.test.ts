import { expect, test } from 'vitest'
import { answerQuery, makeOrder } from '../../src/query/answer.ts'
import type { AnyRow } from '../../src/schema/row.ts'
import type { Json } from '../../src/util/json.ts'

const row = (id: string, n?: Json, s?: Json): AnyRow => ({ id, ...(n !== undefined && { n }), ...(s !== undefined && { s }) })
const ids = (rows: readonly AnyRow[]): string => rows.map(({ id }) => id).join(' ')

test('without an order an answer goes by id, text by UTF-16 code unit', () => {
  expect(ids(answerQuery({ from: 'x' }, [row('b'), row('\uff5e'), row('a'), row('B'), row('\u{1f600}'), row('10'), row('9')]))).toBe(
    '10 9 B a b \u{1f600} \uff5e',
  )
})

test('keys order one after the other, each in its direction, and ids break the last tie upwards', () => {
  const rows = [row('d', 1, 'x'), row('c', 2, 'x'), row('b', 1, 'y'), row('a', 1, 'x'), row('e', 2, 'y')]
  const by = (n: 'asc' | 'desc', s: 'asc' | 'desc') =>
    ids(
      answerQuery(
        {
          from: 'x',
          orderBy: [
            { field: 'n', direction: n },
            { field: 's', direction: s },
          ],
        },
        rows,
      ),
    )
  expect(by('asc', 'asc')).toBe('a d b c e')
  expect(by('asc', 'desc')).toBe('b a d e c')
  expect(by('desc', 'asc')).toBe('c e a d b')
  expect(by('desc', 'desc')).toBe('e c b a d')
})

test('null and absent come first upwards, last downwards, and tie', () => {
  const rows = [row('a', 1), row('c', null), row('b'), row('d', 0), row('e', 'text'), row('f', true)]
  expect(ids(answerQuery({ from: 'x', orderBy: [{ field: 'n', direction: 'asc' }] }, rows))).toBe('b c f d a e')
  expect(ids(answerQuery({ from: 'x', orderBy: [{ field: 'n', direction: 'desc' }] }, rows))).toBe('e a d f b c')
})

test('the limit cuts after sorting', () => {
  const rows = [row('a', 3), row('b', 1), row('c', 2)]
  const ast = { from: 'x', orderBy: [{ field: 'n', direction: 'asc' as const }] }
  expect([0, 1, 2, 9].map((limit) => ids(answerQuery({ ...ast, limit }, rows)))).toEqual(['', 'b', 'b c', 'b c a'])
})

test('an order compares equal only a row with itself', () => {
  const order = makeOrder([{ field: 'n', direction: 'desc' }])
  expect(order(row('a', 1), row('a', 1))).toBe(0)
  expect(order(row('a', 1), row('b', 1))).toBeLessThan(0)
  expect(order(row('b', 1), row('a', 1))).toBeGreaterThan(0)
  expect(order(row('a', 1), row('b', 2))).toBeGreaterThan(0)
  expect(order(row('a', 2), row('b', 1))).toBeLessThan(0)
})
