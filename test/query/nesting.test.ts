import { expect, test } from 'vitest'
import { queryKey } from '../../src/query/canonical.ts'
import { book, createLiveKit } from '../live/lives.ts'

type Row = { is(...given: unknown[]): unknown; not(one: unknown): unknown; and(...all: unknown[]): unknown; or(...any: unknown[]): unknown }
const where = (build: (row: Row) => unknown) => {
  const { pool, books } = createLiveKit()
  pool.commit([book('a')])
  return (books as never as { where(build: (row: Row) => unknown): { read(): unknown; toJSON(): never } }).where(build)
}

test('the key of a nested condition is about as long as the condition', () => {
  const nested = where((row) => {
    let made = row.is('pages', '=', 1)
    for (let i = 0; i < 12; i++) made = row[i % 2 ? 'or' : 'and'](row.is('title', '=', 'x'), row.not(made))
    return made
  }).toJSON()
  expect(queryKey(nested).length).toBeLessThan(2 * JSON.stringify(nested).length)
})

test('the key of a question within questions is about as long as the question', () => {
  const nest = (query: any, depth: number, relation: string): any =>
    depth === 0
      ? query.where('id', '!=', 'x')
      : query.with(relation, (inner: any) => nest(inner, depth - 1, relation === 'place' ? 'books' : 'place'))
  const asked = nest(createLiveKit().books, 8, 'place').toJSON()
  expect(queryKey(asked).length).toBeLessThan(2 * JSON.stringify(asked).length)
})

const refused = expect.objectContaining({ code: 'invalid/query', details: { path: 'where' } })
test('a condition that is nested without end is refused', () => {
  expect(() =>
    where((row) => {
      let made = row.is('pages', '=', 0)
      for (let i = 0; i < 3000; i++) made = row.not(made)
      return made
    }).read(),
  ).toThrow(refused)
})

test('a condition that stands in itself twice, again and again, is refused at once', () => {
  expect(() =>
    where((row) => {
      let made = row.is('pages', '=', 0)
      for (let i = 0; i < 40; i++) made = row.or(made, row.not(made))
      return made
    }),
  ).toThrow(refused)
})

test('joints of nothing are terms too', () => {
  expect(() => where((row) => row.or(...Array.from({ length: 2000 }, () => row.and()))).read()).toThrow(refused)
})
