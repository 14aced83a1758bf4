// Types of questions: checked by tsc, never run.
import {
  createStore,
  defineMutators,
  type Diff,
  defineSchema,
  type Infinite,
  type Live,
  many,
  mutator,
  one,
  type Row,
  collection,
} from 'tidemark'
import { useQuery } from 'tidemark/react'
import * as v from 'valibot'
import type { schema as library } from './library.ts'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
declare function is<_ extends true>(): void
type Of<Q> = Q extends { read(): infer T } ? T : never
type RowsOf<Q> = Of<Q> extends readonly (infer T)[] ? T : never

declare const schema: typeof library
type S = typeof library
type Book = Row<S, 'books'>
type Shelf = Row<S, 'shelves'>
type Label = Row<S, 'labels'>
const mutators = defineMutators(schema, {})
const store = createStore({ name: 'x', schema, mutators })
const { books, shelves, labels, things } = store.query

export function right(): void {
  const all = books.where('pages', '>=', 4).where('title', 'ilike', '%a%').where('tags', 'contains', 'x').where('lent', 'isNull', true)
  is<Equal<Of<typeof all>, readonly Book[]>>()
  const live = all.live()
  is<Equal<typeof live, Live<readonly Book[]>>>()
  all.watch((diff) => is<Equal<typeof diff, Diff<Book>>>())
  is<Equal<ReturnType<typeof all.infinite>, Infinite<Book>>>()
  books.where('status', 'in', ['new']).where('status', 'notIn', ['old', null]).where('sequelOf', '=', null).where('shelfId', '!=', null)
  books.where((row) => row.or(row.is('pages', '>', 1), row.not(row.exists('labels', (q) => q.where('name', '=', 'x'))), row.and()))
  books.exists('shelf', (q) => q.exists('books', (q) => q.notExists('labels'))).notExists('original')

  const withShelf = books.with('shelf')
  is<Equal<RowsOf<typeof withShelf>['shelf'], Shelf | undefined>>()
  is<Equal<RowsOf<typeof withShelf>['pages'], number | null>>()
  const nested = books.with('labels', (q) =>
    q
      .orderBy('name')
      .limit(3)
      .with('books', (q) => q.select('title').with('shelf')),
  )
  is<Equal<RowsOf<typeof nested>['labels'][number]['books'][number]['title'], string>>()
  is<Equal<RowsOf<typeof nested>['labels'][number]['books'][number]['shelf'], Shelf | undefined>>()
  const sequels = books.with('sequels', (q) => q.with('original')).with('original')
  is<Equal<RowsOf<typeof sequels>['sequels'][number]['original'], Book | undefined>>()
  const distinct = shelves.with('books', (q) => q.select('status').distinct())
  is<Equal<RowsOf<typeof distinct>['books'][number]['status'], 'new' | 'old' | null | undefined>>()

  const left = books.leftJoin('shelves', { as: 'place', on: ['shelfId', 'id'], where: (q) => q.where('rank', '>', 1) })
  is<Equal<RowsOf<typeof left>['place'], Shelf | undefined>>()
  const inner = left
    .innerJoin('books', { as: 'next', on: ['id', 'sequelOf'] })
    .orderBy('place.name')
    .orderBy('next.pages', 'desc', 'last')
    .orderBy('shelf.rank')
  is<Equal<RowsOf<typeof inner>['next'], Book>>()
  is<Equal<RowsOf<typeof inner>['place'], Shelf | undefined>>()

  const some = books.with('shelf').select('id', 'title', 'shelf')
  is<Equal<RowsOf<typeof some>, { id: string; title: string; readonly shelf: Shelf | undefined }>>()
  const page = some.orderBy('title').after({ id: 'b1', title: 'x', shelf: undefined }).offset(1).limit(3)
  is<Equal<RowsOf<typeof page>, RowsOf<typeof some>>>()

  const first = books.with('shelf').first()
  is<Equal<Of<typeof first>, RowsOf<typeof withShelf> | undefined>>()
  is<Equal<Of<ReturnType<typeof books.single>>, Book | undefined>>()
  is<Equal<ReturnType<ReturnType<typeof books.count>['live']>, Live<number>>>()
  const sum = books.sum('pages')
  is<Equal<Of<typeof sum>, number>>()
  const [avg, min, max] = [books.avg('pages'), books.min('status'), books.max('pages')]
  is<Equal<[Of<typeof avg>, Of<typeof min>, Of<typeof max>], [number | undefined, 'new' | 'old' | undefined, number | undefined]>>()
  const told = books.aggregate({ n: 'count', pages: { sum: 'pages' }, mean: { avg: 'pages' }, last: { max: 'title' } })
  is<
    Equal<
      Of<typeof told>,
      { readonly n: number; readonly pages: number; readonly mean: number | undefined; readonly last: string | undefined }
    >
  >()

  const counts = books.groupBy('status').count()
  is<Equal<Of<typeof counts>, readonly { readonly status: 'new' | 'old' | null; readonly count: number }[]>>()
  const groups = left.groupBy('shelf.name', 'place.rank', 'pages').aggregate({ n: 'count', most: { max: 'pages' } })
  is<Equal<RowsOf<typeof groups>['shelf.name'], string | null>>()
  is<Equal<RowsOf<typeof groups>['place.rank'], number | null>>()
  const kept = groups
    .having('n', '>', 1)
    .having('shelf.name', '!=', null)
    .having('most', 'in', [1, null])
    .orderBy('place.rank', 'desc')
    .limit(3)
    .offset(1)
  is<Equal<RowsOf<typeof kept>, RowsOf<typeof groups>>>()
  is<Equal<Of<ReturnType<typeof kept.first>>, RowsOf<typeof groups> | undefined>>()
  kept.watch(({ added }) => added.map(({ n }) => n.toFixed()))

  is<Equal<RowsOf<typeof labels>, Label>>()
  const loose = things.where('id', '=', 'x').with('shelf')
  is<Equal<RowsOf<typeof loose>['shelf'], Shelf | undefined>>()

  is<Equal<ReturnType<typeof useList>, readonly Book[]>>()
  is<Equal<ReturnType<typeof useCount>, number>>()
  is<Equal<ReturnType<typeof useGroups>, readonly { readonly status: 'new' | 'old' | null; readonly count: number }[]>>()
  is<Equal<ReturnType<typeof usePerhaps>, readonly Book[]>>()
}

const useList = () => useQuery(books.orderBy('title')).data
const useCount = () => useQuery(books.count()).data
const useGroups = () => useQuery(books.groupBy('status').count()).data
const usePerhaps = (isWanted: boolean) => useQuery(isWanted ? books : null).data

export const inMutators = defineMutators(schema, {
  ask: mutator([v.string()], (tx, id) => {
    const found = tx.books.where('pages', '>', 1).with('shelf').single(id).read()
    is<Equal<Exclude<typeof found, undefined>['shelf'], Shelf | undefined>>()
    tx.shelves.patch(found?.shelf?.id ?? '', { rank: tx.books.exists('labels').count().read() })
    for (const { status, n } of tx.books.groupBy('status').aggregate({ n: 'count' }).having('n', '>', 1).read())
      tx.labels.put({ id: status ?? '', name: `${n}` })
    // @ts-expect-error a mutator reads
    void tx.books.limit(1).run()
    // @ts-expect-error a mutator reads
    tx.books.live()
    // @ts-expect-error a mutator reads
    tx.books.count().live()
    const groups = tx.books.groupBy('status').count()
    // @ts-expect-error a mutator reads
    groups.watch(() => {})
    // @ts-expect-error no such field
    tx.books.where('page', '=', 1)
  }),
})

export function wrong(): void {
  // @ts-expect-error a server's collection
  void store.query.secrets
  // @ts-expect-error no such field
  books.where('page', '=', 1)
  // @ts-expect-error no such operator
  books.where('pages', '==', 1)
  // @ts-expect-error no such operator for a number
  books.where('pages', 'like', '1')
  // @ts-expect-error no such operator for a text
  books.where('title', 'contains', 'x')
  // @ts-expect-error an operand of another type
  books.where('pages', '>', '1')
  // @ts-expect-error no such status
  books.where('status', 'in', ['lost'])
  // @ts-expect-error true or false
  books.where('pages', 'isNull', null)
  // @ts-expect-error a member of another type
  books.where('tags', 'contains', 1)
  // @ts-expect-error no such relation
  books.exists('shelfs')
  // @ts-expect-error no such relation
  books.with('shelfs')
  // @ts-expect-error no such field of the relation
  books.exists('shelf', (q) => q.where('nam', '=', 'x'))
  // @ts-expect-error no such relation in a condition
  books.where((row) => row.exists('shelfs'))
  // @ts-expect-error a question about other rows
  books.with('shelf', () => books)
  // @ts-expect-error nothing is answered inside a question
  books.with('shelf', (q) => q.first())
  // @ts-expect-error no such field of the relation
  books.orderBy('shelf.nam')
  // @ts-expect-error a relation to many
  books.orderBy('labels.name')
  // @ts-expect-error no such direction
  books.orderBy('title', 'down')
  // @ts-expect-error no such place
  books.orderBy('title', 'asc', 'top')
  // @ts-expect-error not joined
  books.orderBy('place.name')
  // @ts-expect-error no such collection
  books.innerJoin('rooms', { as: 'room', on: ['id', 'id'] })
  // @ts-expect-error no such field of the other
  books.innerJoin('shelves', { as: 'place', on: ['shelfId', 'nam'] })
  // @ts-expect-error no such field of the row
  books.innerJoin('shelves', { as: 'place', on: ['shelf', 'id'] })
  // @ts-expect-error the name of a field
  books.innerJoin('shelves', { as: 'title', on: ['shelfId', 'id'] })
  // @ts-expect-error the name of another join
  books.innerJoin('shelves', { as: 'place', on: ['shelfId', 'id'] }).leftJoin('shelves', { as: 'place', on: ['shelfId', 'id'] })
  // @ts-expect-error nothing of that name
  books.select('shelf')
  // @ts-expect-error not selected
  books.select('title').select('pages')
  // @ts-expect-error not a row of the answer
  books.select('id', 'title').after({ id: 'b1' })
  // @ts-expect-error a row without its id
  books.select('title').after({ title: 'x' })
  // @ts-expect-error no number
  books.sum('title')
  // @ts-expect-error no number
  books.avg('lent')
  // @ts-expect-error neither number nor text
  books.min('tags')
  // @ts-expect-error no such aggregate
  books.aggregate({ n: 'size' })
  // @ts-expect-error no number
  books.aggregate({ n: { sum: 'title' } })
  // @ts-expect-error no such key
  books.groupBy('page')
  // @ts-expect-error no key
  books.groupBy()
  // @ts-expect-error neither key nor aggregate
  books.groupBy('status').count().having('title', '=', 'x')
  // @ts-expect-error an operand of another type
  books.groupBy('status').count().having('count', '>', 'x')
  // @ts-expect-error neither key nor aggregate
  books.groupBy('status').count().orderBy('n')
  // @ts-expect-error a count may not be null: what it is while nothing is asked is not known
  useQuery(null as ReturnType<typeof books.count> | null)

  const shelf = collection(v.object({ id: v.string() }))
  const rows = v.object({ id: v.string(), shelfId: v.string() })
  // @ts-expect-error no such collection
  defineSchema({ version: 1, collections: { shelf, books: collection(rows, { relations: { shelf: one('shelfs', 'shelfId') } }) } })
  // @ts-expect-error no such field
  defineSchema({ version: 1, collections: { shelf, books: collection(rows, { relations: { place: one('shelf', 'shelf') } }) } })
  // @ts-expect-error no such field of the other
  defineSchema({ version: 1, collections: { shelf, books: collection(rows, { relations: { parts: many('shelf', 'bookId') } }) } })
  // @ts-expect-error the name of a field
  defineSchema({ version: 1, collections: { shelf, books: collection(rows, { relations: { shelfId: one('shelf', 'shelfId') } }) } })
  // @ts-expect-error no such index
  collection(rows, { indexes: ['shelf'] })
}
