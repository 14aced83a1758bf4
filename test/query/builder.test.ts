import { expect, test } from 'vitest'
import { TidemarkError } from '../../src/errors.ts'
import { answerQuery } from '../../src/query/answer.ts'
import type { QueryAst } from '../../src/query/ast.ts'
import { makeQuery } from '../../src/query/builder.ts'
import { termLimit } from '../../src/query/condition.ts'
import type { Question } from '../../src/query/query.ts'
import type { AnyRow } from '../../src/schema/row.ts'

interface Book {
  readonly id: string
  readonly title: string
  readonly pages: number
  readonly shelf: string | null
  readonly note?: string
}

const rows: readonly AnyRow[] = [
  { id: 'b1', title: 'Tides', pages: 3, shelf: 'a' },
  { id: 'b2', title: 'Tidal', pages: 4, shelf: null },
  { id: 'b3', title: 'Moon', pages: 5, shelf: 'b', note: 'lent' },
]
let asked: QueryAst | undefined
const books: Question<Book> = makeQuery<Book>(
  {
    read: (ast) => {
      asked = ast
      return answerQuery(ast, rows)
    },
  },
  'books',
)
const ids = (question: Question<Book>): string =>
  question
    .read()
    .map(({ id }) => id)
    .join(' ')

test('a question says what was asked, as plain data', () => {
  books.where('pages', '>=', 4).where('shelf', '=', null).orderBy('title').orderBy('pages', 'desc').limit(2).read()
  expect(asked).toEqual({
    from: 'books',
    where: {
      op: 'and',
      of: [
        { op: '>=', field: 'pages', value: 4 },
        { op: '=', field: 'shelf', value: null },
      ],
    },
    orderBy: [
      { field: 'title', direction: 'asc' },
      { field: 'pages', direction: 'desc' },
    ],
    limit: 2,
  })
  expect(JSON.parse(JSON.stringify(asked))).toEqual(asked)
})

test('C6 where pages >= 4 answers with 4 and 5, not 3', () => {
  expect(ids(books.where('pages', '>=', 4))).toBe('b2 b3')
})

test('each operator narrows; and, or, not join', () => {
  expect(ids(books)).toBe('b1 b2 b3')
  expect(ids(books.where('title', '=', 'Moon'))).toBe('b3')
  expect(ids(books.where('shelf', '!=', 'a'))).toBe('b2 b3')
  expect(ids(books.where('pages', '<', 4))).toBe('b1')
  expect(ids(books.where('pages', '<=', 4))).toBe('b1 b2')
  expect(ids(books.where('pages', '>', 4))).toBe('b3')
  expect(ids(books.where('shelf', 'in', ['b', null]))).toBe('b2 b3')
  expect(ids(books.where('shelf', 'in', []))).toBe('')
  expect(ids(books.where('title', 'startsWith', 'Tid'))).toBe('b1 b2')
  expect(ids(books.where('note', '=', null))).toBe('b1 b2')
  expect(ids(books.where((row) => row.or(row.is('pages', '=', 3), row.not(row.is('title', 'startsWith', 'T')))))).toBe('b1 b3')
  expect(ids(books.where((row) => row.and(row.is('pages', '>', 3), row.is('shelf', '!=', null))))).toBe('b3')
  expect(ids(books.where((row) => row.and()))).toBe('b1 b2 b3')
  expect(ids(books.where((row) => row.or()))).toBe('')
})

test('a question is immutable: narrowing one leaves it as it was', () => {
  const all = books.orderBy('pages')
  const long = all.where('pages', '>', 3)
  expect(ids(long.limit(1))).toBe('b2')
  expect(ids(long)).toBe('b2 b3')
  expect(ids(all)).toBe('b1 b2 b3')
})

test('what is compared with is copied: changing it later changes no question', () => {
  const list = ['a']
  const question = books.where('shelf', 'in', list)
  list.push('b')
  expect(ids(question)).toBe('b1')
})

test('a limit of none answers with none, a large one with all', () => {
  expect(ids(books.limit(0))).toBe('')
  expect(ids(books.limit(Number.MAX_SAFE_INTEGER))).toBe('b1 b2 b3')
})

// what TypeScript refuses and JavaScript can say
interface Loose {
  where(...args: readonly unknown[]): Loose
  orderBy(...args: readonly unknown[]): Loose
  limit(...args: readonly unknown[]): Loose
}
const loose = books as unknown as Loose
const is = { op: '=', field: 'pages', value: 1 }

test.each<[string, () => unknown]>([
  ['an unknown operator', () => loose.where('pages', '~', 1)],
  ['no operator', () => loose.where('pages')],
  ['an inherited name as operator', () => loose.where('pages', 'toString', 1)],
  ['a function as operand', () => loose.where('pages', '=', () => 1)],
  ['nothing as operand', () => loose.where('pages', '=', undefined)],
  ['a symbol as field', () => loose.where(Symbol('pages'), '=', 1)],
  ['no field', () => loose.where('', '=', 1)],
  ['nothing at all', () => loose.where()],
  ['null', () => loose.where(null)],
  ['in without a list', () => loose.where('pages', 'in', 1)],
  ['in with a text', () => loose.where('title', 'in', 'abc')],
  ['startsWith without a text', () => loose.where('title', 'startsWith', 1)],
  ['< with null', () => loose.where('pages', '<', null)],
  ['>= with a boolean', () => loose.where('pages', '>=', true)],
  ['<= with a list', () => loose.where('pages', '<=', [1])],
  ['> with an object', () => loose.where('pages', '>', {})],
  ['a condition that is not one', () => loose.where(() => 1)],
  ['a condition made by hand', () => loose.where(() => is)],
  ['a promise of a condition', () => loose.where(async () => is)],
  ['no condition', () => loose.where(() => undefined)],
  ['and of what is no condition', () => books.where((row) => row.and(is as never))],
  ['or of what is no condition', () => books.where((row) => row.or(undefined as never))],
  ['not of what is no condition', () => books.where((row) => row.not('pages' as never))],
  ['a bad comparison inside', () => books.where((row) => row.is('pages', 'in', 7 as never))],
  [
    'more terms than the limit, one by one',
    () => Array.from({ length: termLimit + 1 }).reduce<Loose>((question, _, i) => question.where('pages', '!=', i), loose),
  ],
  [
    'more terms than the limit, in an or',
    () => books.where((row) => row.or(...Array.from({ length: termLimit + 1 }, (_, i) => row.is('pages', '=', i)))),
  ],
  [
    'more terms than the limit, in a list',
    () =>
      loose.where(
        'pages',
        'in',
        Array.from({ length: termLimit + 1 }, (_, i) => i),
      ),
  ],
  [
    'more terms than the limit, in two lists',
    () =>
      loose
        .where(
          'pages',
          'in',
          Array.from({ length: termLimit }, (_, i) => i),
        )
        .where('pages', 'in', [1]),
  ],
  ['a limit that is not a number', () => loose.limit(Number.NaN)],
  ['a limit below none', () => loose.limit(-1)],
  ['half a row', () => loose.limit(1.5)],
  ['a limit as text', () => loose.limit('5')],
  ['no limit', () => loose.limit()],
  ['an endless limit', () => loose.limit(Number.POSITIVE_INFINITY)],
  ['an order by nothing', () => loose.orderBy('')],
  ['an order by a number', () => loose.orderBy(1)],
  ['an order that goes nowhere', () => loose.orderBy('pages', 'up')],
  ['an order that goes null', () => loose.orderBy('pages', null)],
])('%s is invalid/query, with the part that is wrong', (_, ask) => {
  const error = caught(ask)
  expect(error.code).toBe('invalid/query')
  expect(error.details.path).toEqual(expect.any(String))
  expect(error.message).toMatch(/\.$/)
})

test.each<[string, unknown]>([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['a date', new Date(0)],
  ['a map', new Map()],
  ['a big integer', 1n],
  ['a lone surrogate', '\ud800'],
])('%s, which no row can hold, is invalid/value', (_, operand) => {
  expect(caught(() => loose.where('pages', '=', operand)).code).toBe('invalid/value')
})

test('as many terms as the limit are fine', () => {
  expect(
    ids(
      books.where(
        'pages',
        'in',
        Array.from({ length: termLimit }, (_, i) => i),
      ),
    ),
  ).toBe('b1 b2 b3')
})

test('a question inside a transaction is read, not watched', () => {
  const inside = books as unknown as { run(): unknown; live(): unknown }
  expect(caught(() => inside.run()).code).toBe('invalid/query')
  expect(caught(() => inside.live()).code).toBe('invalid/query')
})

function caught(act: () => unknown): TidemarkError {
  try {
    act()
  } catch (error) {
    if (error instanceof TidemarkError) return error
    throw error
  }
  throw new Error('Nothing was thrown.')
}
