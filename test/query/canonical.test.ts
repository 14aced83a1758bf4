import fc from 'fast-check'
import { expect, test } from 'vitest'
import { answerRows } from '../../src/query/answer.ts'
import { type ConditionAst, type OperatorName, operators, type QueryAst } from '../../src/query/ast.ts'
import { conditionKey, queryKey } from '../../src/query/canonical.ts'
import { openLibrary } from './library.ts'
import type { AnyRow } from '../../src/schema/row.ts'
import { createRng, type Rng } from '../kit/rng.ts'

const rows: readonly AnyRow[] = Array.from({ length: 24 }, (_, i) => ({
  id: `r${i}`,
  n: i % 4,
  s: 'abcdef'.slice(0, i % 6),
  z: i % 3 === 0 ? null : i % 5,
}))

const comparison: fc.Arbitrary<ConditionAst> = fc.oneof(
  fc.record({
    op: fc.constantFrom('=' as const, '!=' as const, '<' as const, '>=' as const),
    field: fc.constantFrom('n', 'z'),
    value: fc.integer({ min: 0, max: 4 }),
  }),
  fc.record({ op: fc.constant('startsWith' as const), field: fc.constant('s'), value: fc.constantFrom('', 'a', 'abc') }),
  fc.record({
    op: fc.constant('in' as const),
    field: fc.constantFrom('n', 'z'),
    value: fc.array(fc.constantFrom(0, 1, 2, null), { maxLength: 4 }),
  }),
)
const { condition } = fc.letrec<{ condition: ConditionAst; joined: ConditionAst; negated: ConditionAst }>((tie) => ({
  condition: fc.oneof({ maxDepth: 4, withCrossShrink: true }, comparison, tie('joined'), tie('negated')),
  joined: fc.record({ op: fc.constantFrom('and' as const, 'or' as const), of: fc.array(tie('condition'), { maxLength: 3 }) }),
  negated: fc.tuple(tie('condition')).map((of) => ({ op: 'not' as const, of })),
}))

test('conditions that differ in order and nesting alone have equal keys and equal answers', () => {
  fc.assert(
    fc.property(condition, fc.nat(), (made, seed) => {
      const other = rearrange(made, createRng(seed))
      expect(conditionKey(other)).toBe(conditionKey(made))
      expect(answerRows({ from: 'books', where: other }, rows)).toEqual(answerRows({ from: 'books', where: made }, rows))
    }),
    { numRuns: 500 },
  )
})

test('conditions with equal keys have equal answers', () => {
  const byKey = new Map<string, string>()
  let shared = 0
  for (const made of fc.sample(condition, { numRuns: 4000, seed: 11 })) {
    const key = conditionKey(made)
    const answer = answerRows({ from: 'books', where: made }, rows)
      .map(({ id }) => id)
      .join()
    if (byKey.has(key)) shared++
    expect(byKey.get(key) ?? answer).toBe(answer)
    byKey.set(key, answer)
  }
  expect(shared).toBeGreaterThan(100)
})

test('questions that ask different things have different keys', () => {
  const is = (value: string | number | null): ConditionAst => ({ op: '=', field: 'n', value })
  const keys = [
    queryKey({ from: 'books' }),
    queryKey({ from: 'shelves' }),
    queryKey({ from: 'books', limit: 1 }),
    queryKey({ from: 'books', limit: 10 }),
    queryKey({ from: 'books', orderBy: [{ field: 'n', direction: 'asc' }] }),
    queryKey({ from: 'books', orderBy: [{ field: 'n', direction: 'desc' }] }),
    queryKey({
      from: 'books',
      orderBy: [
        { field: 'n', direction: 'asc' },
        { field: 's', direction: 'asc' },
      ],
    }),
    queryKey({
      from: 'books',
      orderBy: [
        { field: 's', direction: 'asc' },
        { field: 'n', direction: 'asc' },
      ],
    }),
    ...[1, '1', null, 'null'].map((value) => queryKey({ from: 'books', where: is(value) })),
    ...operators.filter((op) => op !== '=').map((op) => queryKey({ from: 'books', where: { op, field: 'n', value: operandOf(op) } })),
    queryKey({ from: 'books', where: { op: 'not', of: [is(1)] } }),
    queryKey({ from: 'books', where: { op: 'and', of: [] } }),
    queryKey({ from: 'books', where: { op: 'or', of: [] } }),
    queryKey({ from: 'books', where: { op: 'and', of: [is(1), is(2)] } }),
    queryKey({ from: 'books', where: { op: 'or', of: [is(1), is(2)] } }),
  ]
  expect(new Set(keys).size).toBe(keys.length)
})

const operandOf = (op: OperatorName) => (op === 'in' || op === 'notIn' ? ['1', '2'] : op === 'isNull' ? false : '1')

test('questions that ask the same, spelt otherwise, have one key', () => {
  const { books } = openLibrary()
  const both = { n: 'count', pages: { sum: 'pages' } } as const
  const turned = { pages: { sum: 'pages' }, n: 'count' } as const
  const pairs: readonly (readonly [{ toJSON(): QueryAst }, { toJSON(): QueryAst }])[] = [
    [books.orderBy('title', 'asc', 'first'), books.orderBy('title')],
    [books.orderBy('title', 'desc', 'last'), books.orderBy('title', 'desc')],
    [books.offset(0), books],
    [books.with('shelf').with('labels'), books.with('labels').with('shelf')],
    [books.with('shelf', (q) => q), books.with('shelf')],
    [books.select('title', 'id'), books.select('id', 'title', 'id')],
    [books.where('pages', 'in', [3]), books.where('pages', '=', 3)],
    [books.where('pages', 'in', [3, 3]), books.where('pages', '=', 3)],
    [books.where('pages', 'notIn', [3]), books.where('pages', '!=', 3)],
    [books.where('pages', 'isNull', true), books.where('pages', '=', null)],
    [books.where('pages', 'isNull', false), books.where('pages', '!=', null)],
    [books.where('pages', 'notIn', [3, 4]), books.where('pages', 'notIn', [4, 3, 4])],
    [books.where('pages', '>', 3).exists('shelf'), books.exists('shelf').where('pages', '>', 3)],
    [books.where((row) => row.exists('shelf')), books.exists('shelf')],
    [books.where((row) => row.not(row.exists('shelf'))), books.notExists('shelf')],
    [books.groupBy('status').aggregate(both), books.groupBy('status').aggregate(turned)],
    [books.aggregate(both), books.aggregate(turned)],
    [books.with('shelf').orderBy('shelf.name').count(), books.count()],
    [books.select('title', 'pages').distinct(), books.select('title', 'pages').distinct().offset(0)],
    [
      books.exists('shelf', (q) => q.where('rank', '>', 1).where('name', '=', 'x')),
      books.exists('shelf', (q) => q.where('name', '=', 'x').where('rank', '>', 1)),
    ],
  ]
  for (const [one, two] of pairs) expect(queryKey(two.toJSON())).toBe(queryKey(one.toJSON()))
})

test('a question is the same once it has been text', () => {
  const { books } = openLibrary()
  const asked = books.where('pages', 'in', [3, 4]).exists('labels').with('shelf').orderBy('shelf.name').limit(3).toJSON()
  expect(queryKey(JSON.parse(JSON.stringify(asked)))).toBe(queryKey(asked))
})

test('questions that differ in any part have keys of their own', () => {
  const { books, shelves } = openLibrary()
  const row = { id: 'b1', title: 'x', pages: 1, shelfId: null }
  const on = ['shelfId', 'id'] as const
  const groups = books.groupBy('status').count()
  const asked: readonly { toJSON(): QueryAst }[] = [
    books,
    shelves,
    books.orderBy('title'),
    books.orderBy('title', 'desc'),
    books.orderBy('title', 'asc', 'last'),
    books.orderBy('title', 'desc', 'first'),
    books.orderBy('shelf.name'),
    books.leftJoin('shelves', { as: 'shelf', on }),
    books.leftJoin('shelves', { as: 'place', on }),
    books.innerJoin('shelves', { as: 'place', on }),
    books.innerJoin('shelves', { as: 'place', on, where: (q) => q.where('rank', '>', 1) }),
    books.innerJoin('shelves', { as: 'place', on: ['title', 'id'] }),
    books.innerJoin('shelves', { as: 'place', on: ['shelfId', 'name'] }),
    books.leftJoin('shelves', { as: 'place', on }).orderBy('place.name'),
    books.offset(1),
    books.after(row),
    books.after({ ...row, id: 'b2' }),
    books.orderBy('title').after(row),
    books.orderBy('title').after({ ...row, title: 'y' }),
    books.with('shelf'),
    books.with('original'),
    books.with('sequels'),
    books.with('labels'),
    books.with('shelf', (q) => q.limit(1)),
    books.with('shelf', (q) => q.with('books')),
    books.exists('shelf'),
    books.notExists('shelf'),
    books.exists('original'),
    books.exists('sequels'),
    books.exists('labels'),
    books.exists('shelf', (q) => q.where('rank', '>', 1)),
    books.select('title'),
    books.select('title', 'id'),
    books.select('title').distinct(),
    books.select('title', 'pages').distinct(),
    books.select('pages', 'title').distinct(),
    books.select('title').distinct().limit(1),
    books.first(),
    books.limit(1),
    books.single('b1'),
    books.count(),
    books.select('title').distinct().count(),
    books.sum('pages'),
    books.avg('pages'),
    books.min('pages'),
    books.max('pages'),
    books.min('title'),
    books.aggregate({ sum: { sum: 'pages' } }),
    books.aggregate({ n: 'count' }),
    books.aggregate({ m: 'count' }),
    groups,
    groups.first(),
    groups.limit(1),
    groups.offset(1),
    groups.orderBy('count'),
    groups.orderBy('count', 'desc'),
    groups.orderBy('status'),
    groups.having('count', '>', 1),
    groups.having('count', '>', 2),
    books.groupBy('title').count(),
    books.groupBy('status', 'title').count(),
    books.groupBy('title', 'status').count(),
    books.groupBy('shelf.name').count(),
    books.limit(3).groupBy('status').count(),
  ]
  const keys = asked.map((question) => queryKey(question.toJSON()))
  const twice = keys.findIndex((key, i) => keys.indexOf(key) !== i)
  expect([twice, keys[twice]]).toEqual([-1, undefined])
})

test('rows that meet otherwise are another question, each part of how they meet', () => {
  const hop = { near: 'a', collection: 'b', far: 'c', isOne: false }
  const link = { collection: 'd', from: 'e', to: 'f' }
  const hops = [hop, { ...hop, near: 'x' }, { ...hop, collection: 'x' }, { ...hop, far: 'x' }]
  const links = [link, { ...link, collection: 'x' }, { ...link, from: 'x' }, { ...link, to: 'x' }]
  const query = { from: 'b' }
  const asked: readonly QueryAst[] = [
    ...hops.map((hop) => ({ from: 'a', where: { op: 'exists' as const, hop } })),
    ...hops.map((hop) => ({ from: 'a', joins: [{ as: 'j', kind: 'left' as const, hop }] })),
    { from: 'a', joins: [{ as: 'j', kind: 'left', hop, isHidden: true }] },
    ...hops.map((hop) => ({ from: 'a', with: [{ as: 'w', hop, query }] })),
    { from: 'a', with: [{ as: 'w', hop: { ...hop, isOne: true }, query }] },
    ...links.map((link) => ({ from: 'a', with: [{ as: 'w', hop, link, query }] })),
  ]
  expect(new Set(asked.map(queryKey)).size).toBe(asked.length)
})

/** The same condition, put another way: parts in another order, some twice, some wrapped or nested. */
function rearrange(made: ConditionAst, rng: Rng): ConditionAst {
  const wrap = (one: ConditionAst): ConditionAst => (rng.chance(0.2) ? { op: rng.pick(['and', 'or']), of: [one] } : one)
  if (made.op === 'not') return wrap({ op: 'not', of: [rearrange(made.of[0], rng)] })
  if (made.op === 'in') return wrap({ ...made, value: rng.shuffle(made.value as readonly number[]) })
  if (made.op === 'exists') return wrap(made)
  if (!('of' in made)) return wrap({ value: made.value, field: made.field, op: made.op })
  const parts = rng.shuffle(made.of.map((part) => rearrange(part, rng)))
  if (parts.length > 0 && rng.chance(0.3)) parts.push(rng.pick(parts))
  if (parts.length > 1 && rng.chance(0.5)) parts.push({ op: made.op, of: parts.splice(0, rng.int(1, parts.length - 1)) })
  return wrap({ op: made.op, of: parts })
}
