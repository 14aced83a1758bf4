// The whole language inside mutators: over rows in memory, and over rows that are loaded as they are missed.
import { expect, test } from 'vitest'
import { makeLoadedRows } from '../../src/mutator/loaded.ts'
import { defineMutators, mutator } from '../../src/mutator/mutator.ts'
import { type Ran, runCalls, runUntilLoaded } from '../../src/mutator/run.ts'
import { missing, type RowSource } from '../../src/mutator/source.ts'
import type { TxContext } from '../../src/mutator/recorder.ts'
import type { Tx } from '../../src/mutator/tx.ts'
import { splitRowKey } from '../../src/protocol/ids.ts'
import { answerRows } from '../../src/query/answer.ts'
import type { PlainAst } from '../../src/query/ast.ts'
import { queryKey } from '../../src/query/canonical.ts'
import type { AnyRow } from '../../src/schema/row.ts'
import { caught, idsOf, rows, schema } from './library.ts'

type LibraryTx = Tx<typeof schema>
const context: TxContext = { user: 'u1', onServer: true, authoredAt: 77, mutationId: 'm1' }
const inMemory: RowSource = {
  find: (collection, id) => rows[collection]?.find((row) => row.id === id),
  select: (ast) => answerRows(ast, rows[ast.from] ?? []),
}

function runOver(source: RowSource, act: (tx: LibraryTx) => void): Ran {
  const mutators = defineMutators(schema, { act: mutator([], (tx: LibraryTx) => act(tx)) })
  return runCalls(mutators, [['act', []]], source, context)
}

/** What the act answers with, once over rows in memory and once over rows that are loaded round by round. */
async function askBoth<T>(
  ask: (tx: LibraryTx) => T,
): Promise<{ readonly answer: T; readonly rounds: number; readonly loaded: readonly string[] }> {
  let answer: T | undefined
  const act = (tx: LibraryTx): void => {
    answer = ask(tx)
  }
  const ran = runOver(inMemory, act)
  expect(ran.failure).toBeUndefined()
  const direct = answer
  const loaded = makeLoadedRows()
  const names: string[] = []
  let rounds = 1
  const wanted = new Map<string, PlainAst>()
  const source: RowSource = {
    find: loaded.find,
    select(ast) {
      const found = loaded.select(ast)
      if (found === missing) wanted.set(queryKey(ast), ast)
      return found
    },
  }
  const again = await runUntilLoaded(
    () => runOver(source, act),
    async (misses) => {
      rounds++
      names.push([...wanted.values()].map(({ from }) => from).join('+'))
      for (const key of misses.keys) loaded.putRow(key, inMemory.find(...splitRowKey(key)) as AnyRow | undefined)
      for (const ast of wanted.values()) loaded.putAnswer(ast, inMemory.select(ast) as readonly AnyRow[])
      wanted.clear()
    },
  )
  expect(again.failure).toBeUndefined()
  expect(answer).toEqual(direct)
  return { answer: answer as T, rounds, loaded: names }
}

test('a question about one collection takes one round, one about related rows a round for each step', async () => {
  const plain = await askBoth((tx) => idsOf(tx.books.where('pages', '>', 3).orderBy('title').read()))
  expect(plain).toEqual({ answer: 'b5 b3 b2', rounds: 2, loaded: ['books'] })
  const related = await askBoth((tx) =>
    tx.shelves
      .with('books', (q) => q.with('labels'))
      .single('s1')
      .read()
      ?.books.map(({ labels }) => idsOf(labels)),
  )
  expect(related).toEqual({ answer: ['l1 l2', ''], rounds: 5, loaded: ['shelves', 'books', 'bookLabels', 'labels'] })
})

test.each<[string, (tx: LibraryTx) => unknown, answer: unknown]>([
  ['exists', (tx) => idsOf(tx.books.exists('labels', (q) => q.where('name', '=', 'blue')).read()), 'b1 b3'],
  ['notExists', (tx) => idsOf(tx.shelves.notExists('books').read()), 's3'],
  [
    'innerJoin',
    (tx) =>
      tx.shelves
        .innerJoin('books', { as: 'book', on: ['id', 'shelfId'] })
        .count()
        .read(),
    3,
  ],
  [
    'leftJoin',
    (tx) =>
      tx.shelves
        .leftJoin('books', { as: 'book', on: ['id', 'shelfId'] })
        .read()
        .map(({ book }) => book?.id),
    ['b1', 'b4', 'b3', undefined],
  ],
  ['orderBy a relation', (tx) => idsOf(tx.books.orderBy('shelf.rank', 'desc').limit(2).read()), 'b1 b4'],
  [
    'after',
    (tx) =>
      idsOf(
        tx.books
          .orderBy('title')
          .after(tx.books.get('b3') as never)
          .read(),
      ),
    'b4 b2 b1',
  ],
  ['offset', (tx) => idsOf(tx.books.offset(2).limit(2).read()), 'b3 b4'],
  ['select', (tx) => tx.shelves.select('name').limit(1).read(), [{ name: 'north' }]],
  ['distinct', (tx) => tx.books.select('status').distinct().read(), [{ status: null }, { status: 'new' }, { status: 'old' }]],
  ['first', (tx) => tx.books.orderBy('title').first().read()?.id, 'b5'],
  ['single', (tx) => tx.books.single('none').read(), undefined],
  ['count', (tx) => tx.books.where('pages', '=', 4).count().read(), 2],
  ['sum', (tx) => tx.books.sum('pages').read(), 16],
  ['avg', (tx) => tx.books.avg('pages').read(), 4],
  ['min', (tx) => tx.books.min('title').read(), 'Ebb'],
  ['max', (tx) => tx.books.max('pages').read(), 5],
  ['aggregate', (tx) => tx.books.aggregate({ n: 'count', most: { max: 'pages' } }).read(), { n: 5, most: 5 }],
  ['groupBy', (tx) => tx.books.groupBy('shelf.name').count().having('count', '>', 1).first().read(), { 'shelf.name': null, count: 2 }],
  ['toJSON', (tx) => JSON.stringify(tx.books), '{"from":"books"}'],
])('%s answers inside a mutator, rows in memory or loaded', async (_, ask, answer) => {
  expect((await askBoth(ask)).answer).toEqual(answer)
})

test('own writes show in what follows, in related rows, windows and sums', async () => {
  const { answer } = await askBoth((tx) => {
    tx.shelves.put({ id: 's0', name: 'new', rank: 0 })
    tx.books.patch('b3', { shelfId: 's0', pages: 1 })
    tx.books.remove('b1')
    tx.bookLabels.put({ id: 'k9', bookId: 'b2', labelId: 'l3' })
    return {
      lowest: tx.books.orderBy('shelf.rank', 'asc', 'last').with('shelf').first().read()?.shelf?.name,
      pages: tx.books.sum('pages').read(),
      labelled: idsOf(tx.books.exists('labels').read()),
      shelves: tx.shelves
        .with('books')
        .read()
        .map(({ books }) => idsOf(books)),
      least: tx.books
        .orderBy('pages')
        .where('pages', '>', 0)
        .limit(2)
        .read()
        .map(({ pages }) => pages),
    }
  })
  expect(answer).toEqual({ lowest: 'new', pages: 9, labelled: 'b2 b3', shelves: ['b3', 'b4', '', ''], least: [1, 4] })
})

test('a run notes the plain questions that an answer depends on, each about one collection', () => {
  const ran = runOver(inMemory, (tx) => void tx.books.where('pages', '>', 4).exists('labels').with('shelf').limit(1).read())
  expect(ran.questions.map(({ from, where }) => [from, where])).toEqual([
    ['books', { op: 'and', of: [{ op: '>', field: 'pages', value: 4 }] }],
    ['bookLabels', { op: 'in', field: 'bookId', value: ['b3'] }],
    ['labels', { op: 'in', field: 'id', value: ['l1'] }],
    ['shelves', { op: 'in', field: 'id', value: ['s2'] }],
  ])
})

test('inside a mutator a question is read, and nothing else', () => {
  const codes: unknown[] = []
  runOver(inMemory, (tx) => {
    const loose = tx.books as unknown as Record<string, () => unknown>
    codes.push(['run', 'live', 'watch', 'explain', 'infinite'].map((name) => typeof loose[name]))
    const narrowed = tx.books.limit(1) as unknown as Record<string, (listener: unknown) => unknown>
    codes.push(['run', 'live', 'watch', 'explain', 'infinite'].map((name) => caught(() => narrowed[name]?.(() => {})).path))
  })
  expect(codes).toEqual([Array.from({ length: 5 }, () => 'undefined'), ['run', 'live', 'watch', 'explain', 'infinite']])
})
