import { expect, test } from 'vitest'
import type { QueryAst } from '../../src/query/ast.ts'
import { makeQuery } from '../../src/query/builder.ts'
import { termLimit } from '../../src/query/condition.ts'
import { caught, idsOf, openLibrary, schema } from './library.ts'

const { books, shelves, labels, things } = openLibrary()
const askedBy = (ask: (library: ReturnType<typeof openLibrary>) => { read(): unknown }): QueryAst => {
  const library = openLibrary()
  ask(library).read()
  return library.asked[0] as QueryAst
}
const toShelf = { near: 'shelfId', collection: 'shelves', far: 'id', isOne: true }

test('a question says what was asked, as plain data', () => {
  const question = books
    .where('pages', '>=', 4)
    .where('shelfId', '=', null)
    .orderBy('title')
    .orderBy('pages', 'desc', 'last')
    .offset(1)
    .limit(2)
  expect(question.toJSON()).toEqual({
    from: 'books',
    where: {
      op: 'and',
      of: [
        { op: '>=', field: 'pages', value: 4 },
        { op: '=', field: 'shelfId', value: null },
      ],
    },
    orderBy: [
      { field: 'title', direction: 'asc' },
      { field: 'pages', direction: 'desc', nulls: 'last' },
    ],
    offset: 1,
    limit: 2,
  })
  expect(JSON.parse(JSON.stringify(question))).toEqual(question.toJSON())
})

test('C6 where pages >= 4 answers with 4 and 5, not 3', () => {
  expect(idsOf(books.where('pages', '>=', 4).read())).toBe('b2 b3 b5')
})

test('each operator narrows; and, or, not join', () => {
  expect(idsOf(books.read())).toBe('b1 b2 b3 b4 b5')
  expect(idsOf(books.where('title', '=', 'Moon').read())).toBe('b3')
  expect(idsOf(books.where('shelfId', '!=', 's1').read())).toBe('b2 b3 b5')
  expect(idsOf(books.where('pages', '<', 4).read())).toBe('b1')
  expect(idsOf(books.where('pages', '<=', 4).read())).toBe('b1 b2 b5')
  expect(idsOf(books.where('pages', '>', 4).read())).toBe('b3')
  expect(idsOf(books.where('shelfId', 'in', ['s2', null]).read())).toBe('b2 b3')
  expect(idsOf(books.where('shelfId', 'notIn', ['s2', null]).read())).toBe('b1 b4 b5')
  expect(idsOf(books.where('shelfId', 'in', []).read())).toBe('')
  expect(idsOf(books.where('title', 'startsWith', 'Tid').read())).toBe('b1 b2')
  expect(idsOf(books.where('title', 'like', 'T%s').read())).toBe('b1')
  expect(idsOf(books.where('title', 'ilike', '%O_N').read())).toBe('b3')
  expect(idsOf(books.where('lent', 'isNull', true).read())).toBe('b1 b2 b4 b5')
  expect(idsOf(books.where('tags', 'contains', 'moon').read())).toBe('b1')
  expect(idsOf(books.where((row) => row.or(row.is('pages', '=', 3), row.not(row.is('title', 'startsWith', 'T')))).read())).toBe(
    'b1 b3 b4 b5',
  )
  expect(idsOf(books.where((row) => row.and(row.is('pages', '>', 3), row.is('shelfId', '!=', null))).read())).toBe('b3 b5')
  expect(idsOf(books.where((row) => row.and()).read())).toBe('b1 b2 b3 b4 b5')
  expect(idsOf(books.where((row) => row.or()).read())).toBe('')
})

test('a question is immutable: narrowing one leaves it as it was', () => {
  const all = books.orderBy('pages')
  const long = all.where('pages', '>', 3)
  expect(idsOf(long.limit(1).read())).toBe('b2')
  expect(idsOf(long.read())).toBe('b2 b5 b3')
  expect(idsOf(all.read())).toBe('b4 b1 b2 b5 b3')
})

test('what is compared with is copied: changing it later changes no question', () => {
  const list = ['s1']
  const question = books.where('shelfId', 'in', list)
  list.push('s2')
  expect(idsOf(question.read())).toBe('b1 b4')
})

test('exists asks of the rows that a relation leads to, and takes conditions on them', () => {
  expect(books.exists('shelf').toJSON().where).toEqual({ op: 'exists', hop: toShelf })
  expect(shelves.exists('books', (q) => q.where('pages', '>', 3)).toJSON().where).toEqual({
    op: 'exists',
    hop: { near: 'id', collection: 'books', far: 'shelfId', isOne: false },
    where: { op: '>', field: 'pages', value: 3 },
  })
  expect(books.notExists('shelf').toJSON().where).toEqual({ op: 'not', of: [{ op: 'exists', hop: toShelf }] })
})

test('exists through link rows is one exists inside another', () => {
  expect(books.exists('labels', (q) => q.where('name', '=', 'red')).toJSON().where).toEqual({
    op: 'exists',
    hop: { near: 'id', collection: 'bookLabels', far: 'bookId', isOne: false },
    where: {
      op: 'exists',
      hop: { near: 'labelId', collection: 'labels', far: 'id', isOne: true },
      where: { op: '=', field: 'name', value: 'red' },
    },
  })
})

test('exists stands among other conditions, and nests', () => {
  const { where } = books
    .where((row) =>
      row.or(
        row.is('pages', '=', 3),
        row.exists('shelf', (q) => q.where((shelf) => shelf.exists('books', (q) => q.where('title', '=', 'Moon')))),
      ),
    )
    .toJSON()
  expect(where).toMatchObject({ op: 'or', of: [{ op: '=' }, { op: 'exists', where: { op: 'exists', where: { field: 'title' } } }] })
})

test('an order by a field of a to-one relation joins it unseen, once', () => {
  expect(books.orderBy('shelf.rank', 'desc').orderBy('shelf.name').orderBy('original.title').toJSON()).toEqual({
    from: 'books',
    joins: [
      { as: 'shelf', kind: 'left', hop: toShelf, isHidden: true },
      { as: 'original', kind: 'left', hop: { near: 'sequelOf', collection: 'books', far: 'id', isOne: true }, isHidden: true },
    ],
    orderBy: [
      { field: 'rank', of: 'shelf', direction: 'desc' },
      { field: 'name', of: 'shelf', direction: 'asc' },
      { field: 'title', of: 'original', direction: 'asc' },
    ],
  })
})

test('an order by a field of a join uses the join', () => {
  const joined = books.innerJoin('shelves', { as: 'place', on: ['shelfId', 'id'], where: (q) => q.where('rank', '<', 3) })
  expect(joined.orderBy('place.name').toJSON()).toEqual({
    from: 'books',
    joins: [{ as: 'place', kind: 'inner', hop: toShelf, where: { op: '<', field: 'rank', value: 3 } }],
    orderBy: [{ field: 'name', of: 'place', direction: 'asc' }],
  })
  const many = shelves.leftJoin('books', { as: 'book', on: ['id', 'shelfId'] })
  expect(many.toJSON().joins).toEqual([
    { as: 'book', kind: 'left', hop: { near: 'id', collection: 'books', far: 'shelfId', isOne: false } },
  ])
})

test('after takes the keys and ids out of a row of the answer, whenever it is called', () => {
  const [row] = books.orderBy('pages').with('shelf').orderBy('shelf.name', 'desc').read()
  expect(row?.id).toBe('b4')
  const asked = books
    .after(row as never)
    .orderBy('pages')
    .orderBy('shelf.name', 'desc')
  expect(asked.toJSON().after).toEqual({ keys: [null, 'north'], ids: ['b4', 's1'] })
  const joined = shelves.leftJoin('books', { as: 'book', on: ['id', 'shelfId'] }).orderBy('book.title')
  const rows = joined.read()
  expect(joined.after(rows[0] as (typeof rows)[number]).toJSON().after).toEqual({ keys: [null], ids: ['s3', null] })
  expect(joined.after(rows[1] as (typeof rows)[number]).toJSON().after).toEqual({ keys: ['Moon'], ids: ['s2', 'b3'] })
})

test('a row without the relation that the order goes by is a cursor only where it has none', () => {
  const ordered = books.orderBy('shelf.name')
  expect(ordered.after({ id: 'b2', title: 'x', pages: 1, shelfId: null }).toJSON().after).toEqual({ keys: [null], ids: ['b2', null] })
  expect(caught(() => ordered.after({ id: 'b1', title: 'x', pages: 1, shelfId: 's1' }))).toMatchObject({
    code: 'invalid/query',
    path: 'after.shelf',
    message: expect.stringContaining("with('shelf')"),
  })
})

test('with brings questions within the question, by link rows too', () => {
  const question = books.with('shelf').with('labels', (q) => q.where('name', '!=', 'x').orderBy('name').limit(3).with('books'))
  expect(question.toJSON().with).toEqual([
    { as: 'shelf', hop: toShelf, query: { from: 'shelves' } },
    {
      as: 'labels',
      hop: { near: 'id', collection: 'labels', far: 'id', isOne: false },
      link: { collection: 'bookLabels', from: 'bookId', to: 'labelId' },
      query: {
        from: 'labels',
        where: { op: '!=', field: 'name', value: 'x' },
        orderBy: [{ field: 'name', direction: 'asc' }],
        limit: 3,
        with: [
          {
            as: 'books',
            hop: { near: 'id', collection: 'books', far: 'id', isOne: false },
            link: { collection: 'bookLabels', from: 'labelId', to: 'bookId' },
            query: { from: 'books' },
          },
        ],
      },
    },
  ])
})

test('select names what stays, and what comes into the rows later stays too', () => {
  expect(books.select('title', 'pages', 'title').toJSON().select).toEqual(['title', 'pages'])
  expect(books.select('title', 'pages').select('pages').toJSON().select).toEqual(['pages'])
  const wide = books
    .select('title')
    .with('shelf')
    .innerJoin('shelves', { as: 'place', on: ['shelfId', 'id'] })
  expect(wide.toJSON().select).toEqual(['title', 'shelf', 'place'])
})

test('distinct is groups without aggregates, in whatever order the calls came', () => {
  const group = {
    by: [{ field: 'shelfId' }, { field: 'pages' }],
    aggregates: {},
    orderBy: [{ field: 'pages', direction: 'desc' }],
    offset: 1,
    limit: 2,
  }
  const whole = { from: 'books', where: { op: '>', field: 'pages', value: 3 }, group }
  expect(books.where('pages', '>', 3).select('shelfId', 'pages').distinct().orderBy('pages', 'desc').offset(1).limit(2).toJSON()).toEqual(
    whole,
  )
  expect(books.limit(2).distinct().offset(1).orderBy('pages', 'desc').select('shelfId', 'pages').where('pages', '>', 3).toJSON()).toEqual(
    whole,
  )
  expect(books.distinct().toJSON()).toEqual({ from: 'books' })
})

test('first, single and count say what they want of the answer', () => {
  expect(askedBy(({ books }) => books.orderBy('title').limit(5).first())).toEqual({
    from: 'books',
    orderBy: [{ field: 'title', direction: 'asc' }],
    limit: 1,
    want: 'first',
  })
  expect(askedBy(({ books }) => books.limit(0).first())).toMatchObject({ limit: 0 })
  expect(askedBy(({ books }) => books.where('pages', '=', 3).with('shelf').single('b1'))).toMatchObject({
    where: { op: 'and', of: [{ field: 'pages' }, { op: '=', field: 'id', value: 'b1' }] },
    with: [{ as: 'shelf' }],
    want: 'first',
  })
  expect(askedBy(({ books }) => books.select('shelfId').distinct().limit(2).count())).toEqual({
    from: 'books',
    group: { by: [{ field: 'shelfId' }], aggregates: {}, limit: 2 },
    want: 'size',
  })
  expect(askedBy(({ books }) => books.select('shelfId').distinct().first())).toMatchObject({ group: { limit: 1 }, want: 'first' })
})

test('what is told of rows does not depend on how they look, nor on an order that leaves none out', () => {
  const plain = { from: 'books', where: { op: '>', field: 'pages', value: 3 }, want: 'size' }
  const asked = ({ books }: ReturnType<typeof openLibrary>) => books.where('pages', '>', 3).with('labels').orderBy('shelf.name')
  expect(askedBy((library) => asked(library).select('title', 'labels').count())).toEqual(plain)
  expect(askedBy((library) => asked(library).limit(2).count())).toEqual({ ...plain, limit: 2 })
  const { joins, orderBy } = books.orderBy('shelf.name').toJSON()
  const sum = {
    from: 'books',
    where: plain.where,
    group: { by: [], aggregates: { sum: { op: 'sum', field: 'pages' } } },
    want: { field: 'sum' },
  }
  expect(askedBy((library) => asked(library).sum('pages'))).toEqual(sum)
  expect(askedBy((library) => asked(library).limit(2).sum('pages'))).toEqual({ ...sum, joins, orderBy, limit: 2 })
})

test('aggregates are one group of all', () => {
  expect(
    askedBy(({ books }) => books.aggregate({ n: 'count', most: { max: 'pages' }, least: { min: 'title' }, mean: { avg: 'pages' } })),
  ).toEqual({
    from: 'books',
    group: {
      by: [],
      aggregates: {
        n: { op: 'count' },
        most: { op: 'max', field: 'pages' },
        least: { op: 'min', field: 'title' },
        mean: { op: 'avg', field: 'pages' },
      },
    },
    want: 'first',
  })
})

test('groups are narrowed, sorted and cut by their keys and aggregates', () => {
  const groups = books
    .limit(9)
    .groupBy('shelf.name', 'status')
    .aggregate({ n: 'count', pages: { sum: 'pages' } })
    .having('n', '>', 1)
    .having('shelf.name', '!=', null)
    .orderBy('pages', 'desc', 'first')
    .offset(1)
    .limit(3)
  const group = {
    by: [{ field: 'name', of: 'shelf' }, { field: 'status' }],
    aggregates: { n: { op: 'count' }, pages: { op: 'sum', field: 'pages' } },
    having: {
      op: 'and',
      of: [
        { op: '>', field: 'n', value: 1 },
        { op: '!=', field: 'shelf.name', value: null },
      ],
    },
    orderBy: [{ field: 'pages', direction: 'desc', nulls: 'first' }],
    offset: 1,
    limit: 3,
  }
  const joins = [{ as: 'shelf', kind: 'left', hop: toShelf, isHidden: true }]
  expect(JSON.parse(JSON.stringify(groups))).toEqual({ from: 'books', joins, limit: 9, group })
  expect(askedBy(({ books }) => books.groupBy('status').count().first())).toEqual({
    from: 'books',
    group: { by: [{ field: 'status' }], aggregates: { count: { op: 'count' } }, limit: 1 },
    want: 'first',
  })
})

test('of rows of which nothing is known, any field may be asked, and relations are known still', () => {
  const question = things.where('whatever', '=', 'x').orderBy('more').orderBy('shelf.name').with('shelf')
  expect(question.toJSON()).toMatchObject({
    where: { field: 'whatever' },
    orderBy: [{ field: 'more' }, { field: 'name', of: 'shelf' }],
    with: [{ as: 'shelf' }],
  })
})

test('a limit of none answers with none, a large one with all', () => {
  expect(idsOf(books.limit(0).read())).toBe('')
  expect(idsOf(books.limit(Number.MAX_SAFE_INTEGER).read())).toBe('b1 b2 b3 b4 b5')
  expect(idsOf(books.offset(Number.MAX_SAFE_INTEGER).limit(Number.MAX_SAFE_INTEGER).read())).toBe('')
})

test('as many terms as the limit are fine', () => {
  const list = Array.from({ length: termLimit }, (_, i) => i)
  expect(idsOf(books.where('pages', 'in', list).read())).toBe('b1 b2 b3 b5')
})

test('what a question is asked by is handed on, each in its way', async () => {
  const calls: unknown[] = []
  const note =
    (name: string) =>
    (...given: readonly unknown[]): never => {
      calls.push([name, ...given])
      return name as never
    }
  const asker = {
    read: note('read'),
    run: note('run'),
    live: note('live'),
    watch: note('watch'),
    explain: note('explain'),
    infinite: note('infinite'),
  }
  const all = makeQuery(asker, schema, 'labels')
  const listener = (): void => {}
  const options = { signal: AbortSignal.abort() }
  expect([all.read(), all.run(options), all.live(), all.watch(listener), all.explain(), all.infinite()]).toEqual([
    ...['read', 'run', 'live', 'watch', 'explain', 'infinite'],
  ])
  const labels = { from: 'labels' }
  expect(calls).toEqual([
    ['read', labels],
    ['run', labels, options],
    ['live', labels],
    ['watch', labels, listener],
    ['explain', labels],
    ['infinite', labels],
  ])
  calls.length = 0
  const groups = all.groupBy('name').count()
  const of = groups.toJSON()
  void [groups.read(), groups.run(), groups.live(), groups.watch(listener), groups.explain()]
  expect(calls).toEqual([
    ['read', of],
    ['run', of, undefined],
    ['live', of],
    ['watch', of, listener],
    ['explain', of],
  ])
  calls.length = 0
  const size = { from: 'labels', want: 'size' }
  void [all.count().read(), all.count().live(), all.count().explain()]
  expect(calls).toEqual([
    ['read', size],
    ['live', size],
    ['explain', size],
  ])
})

test('labels lead to books as books lead to labels', () => {
  expect(idsOf(labels.exists('books', (q) => q.where('title', '=', 'Moon')).read())).toBe('l1')
})
