import { expect, test } from 'vitest'
import { answerRows } from '../../src/query/answer.ts'
import type { Node } from '../../src/query/node.ts'
import { makeOrder } from '../../src/query/node.ts'
import type { AnyRow } from '../../src/schema/row.ts'
import type { Json } from '../../src/util/json.ts'
import { idsOf, openLibrary, rows } from './library.ts'

const row = (id: string, n?: Json, s?: Json): AnyRow => ({ id, ...(n !== undefined && { n }), ...(s !== undefined && { s }) })

/* plain questions */

test('without an order an answer goes by id, text by UTF-16 code unit', () => {
  expect(idsOf(answerRows({ from: 'x' }, [row('b'), row('\uff5e'), row('a'), row('B'), row('\u{1f600}'), row('10'), row('9')]))).toBe(
    '10 9 B a b \u{1f600} \uff5e',
  )
})

test('keys order one after the other, each in its direction, and ids break the last tie upwards', () => {
  const rows = [row('d', 1, 'x'), row('c', 2, 'x'), row('b', 1, 'y'), row('a', 1, 'x'), row('e', 2, 'y')]
  const by = (n: 'asc' | 'desc', s: 'asc' | 'desc') =>
    idsOf(
      answerRows(
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

test('null and absent come first upwards, last downwards, tie, and go where they are placed', () => {
  const rows = [row('a', 1), row('c', null), row('b'), row('d', 0), row('e', 'text'), row('f', true)]
  const by = (direction: 'asc' | 'desc', nulls?: 'first' | 'last') =>
    idsOf(answerRows({ from: 'x', orderBy: [{ field: 'n', direction, ...(nulls && { nulls }) }] }, rows))
  expect(by('asc')).toBe('b c f d a e')
  expect(by('asc', 'first')).toBe('b c f d a e')
  expect(by('asc', 'last')).toBe('f d a e b c')
  expect(by('desc')).toBe('e a d f b c')
  expect(by('desc', 'last')).toBe('e a d f b c')
  expect(by('desc', 'first')).toBe('b c e a d f')
})

test('the limit cuts after sorting', () => {
  const rows = [row('a', 3), row('b', 1), row('c', 2)]
  const ast = { from: 'x', orderBy: [{ field: 'n', direction: 'asc' as const }] }
  expect([0, 1, 2, 9].map((limit) => idsOf(answerRows({ ...ast, limit }, rows)))).toEqual(['', 'b', 'b c', 'b c a'])
})

test('an order compares equal only a row with itself', () => {
  const order = makeOrder({ orderBy: [{ field: 'n', direction: 'desc' }] }) as (a: Node, b: Node) => number
  expect(order(row('a', 1), row('a', 1))).toBe(0)
  expect(order(row('a', 1), row('b', 1))).toBeLessThan(0)
  expect(order(row('b', 1), row('a', 1))).toBeGreaterThan(0)
  expect(order(row('a', 1), row('b', 2))).toBeGreaterThan(0)
  expect(order(row('a', 2), row('b', 1))).toBeLessThan(0)
})

/* rows of other collections */

const { books, shelves, labels } = openLibrary()

test('exists keeps the rows that meet one, notExists the others; null and what leads nowhere meet nothing', () => {
  expect(idsOf(books.exists('shelf').read())).toBe('b1 b3 b4')
  expect(idsOf(books.notExists('shelf').read())).toBe('b2 b5')
  expect(idsOf(books.exists('shelf', (q) => q.where('rank', '<', 2)).read())).toBe('b3')
  expect(idsOf(shelves.exists('books').read())).toBe('s1 s2')
  expect(idsOf(shelves.exists('books', (q) => q.where('pages', 'isNull', true)).read())).toBe('s1')
  expect(idsOf(shelves.notExists('books', (q) => q.where('pages', '>', 4)).read())).toBe('s1 s3')
})

test('exists reaches through link rows, within and, or and not, and through itself', () => {
  expect(idsOf(books.exists('labels').read())).toBe('b1 b3')
  expect(idsOf(books.exists('labels', (q) => q.where('name', '=', 'red')).read())).toBe('b1')
  expect(idsOf(labels.notExists('books').read())).toBe('l3')
  const either = books.where((row) =>
    row.or(
      row.is('pages', 'isNull', true),
      row.exists('labels', (q) => q.where('name', '=', 'red')),
    ),
  )
  expect(idsOf(either.read())).toBe('b1 b4')
  expect(idsOf(books.where((row) => row.not(row.and(row.exists('shelf'), row.exists('labels')))).read())).toBe('b2 b4 b5')
  expect(idsOf(books.exists('sequels', (q) => q.exists('sequels')).read())).toBe('b1')
  expect(idsOf(books.exists('sequels', (q) => q.notExists('shelf').exists('sequels', (q) => q.where('status', '=', 'old'))).read())).toBe(
    'b1',
  )
})

test('rows meet by value and type; null, absence, lists and objects meet nothing', () => {
  const values = [1, '1', ['1'], { id: '1' }, true, null]
  const { things } = openLibrary({
    things: [
      ...values.map((near, i) => ({ id: `near ${i}`, near })),
      { id: 'near 6' },
      ...values.map((far, i) => ({ id: `far ${i}`, near: 'x', far })),
    ],
    shelves: [{ id: '1', name: 'text', rank: 1 }],
  })
  const joined = things.where('id', 'startsWith', 'near').leftJoin('things', { as: 'other', on: ['near', 'far'] })
  expect(joined.read().map(({ id, other }) => [id, other?.id])).toEqual([
    ['near 0', 'far 0'],
    ['near 1', 'far 1'],
    ['near 2', undefined],
    ['near 3', undefined],
    ['near 4', 'far 4'],
    ['near 5', undefined],
    ['near 6', undefined],
  ])
})

test('an inner join multiplies and drops, a left join multiplies and keeps; ties go by all ids', () => {
  const inner = shelves.innerJoin('books', { as: 'book', on: ['id', 'shelfId'] })
  expect(inner.read().map(({ id, book }) => [id, book.id])).toEqual([
    ['s1', 'b1'],
    ['s1', 'b4'],
    ['s2', 'b3'],
  ])
  const left = shelves.leftJoin('books', { as: 'book', on: ['id', 'shelfId'] })
  expect(
    left
      .orderBy('book.title', 'desc')
      .read()
      .map(({ id, book }) => [id, book?.id]),
  ).toEqual([
    ['s1', 'b1'],
    ['s1', 'b4'],
    ['s2', 'b3'],
    ['s3', undefined],
  ])
  expect(left.read().at(-1)).toEqual({ id: 's3', name: 'empty', rank: 3, book: undefined })
  expect(Object.hasOwn(left.read().at(-1) as object, 'book')).toBe(true)
})

test('joins are narrowed before they are met, and multiply one another', () => {
  const narrowed = shelves.leftJoin('books', { as: 'book', on: ['id', 'shelfId'], where: (q) => q.exists('labels').where('pages', '>', 3) })
  expect(narrowed.read().map(({ id, book }) => [id, book?.id])).toEqual([
    ['s1', undefined],
    ['s2', 'b3'],
    ['s3', undefined],
  ])
  const links = books
    .where('id', '=', 'b1')
    .innerJoin('bookLabels', { as: 'link', on: ['id', 'bookId'] })
    .leftJoin('books', { as: 'sequel', on: ['id', 'sequelOf'] })
  expect(links.read().map(({ link, sequel }) => `${link.id} ${sequel?.id}`)).toEqual(['k1 b2', 'k1 b4', 'k2 b2', 'k2 b4', 'k3 b2', 'k3 b4'])
  expect(links.count().read()).toBe(6)
})

test('an order by a related field shows nothing of the relation; none sorts as null', () => {
  expect(idsOf(books.orderBy('shelf.rank').read())).toBe('b2 b5 b3 b1 b4')
  expect(idsOf(books.orderBy('shelf.rank', 'desc', 'first').orderBy('title').read())).toBe('b5 b2 b4 b1 b3')
  expect(books.orderBy('shelf.rank').read()[2]).toBe(rows['books']?.[2])
})

/* pages */

const paged = books.orderBy('pages', 'desc')

test('offset and limit cut what is sorted', () => {
  expect(idsOf(paged.read())).toBe('b3 b2 b5 b1 b4')
  expect(idsOf(paged.offset(1).limit(2).read())).toBe('b2 b5')
  expect(idsOf(paged.offset(4).read())).toBe('b4')
  expect(idsOf(paged.offset(5).read())).toBe('')
})

test('after a row comes the next one, between ties, at nulls, and where the row is gone', () => {
  const after = (id: string, pages: number | null): string => idsOf(paged.after({ id, title: '', pages, shelfId: null }).limit(2).read())
  expect(after('b3', 5)).toBe('b2 b5')
  expect(after('b2', 4)).toBe('b5 b1')
  expect(after('b22', 4)).toBe('b5 b1')
  expect(after('b1', 3)).toBe('b4')
  expect(after('b4', null)).toBe('')
  expect(after('x', 4.5)).toBe('b2 b5')
  expect(idsOf(paged.after({ id: 'b3', title: '', pages: 5, shelfId: null }).offset(1).limit(2).read())).toBe('b5 b1')
})

test('pages one after the other are the whole, whatever the order', () => {
  const orders = [
    books.orderBy('pages').with('shelf'),
    books.orderBy('pages', 'desc', 'first').with('shelf'),
    books.orderBy('shelf.rank', 'desc').orderBy('status', 'asc', 'last').with('shelf'),
    books.with('shelf'),
  ]
  for (const all of orders) {
    const whole = all.read()
    const found = []
    for (let last = whole[-1]; ; last = found.at(-1)) {
      const page = (last ? all.after(last) : all).limit(2).read()
      if (page.length === 0) break
      found.push(...page)
    }
    expect(idsOf(found)).toBe(idsOf(whole))
    expect(found).toHaveLength(5)
  }
  const joined = shelves.leftJoin('books', { as: 'book', on: ['id', 'shelfId'] }).orderBy('rank')
  const whole = joined.read()
  expect(whole.flatMap((row) => joined.after(row).limit(1).read())).toEqual(whole.slice(1))
})

/* rows within rows */

test('with brings the row that a relation leads to, or undefined', () => {
  expect(
    books
      .with('shelf')
      .read()
      .map(({ id, shelf }) => [id, shelf?.name]),
  ).toEqual([
    ['b1', 'north'],
    ['b2', undefined],
    ['b3', 'south'],
    ['b4', 'north'],
    ['b5', undefined],
  ])
  const narrowed = books.with('shelf', (q) => q.where('rank', '>', 1).select('name')).read()
  expect(narrowed.map(({ shelf }) => shelf)).toEqual([{ name: 'north' }, undefined, undefined, { name: 'north' }, undefined])
  expect(Object.hasOwn(narrowed[1] as object, 'shelf')).toBe(true)
})

test('with brings the rows that refer to each, with an order and a limit of their own', () => {
  const within = books.with('sequels', (q) => q.orderBy('title').limit(1))
  expect(within.read().map(({ id, sequels }) => [id, idsOf(sequels)])).toEqual([
    ['b1', 'b4'],
    ['b2', 'b5'],
    ['b3', ''],
    ['b4', ''],
    ['b5', ''],
  ])
  expect(idsOf(books.with('sequels', (q) => q.orderBy('title').offset(1)).read()[0]?.sequels ?? [])).toBe('b2')
})

test('with goes through link rows: a row that is linked twice is there once', () => {
  expect(
    books
      .with('labels')
      .read()
      .map(({ labels }) => idsOf(labels)),
  ).toEqual(['l1 l2', '', 'l1', '', ''])
  expect(
    labels
      .with('books', (q) => q.orderBy('pages', 'desc'))
      .read()
      .map(({ books }) => idsOf(books)),
  ).toEqual(['b3 b1', 'b1', ''])
})

test('with nests, with conditions on related rows and joins within', () => {
  const [south] = shelves
    .where('id', '=', 's2')
    .with('books', (q) =>
      q
        .exists('labels')
        .with('labels', (q) => q.with('books', (q) => q.orderBy('title').select('title')))
        .leftJoin('shelves', { as: 'place', on: ['shelfId', 'id'] })
        .select('id', 'labels', 'place'),
    )
    .read()
  expect(south).toEqual({
    id: 's2',
    name: 'south',
    rank: 1,
    books: [
      {
        id: 'b3',
        place: { id: 's2', name: 'south', rank: 1 },
        labels: [{ id: 'l1', name: 'blue', books: [{ title: 'Moon' }, { title: 'Tides' }] }],
      },
    ],
  })
})

test('distinct rows within a row are distinct for that row', () => {
  const within = shelves.with('books', (q) => q.select('status').distinct())
  expect(within.read().map(({ books }) => books)).toEqual([[{ status: null }, { status: 'new' }], [{ status: 'old' }], []])
})

test('select leaves fields and what is within, and says nothing of what is absent', () => {
  expect(books.select('id', 'lent').read()).toEqual([{ id: 'b1' }, { id: 'b2' }, { id: 'b3', lent: true }, { id: 'b4' }, { id: 'b5' }])
  expect(Object.keys(books.select('id', 'lent').read()[0] ?? {})).toEqual(['id'])
  expect(books.with('shelf').select('shelf').read()[1]).toEqual({ shelf: undefined })
})

/* what is told of rows */

test('count, sum, avg, min and max tell of the rows that are left', () => {
  expect(books.count().read()).toBe(5)
  expect(books.where('pages', '>', 3).limit(2).count().read()).toBe(2)
  expect(books.offset(4).count().read()).toBe(1)
  expect([books.sum('pages').read(), books.avg('pages').read(), books.min('pages').read(), books.max('title').read()]).toEqual([
    16,
    4,
    3,
    'Tides',
  ])
  expect(books.orderBy('pages', 'desc').limit(2).sum('pages').read()).toBe(9)
  expect(books.orderBy('shelf.rank').limit(3).max('pages').read()).toBe(5)
})

test('of nothing the sum is 0 and the rest undefined; null and absence are passed over', () => {
  const none = books.where('id', '=', 'none')
  expect([
    none.count().read(),
    none.sum('pages').read(),
    none.avg('pages').read(),
    none.min('pages').read(),
    none.max('title').read(),
  ]).toEqual([0, 0, undefined, undefined, undefined])
  expect(books.where('pages', '=', null).avg('pages').read()).toBeUndefined()
  expect(none.aggregate({ n: 'count', pages: { sum: 'pages' }, most: { max: 'pages' } }).read()).toEqual({ n: 0, pages: 0 })
  expect(none.groupBy('status').count().read()).toEqual([])
})

test('a sum is exact whatever the order of rows', () => {
  const pages = [0.1, 1e15, 0.2, -1e15, 0.3]
  const { books } = openLibrary({ books: pages.map((pages, i) => ({ id: `b${i}`, title: '', pages, shelfId: null })) })
  expect(books.sum('pages').read()).toBe(0.6)
  expect(books.avg('pages').read()).toBe(0.12)
})

test('aggregates tell several things at once', () => {
  expect(
    books
      .aggregate({ n: 'count', pages: { sum: 'pages' }, mean: { avg: 'pages' }, first: { min: 'title' }, last: { max: 'title' } })
      .read(),
  ).toEqual({
    n: 5,
    pages: 16,
    mean: 4,
    first: 'Ebb',
    last: 'Tides',
  })
})

test('groups go by their keys, null and absence as one that comes first', () => {
  expect(books.groupBy('status').count().read()).toEqual([
    { status: null, count: 2 },
    { status: 'new', count: 1 },
    { status: 'old', count: 2 },
  ])
  expect(books.groupBy('pages', 'status').count().read()).toEqual([
    { pages: null, status: null, count: 1 },
    { pages: 3, status: 'new', count: 1 },
    { pages: 4, status: null, count: 1 },
    { pages: 4, status: 'old', count: 1 },
    { pages: 5, status: 'old', count: 1 },
  ])
  expect(
    books
      .groupBy('shelf.name')
      .aggregate({ n: 'count', pages: { sum: 'pages' }, mean: { avg: 'pages' } })
      .read(),
  ).toEqual([
    { 'shelf.name': null, n: 2, pages: 8, mean: 4 },
    { 'shelf.name': 'north', n: 2, pages: 3, mean: 3 },
    { 'shelf.name': 'south', n: 1, pages: 5, mean: 5 },
  ])
})

test('keys of different types are different groups, equal lists are one', () => {
  const { things } = openLibrary({
    things: [1, '1', true, null, [1], [1], undefined, 'null'].map((key, i) => ({ id: `t${i}`, ...(key !== undefined && { key }) })),
  })
  expect(things.groupBy('key').count().read()).toEqual([
    { key: null, count: 2 },
    { key: true, count: 1 },
    { key: 1, count: 1 },
    { key: '1', count: 1 },
    { key: 'null', count: 1 },
    { key: [1], count: 2 },
  ])
})

test('groups are narrowed, sorted with ties by their keys, and cut at the edge', () => {
  const groups = books.groupBy('pages').aggregate({ n: 'count', last: { max: 'title' } })
  expect(groups.having('n', '>', 1).read()).toEqual([{ pages: 4, n: 2, last: 'Tidal' }])
  expect(
    groups
      .having('n', '=', 1)
      .having('pages', '!=', null)
      .read()
      .map(({ pages }) => pages),
  ).toEqual([3, 5])
  const sorted = groups.orderBy('n', 'desc')
  expect(sorted.read().map(({ pages }) => pages)).toEqual([4, null, 3, 5])
  expect(
    sorted
      .offset(1)
      .limit(2)
      .read()
      .map(({ pages }) => pages),
  ).toEqual([null, 3])
  expect(groups.orderBy('pages', 'asc', 'last').first().read()).toEqual({ pages: 3, n: 1, last: 'Tides' })
  expect(groups.having('n', '>', 9).first().read()).toBeUndefined()
})

test('the rows of a limited answer are what is grouped', () => {
  expect(books.orderBy('pages', 'desc').limit(3).groupBy('status').count().read()).toEqual([
    { status: null, count: 1 },
    { status: 'old', count: 2 },
  ])
})

test('groups of joined rows count what is there as often', () => {
  const joined = shelves.leftJoin('books', { as: 'book', on: ['id', 'shelfId'] })
  expect(
    joined
      .groupBy('name', 'book.status')
      .aggregate({ n: 'count', rank: { sum: 'rank' } })
      .read(),
  ).toEqual([
    { name: 'empty', 'book.status': null, n: 1, rank: 3 },
    { name: 'north', 'book.status': null, n: 1, rank: 2 },
    { name: 'north', 'book.status': 'new', n: 1, rank: 2 },
    { name: 'south', 'book.status': 'old', n: 1, rank: 1 },
  ])
})

test('distinct rows are there once, sorted and cut after that', () => {
  const statuses = books.select('status').distinct()
  expect(statuses.read()).toEqual([{ status: null }, { status: 'new' }, { status: 'old' }])
  expect(statuses.orderBy('status', 'desc').limit(2).read()).toEqual([{ status: 'old' }, { status: 'new' }])
  expect([statuses.count().read(), statuses.offset(1).count().read(), statuses.first().read()]).toEqual([3, 2, { status: null }])
  expect(books.select('shelfId').where('pages', '=', 9).distinct().read()).toEqual([])
})

test('first and single answer with a row or undefined', () => {
  expect(books.orderBy('title').first().read()?.id).toBe('b5')
  expect(books.where('pages', '>', 9).first().read()).toBeUndefined()
  expect(books.with('shelf').single('b3').read()?.shelf?.name).toBe('south')
  expect(books.where('pages', '=', 3).single('b3').read()).toBeUndefined()
})

/* how it is asked */

test('a plain question is asked as it is, and what lies beyond offset and limit is not', () => {
  const { books, plain } = openLibrary()
  books.where('pages', '>', 3).orderBy('title').offset(2).limit(3).with('shelf').read()
  expect(plain[0]).toEqual({
    from: 'books',
    where: { op: '>', field: 'pages', value: 3 },
    orderBy: [{ field: 'title', direction: 'asc' }],
    limit: 5,
  })
})

test('related rows are asked for by their keys, all at once', () => {
  const { books, plain } = openLibrary()
  books
    .with('labels')
    .with('shelf', (q) => q.where('rank', '>', 0).limit(1))
    .read()
  expect(plain.map(({ from, where }) => [from, where])).toEqual([
    ['books', undefined],
    ['bookLabels', { op: 'in', field: 'bookId', value: ['b1', 'b2', 'b3', 'b4', 'b5'] }],
    ['labels', { op: 'in', field: 'id', value: ['l1', 'l2', 'gone'] }],
    [
      'shelves',
      {
        op: 'and',
        of: [
          { op: '>', field: 'rank', value: 0 },
          { op: 'in', field: 'id', value: ['s1', 's2', 'gone'] },
        ],
      },
    ],
  ])
})

test('what only other rows can tell is left out of the plain question', () => {
  const { books, plain } = openLibrary()
  books.where('pages', '>', 3).exists('shelf').limit(1).read()
  expect(plain[0]).toEqual({ from: 'books', where: { op: 'and', of: [{ op: '>', field: 'pages', value: 3 }] } })
  plain.length = 0
  books.where((row) => row.or(row.is('pages', '>', 3), row.exists('shelf'))).read()
  expect(plain[0]).toEqual({ from: 'books' })
})

test('many keys are asked for in questions of no more than a thousand terms', () => {
  const many = Array.from({ length: 2500 }, (_, i) => ({ id: `s${i}`, name: 'x', rank: i }))
  const { shelves, plain } = openLibrary({
    shelves: many,
    books: many.map(({ id }, i) => ({ id: `b${i}`, title: '', pages: i, shelfId: id })),
  })
  const found = shelves.with('books', (q) => q.where('pages', '>=', 0).where('title', '=', '')).read()
  expect(found.every(({ books }) => books.length === 1)).toBe(true)
  const asked = plain.slice(1).map(({ where }) => (where as unknown as { of: { value: unknown[] }[] }).of.at(-1)?.value.length)
  expect(asked).toEqual([998, 998, 504])
})

test('answers are frozen, through and through', () => {
  const [first] = books.with('shelf').with('labels').select('title', 'shelf', 'labels').read()
  for (const part of [
    books.read(),
    books.with('shelf').read(),
    first,
    first?.labels,
    books.groupBy('status').count().read(),
    books.groupBy('status').count().read()[0],
  ])
    expect(Object.isFrozen(part)).toBe(true)
  expect(Object.isFrozen(shelves.leftJoin('books', { as: 'book', on: ['id', 'shelfId'] }).read()[0])).toBe(true)
})
