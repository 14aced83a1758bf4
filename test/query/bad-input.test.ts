import { expect, test } from 'vitest'
import { makeQuery } from '../../src/query/builder.ts'
import { termLimit } from '../../src/query/condition.ts'
import { caught, openLibrary, schema } from './library.ts'

const { books: typed, shelves: typedShelves } = openLibrary()

// what TypeScript refuses and JavaScript can say
type Loose = { readonly [method: string]: (...given: readonly any[]) => Loose }
const books = typed as unknown as Loose
const shelves = typedShelves as unknown as Loose
const numbers = (length: number): readonly number[] => Array.from({ length }, (_, i) => i)
const groups = (): Loose => books['groupBy']!('status')['aggregate']!({ n: 'count', last: { max: 'title' } })
const is = { op: '=', field: 'pages', value: 1 }
const row = { id: 'b1', title: 'Tides', pages: 3, shelfId: 's1' }
const withItself = (q: Loose): Loose => q['with']!('sequels', withItself)
const existsItself = (q: Loose): Loose => q['exists']!('sequels', existsItself)
const onShelf = { as: 'place', on: ['shelfId', 'id'] }
let kept: Loose
let keptCondition: unknown

const bad: Readonly<Record<string, readonly (readonly [path: string, what: string, ask: () => unknown])[]>> = {
  'a field': [
    ['where.page', 'that is not there', () => books['where']!('page', '=', 1)],
    ['where', 'that is a symbol', () => books['where']!(Symbol('pages'), '=', 1)],
    ['where', 'without a name', () => books['where']!('', '=', 1)],
    ['where', 'that is nothing', () => books['where']!()],
    ['where', 'that is null', () => books['where']!(null)],
    ['where.page', 'in a built condition', () => books['where']!((row: Loose) => row['is']!('page', '=', 1))],
    ['orderBy.page', 'to order by', () => books['orderBy']!('page')],
    ['orderBy.shelf.nam', 'of a relation to order by', () => books['orderBy']!('shelf.nam')],
    ['orderBy.shelf', 'of a relation without a name', () => books['orderBy']!('shelf.')],
    ['orderBy.room.name', 'of no relation', () => books['orderBy']!('room.name')],
    ['orderBy.labels', 'of a relation to many', () => books['orderBy']!('labels.name')],
    ['orderBy', 'to order by that is a number', () => books['orderBy']!(1)],
    ['orderBy', 'to order by without a name', () => books['orderBy']!('')],
    ['orderBy.place.nam', 'of a join', () => books['innerJoin']!('shelves', onShelf)['orderBy']!('place.nam')],
    ['select.nam', 'to select', () => books['select']!('title', 'nam')],
    ['select', 'to select that is a number', () => books['select']!(1)],
    ['select', 'among none', () => books['select']!()],
    ['select.pages', 'to select that was not selected', () => books['select']!('title')['select']!('pages')],
    ['select.shelf', 'to select that was not joined but for the order', () => books['orderBy']!('shelf.name')['select']!('shelf')],
    ['sum.page', 'to sum', () => books['sum']!('page')],
    ['sum.title', 'to sum that is text', () => books['sum']!('title')],
    ['avg.lent', 'to average that is true or false', () => books['avg']!('lent')],
    ['min.tags', 'whose least is wanted, that is a list', () => books['min']!('tags')],
    ['max', 'whose greatest is wanted, without a name', () => books['max']!()],
    ['groupBy.page', 'to group by', () => books['groupBy']!('page')],
    ['groupBy.shelf.nam', 'of a relation to group by', () => books['groupBy']!('shelf.nam')],
    ['groupBy.labels', 'of a relation to many to group by', () => books['groupBy']!('labels.name')],
    ['groupBy', 'to group by, among none', () => books['groupBy']!()],
    ['groupBy.pages', 'to group by, twice', () => books['groupBy']!('pages', 'title', 'pages')],
    ['having.title', 'of a group', () => groups()['having']!('title', '=', 'x')],
    ['orderBy.title', 'of a group to order by', () => groups()['orderBy']!('title')],
  ],
  'an operator': [
    ['where.pages', 'that is not there', () => books['where']!('pages', '~', 1)],
    ['where.pages', 'that is left out', () => books['where']!('pages')],
    ['where.pages', 'that every object has', () => books['where']!('pages', 'toString', 1)],
    ['having.n', 'of a group', () => groups()['having']!('n', '==', 1)],
  ],
  'an operand': [
    ['where.pages', 'that is a function', () => books['where']!('pages', '=', () => 1)],
    ['where.pages', 'that is undefined', () => books['where']!('pages', '=', undefined)],
    ['where.pages', 'that is NaN', () => books['where']!('pages', '=', Number.NaN)],
    ['where.pages', 'that is endless', () => books['where']!('pages', '<', Number.POSITIVE_INFINITY)],
    ['where.pages', 'that is a zero below zero', () => books['where']!('pages', '=', -0)],
    ['where.pages', 'that is a date', () => books['where']!('pages', '=', new Date(0))],
    ['where.pages', 'that is a map', () => books['where']!('pages', '=', new Map())],
    ['where.pages', 'that is a big integer', () => books['where']!('pages', '=', 1n)],
    ['where.pages', 'that is a promise', () => books['where']!('pages', '=', Promise.resolve(1))],
    ['where.pages', 'that is a symbol', () => books['where']!('pages', '=', Symbol('x'))],
    ['where.title', 'that is a lone surrogate', () => books['where']!('title', '=', '\ud800')],
    ['where.size.width', 'that hides one', () => books['where']!('size', '=', { width: Number.NaN })],
    ['where.title', 'that is too long', () => books['where']!('title', '=', 'x'.repeat(1_000_001))],
    ['where.pages', 'of another kind', () => books['where']!('pages', '=', '3')],
    ['where.pages', 'of another kind, to differ from', () => books['where']!('pages', '!=', true)],
    ['where.title', 'that is a number for a text', () => books['where']!('title', '<', 7)],
    ['where.lent', 'for what has no order', () => books['where']!('lent', '<', 1)],
    ['where.pages', 'of < that is null', () => books['where']!('pages', '<', null)],
    ['where.pages', 'of >= that is a boolean', () => books['where']!('pages', '>=', true)],
    ['where.pages', 'of <= that is a list', () => books['where']!('pages', '<=', [1])],
    ['where.pages', 'of > that is an object', () => books['where']!('pages', '>', {})],
    ['where.pages', 'of in that is no list', () => books['where']!('pages', 'in', 1)],
    ['where.title', 'of in that is a text', () => books['where']!('title', 'in', 'abc')],
    ['where.title', 'of notIn that is a text', () => books['where']!('title', 'notIn', 'abc')],
    ['where.pages.1', 'of in with a member of another kind', () => books['where']!('pages', 'in', [1, '2'])],
    ['where.pages.1', 'of in with a hole', () => books['where']!('pages', 'in', [1, undefined])],
    ['where.title', 'of startsWith that is no text', () => books['where']!('title', 'startsWith', 1)],
    ['where.pages', 'of startsWith for what is no text', () => books['where']!('pages', 'startsWith', '1')],
    ['where.title', 'of like that is null', () => books['where']!('title', 'like', null)],
    ['where.title', 'of like that ends in a lone backslash', () => books['where']!('title', 'like', 'a\\')],
    ['where.title', 'of ilike that ends in a lone backslash', () => books['where']!('title', 'ilike', '\\\\\\')],
    ['where.title', 'of a like pattern of more than 256 characters', () => books['where']!('title', 'like', 'a'.repeat(257))],
    ['where.title', 'of isNull that is null', () => books['where']!('title', 'isNull', null)],
    ['where.title', 'of isNull that is a text', () => books['where']!('title', 'isNull', 'yes')],
    ['where.title', 'of contains for what is no list', () => books['where']!('title', 'contains', 'x')],
    ['single.id', 'of single that is left out', () => books['single']!()],
    ['single.id', 'of single that is a number', () => books['single']!(7)],
    ['having.n', 'of another kind than the aggregate', () => groups()['having']!('n', '>', 'many')],
    ['having.last', 'of another kind than the greatest', () => groups()['having']!('last', '=', 7)],
    ['having.status', 'of another kind than the key', () => groups()['having']!('status', '=', 7)],
  ],
  'a condition': [
    ['where', 'that is a number', () => books['where']!(() => 1)],
    ['where', 'made by hand', () => books['where']!(() => is)],
    ['where', 'that is a promise', () => books['where']!(async () => is)],
    ['where', 'that is nothing', () => books['where']!(() => undefined)],
    ['where', 'made by hand in and', () => books['where']!((row: Loose) => row['and']!(is))],
    ['where', 'that is nothing in or', () => books['where']!((row: Loose) => row['or']!(undefined))],
    ['where', 'that is a text in not', () => books['where']!((row: Loose) => row['not']!('pages'))],
    [
      'where',
      'about other rows',
      () => {
        shelves['where']!((row: Loose) => (keptCondition = row['is']!('name', '=', 'x')))
        return books['where']!(() => keptCondition)
      },
    ],
  ],
  'too many terms': [
    ['where', 'one by one', () => numbers(termLimit + 1).reduce<Loose>((question, i) => question['where']!('pages', '!=', i), books)],
    [
      'where',
      'in an or',
      () => books['where']!((row: Loose) => row['or']!(...numbers(termLimit + 1).map((i) => row['is']!('pages', '=', i)))),
    ],
    ['where.pages', 'in a list', () => books['where']!('pages', 'in', numbers(termLimit + 1))],
    ['where.pages', 'in a list of what it may not be', () => books['where']!('pages', 'notIn', numbers(termLimit + 1))],
    ['where', 'in two lists', () => books['where']!('pages', 'in', numbers(termLimit))['where']!('pages', 'notIn', [1])],
    [
      'where',
      'some of them of related rows',
      () => shelves['where']!('rank', '=', 1)['exists']!('books', (q: Loose) => q['where']!('pages', 'in', numbers(termLimit - 1))),
    ],
    ['where', 'in what does not exist', () => shelves['notExists']!('books', (q: Loose) => q['where']!('pages', 'in', numbers(termLimit)))],
    ['having', 'of groups', () => groups()['having']!('n', 'in', numbers(termLimit))['having']!('n', '>', 0)],
  ],
  'a count of rows': [
    ['limit', 'that is NaN', () => books['limit']!(Number.NaN)],
    ['limit', 'below none', () => books['limit']!(-1)],
    ['limit', 'that is half a row', () => books['limit']!(1.5)],
    ['limit', 'that is a text', () => books['limit']!('5')],
    ['limit', 'that is left out', () => books['limit']!()],
    ['limit', 'without end', () => books['limit']!(Number.POSITIVE_INFINITY)],
    ['offset', 'below none', () => books['offset']!(-1)],
    ['offset', 'that is null', () => books['offset']!(null)],
    ['limit', 'of groups', () => groups()['limit']!(-1)],
    ['offset', 'of groups', () => groups()['offset']!(0.5)],
    ['with.labels.limit', 'within a row', () => books['with']!('labels', (q: Loose) => q['limit']!(Number.NaN))],
  ],
  'an order': [
    ['orderBy', 'that goes nowhere', () => books['orderBy']!('pages', 'up')],
    ['orderBy', 'that goes null', () => books['orderBy']!('pages', null)],
    ['orderBy', 'that places nulls nowhere', () => books['orderBy']!('pages', 'asc', 'top')],
    ['orderBy', 'of groups that goes nowhere', () => groups()['orderBy']!('n', 'down')],
    ['with.shelf.orderBy.nam', 'within a row', () => books['with']!('shelf', (q: Loose) => q['orderBy']!('nam'))],
  ],
  'a relation': [
    ['with.shelfs', 'that is not there', () => books['with']!('shelfs')],
    ['with', 'without a name', () => books['with']!()],
    ['with.toString', 'that every object has', () => books['with']!('toString')],
    ['with.shelf', 'twice', () => books['with']!('shelf')['with']!('shelf')],
    ['exists.shelfs', 'that is not there to exist', () => books['exists']!('shelfs')],
    ['exists', 'that is a number', () => books['notExists']!(7)],
    ['exists.shelfs', 'that is not there in a condition', () => books['where']!((row: Loose) => row['exists']!('shelfs'))],
    ['with.shelf.with.room', 'within a row', () => books['with']!('shelf', (q: Loose) => q['with']!('room'))],
    ['exists.shelf.where.nam', 'whose field is not there', () => books['exists']!('shelf', (q: Loose) => q['where']!('nam', '=', 'x'))],
  ],
  'a refinement': [
    ['with.shelf', 'that is no function', () => books['with']!('shelf', 'name')],
    ['with.shelf', 'that is null', () => books['with']!('shelf', null)],
    ['with.shelf', 'that answers with nothing', () => books['with']!('shelf', () => undefined)],
    ['with.shelf', 'that is a promise', () => books['with']!('shelf', async (q: Loose) => q)],
    ['with.shelf', 'that answers with another question', () => books['with']!('shelf', () => shelves)],
    ['with.shelf', 'that answers with plain data', () => books['with']!('shelf', (q: Loose) => q['toJSON']!())],
    [
      'with.shelf',
      'that answers with the part of another question',
      () => {
        books['with']!('shelf', (q: Loose) => (kept = q))
        return books['with']!('shelf', () => kept)
      },
    ],
    ['with.shelf', 'that answers with a group', () => books['with']!('shelf', (q: Loose) => q['groupBy']!('name')['count']!())],
    ['with.shelf', 'that answers with a row', () => books['with']!('shelf', (q: Loose) => q['first']!())],
    ['exists.shelf', 'of exists that answers with nothing', () => books['exists']!('shelf', () => {})],
    ['exists.shelf.limit', 'of exists that limits', () => books['exists']!('shelf', (q: Loose) => q['limit']!(1))],
    ['exists.shelf.orderBy', 'of exists that sorts', () => books['exists']!('shelf', (q: Loose) => q['orderBy']!('name'))],
    ['exists.shelf.with', 'of exists that widens', () => books['exists']!('shelf', (q: Loose) => q['with']!('books'))],
    [
      'innerJoin.place.limit',
      'of a join that limits',
      () => books['innerJoin']!('shelves', { ...onShelf, where: (q: Loose) => q['limit']!(1) }),
    ],
    [
      'leftJoin.place.where.nam',
      'of a join whose field is not there',
      () => books['leftJoin']!('shelves', { ...onShelf, where: (q: Loose) => q['where']!('nam', '=', 1) }),
    ],
    ['read', 'that reads', () => books['with']!('shelf', (q: Loose) => q['read']!())],
    ['live', 'that keeps answered', () => books['with']!('shelf', (q: Loose) => q['count']!()['live']!())],
  ],
  'a join': [
    ['innerJoin', 'with no collection', () => books['innerJoin']!('rooms', onShelf)],
    ['leftJoin', 'with what every object has', () => books['leftJoin']!('toString', onShelf)],
    ['innerJoin', 'without options', () => books['innerJoin']!('shelves')],
    ['innerJoin.as', 'without a name', () => books['innerJoin']!('shelves', { on: ['shelfId', 'id'] })],
    ['innerJoin.title', 'with the name of a field', () => books['innerJoin']!('shelves', { ...onShelf, as: 'title' })],
    ['leftJoin.place', 'twice of one name', () => books['innerJoin']!('shelves', onShelf)['leftJoin']!('shelves', onShelf)],
    [
      'leftJoin.shelf',
      'with the name of what was related',
      () => books['with']!('shelf')['leftJoin']!('shelves', { ...onShelf, as: 'shelf' }),
    ],
    [
      'leftJoin.shelf',
      'with the name of what the order goes by',
      () => books['orderBy']!('shelf.name')['leftJoin']!('shelves', { ...onShelf, as: 'shelf' }),
    ],
    ['with.shelf', 'whose name a relation has', () => books['leftJoin']!('shelves', { ...onShelf, as: 'shelf' })['with']!('shelf')],
    ['innerJoin.place.on', 'on nothing', () => books['innerJoin']!('shelves', { as: 'place' })],
    ['innerJoin.place.on', 'on one field', () => books['innerJoin']!('shelves', { as: 'place', on: ['id'] })],
    ['innerJoin.place.on.shelf', 'on no field of the row', () => books['innerJoin']!('shelves', { as: 'place', on: ['shelf', 'id'] })],
    [
      'innerJoin.place.on.shelfId',
      'on no field of the other',
      () => books['innerJoin']!('shelves', { as: 'place', on: ['shelfId', 'shelfId'] }),
    ],
  ],
  'a question that asks itself': [
    [`${'with.sequels.'.repeat(8)}with.sequels`, 'by with', () => books['with']!('sequels', withItself)],
    [`${'exists.sequels.'.repeat(8)}exists.sequels`, 'by exists', () => books['exists']!('sequels', existsItself)],
  ],
  'a cursor': [
    ['after', 'that is nothing', () => books['after']!()],
    ['after', 'that is an id', () => books['after']!('b1')],
    ['after', 'without an id', () => books['after']!({ title: 'x' })],
    ['after.shelf', 'without the row that the order goes by', () => books['orderBy']!('shelf.name')['after']!(row)],
    ['after.shelf', 'with half of it', () => books['orderBy']!('shelf.name')['after']!({ ...row, shelf: { name: 'x' } })],
    ['after.place', 'without the joined row', () => books['leftJoin']!('shelves', onShelf)['after']!(row)],
    ['after.title', 'with what no row can hold', () => books['orderBy']!('title')['after']!({ ...row, title: new Date(0) })],
    ['after.shelf', 'that is wrong for an order that comes later', () => books['after']!(row)['orderBy']!('shelf.name')],
  ],
  aggregates: [
    ['aggregate', 'that are left out', () => books['aggregate']!()],
    ['aggregate', 'that are a list', () => books['aggregate']!(['count'])],
    ['aggregate', 'that are none', () => books['aggregate']!({})],
    ['aggregate.n', 'of no kind', () => books['aggregate']!({ n: 'size' })],
    ['aggregate.n', 'of an unknown kind', () => books['aggregate']!({ n: { median: 'pages' } })],
    ['aggregate.n', 'of two kinds', () => books['aggregate']!({ n: { min: 'pages', max: 'pages' } })],
    ['aggregate.n', 'that are null', () => books['aggregate']!({ n: null })],
    ['aggregate.n.page', 'of a field that is not there', () => books['aggregate']!({ n: { sum: 'page' } })],
    ['aggregate.n.title', 'that sum texts', () => books['aggregate']!({ n: { sum: 'title' } })],
    ['aggregate.n', 'of a function', () => books['aggregate']!({ n: { sum: () => 1 } })],
    ['aggregate.toString', 'with a name that every object has', () => books['aggregate']!({ toString: 'count' })],
    ['aggregate.pages', 'with the name of a key', () => books['groupBy']!('pages')['aggregate']!({ pages: 'count' })],
    [
      'count',
      'that count by the name of a key',
      () => (makeQuery({ read: () => [] }, schema, 'things') as unknown as Loose)['groupBy']!('count')['count']!(),
    ],
  ],
  'distinct rows': [
    ['distinct', 'with related rows', () => books['with']!('shelf')['select']!('title')['distinct']!()],
    ['distinct', 'with related rows that come later', () => books['select']!('title')['distinct']!()['with']!('shelf')],
    ['after', 'after a row', () => books['select']!('title')['distinct']!()['after']!(row)],
    ['orderBy.pages', 'by what was not selected', () => books['select']!('title')['orderBy']!('pages')['distinct']!()],
    ['orderBy.pages', 'by what is not selected later', () => books['orderBy']!('pages')['distinct']!()['select']!('title')],
    ['orderBy.shelf.name', 'by a related field', () => books['select']!('title')['distinct']!()['orderBy']!('shelf.name')],
    ['select.place', 'of whole rows', () => books['innerJoin']!('shelves', onShelf)['select']!('place')['distinct']!()],
    ['sum', 'summed', () => books['select']!('pages')['distinct']!()['sum']!('pages')],
    ['avg', 'averaged', () => books['distinct']!()['avg']!('pages')],
    ['aggregate', 'told of', () => books['distinct']!()['aggregate']!({ n: 'count' })],
    ['groupBy', 'in groups', () => books['distinct']!()['groupBy']!('title')],
  ],
  'what a transaction does not do,': [
    ['run', 'to run', () => books['run']!()],
    ['live', 'to keep answered', () => books['limit']!(1)['live']!()],
    ['watch', 'to watch', () => books['watch']!(() => {})],
    ['explain', 'to explain', () => books['count']!()['explain']!()],
    ['infinite', 'to grow', () => books['infinite']!()],
    ['live', 'groups to keep answered', () => groups()['live']!()],
    ['watch', 'to watch with no function', () => books['watch']!()],
  ],
}

test.each(Object.entries(bad).flatMap(([group, cases]) => cases.map(([path, what, ask]) => [`${group} ${what}`, path, ask] as const)))(
  '%s is refused at %s',
  (_, path, ask) => {
    const { code, path: at, message } = caught(ask)
    expect({ code, path: at }).toEqual({ code: 'invalid/query', path })
    expect(message).toContain(`\`${path}\``)
    expect(message).toMatch(/\.$/)
  },
)

test('eight questions within one another are fine', () => {
  const deep =
    (left: number) =>
    (q: Loose): Loose =>
      left === 0 ? q : q['with']!('sequels', deep(left - 1))
  expect(() => deep(8)(books)).not.toThrow()
  expect(caught(() => deep(9)(books)).code).toBe('invalid/query')
})

test('null is no wrong kind where a value may be compared with it', () => {
  for (const field of ['pages', 'title', 'tags', 'size', 'lent']) {
    expect(() => books['where']!(field, '=', null)['where']!(field, '!=', null)['where']!(field, 'in', [null])).not.toThrow()
    expect(() => books['where']!(field, 'notIn', [null])['where']!(field, 'isNull', false)).not.toThrow()
  }
})
