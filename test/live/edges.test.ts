// The places where a live answer goes wrong first: boundaries, ties, moves, parents that go. Each is asked incrementally and from scratch.
import { expect, test } from 'vitest'
import { createLives } from '../../src/live/live.ts'
import type { Change, PoolView } from '../../src/pool/change.ts'
import { answerQuery, answerRows } from '../../src/query/answer.ts'
import type { QueryAst } from '../../src/query/ast.ts'
import { makeQuery } from '../../src/query/builder.ts'
import type { AnyRow } from '../../src/schema/row.ts'
import { allIn, book, createLiveKit, type LiveKit, schema } from './lives.ts'
import { makeRow } from './tiny-pool.ts'
import { signal } from '../../src/reactive.ts'

const shelf = (id: string, name = id): AnyRow => makeRow(id, { name, room: null })
const label = (id: string, name = id): AnyRow => makeRow(id, { name })
const link = (id: string, bookId: string, labelId: string): AnyRow => makeRow(id, { bookId, labelId })

interface Asked<T> {
  readonly ast: QueryAst
  live(): { subscribe(listener: (value: T) => void): () => void; peek(): T }
}
interface Followed<T> {
  /** How often a subscriber was told, the first time included. */
  readonly calls: number
  /** The answer, once it is the one that the question has from scratch. */
  see(): T
}

/** Watches a question. */
function follow<T>(
  { pool }: Pick<LiveKit, 'pool'>,
  query: Pick<Asked<T>, 'live'> & { toJSON?(): QueryAst; readonly ast?: QueryAst },
): Followed<T> {
  const ast = (query.toJSON?.() ?? query.ast) as QueryAst
  const live = query.live()
  let calls = 0
  live.subscribe(() => {
    calls++
  })
  return {
    get calls() {
      return calls
    },
    see() {
      expect(live.peek()).toEqual(answerQuery(ast, (plain) => answerRows(plain, pool.rows(plain.from))))
      return live.peek()
    },
  }
}

const idsOf = (rows: readonly { readonly id: string }[]): string => rows.map(({ id }) => id).join(' ')

test('T90 C6 a book that crosses the boundary enters, one that crosses it back leaves, and a subscriber is told exactly twice', () => {
  const kit = createLiveKit()
  kit.pool.commit([3, 4, 5].map((pages) => book(`b${pages}`, { pages })))
  const { lives } = kit
  const followed = follow(kit, kit.books.where('pages', '>=', 4))
  expect(followed.see().map(({ pages }) => pages)).toEqual([4, 5])
  const atFirst = followed.calls
  kit.pool.commit([book('b3', { pages: 4 })])
  expect(idsOf(followed.see())).toBe('b3 b4 b5')
  kit.pool.commit([book('b5', { pages: 2 })])
  expect(idsOf(followed.see())).toBe('b3 b4')
  expect(followed.calls - atFirst).toBe(2)
  // what happens on the far side of the boundary tells nobody
  kit.pool.commit([book('b5', { pages: 1 })])
  expect(followed.calls - atFirst).toBe(2)
  lives.close()
})

test('the row at the edge of a limit leaves, and the next one enters; one before it enters, and the last one leaves', () => {
  const kit = createLiveKit()
  kit.pool.commit([10, 20, 30, 40, 50].map((pages) => book(`b${pages}`, { pages })))
  const followed = follow(kit, kit.books.orderBy('pages').limit(3))
  expect(idsOf(followed.see())).toBe('b10 b20 b30')
  kit.pool.commit([], ['b30'])
  expect(idsOf(followed.see())).toBe('b10 b20 b40')
  kit.pool.commit([book('b15', { pages: 15 })])
  expect(idsOf(followed.see())).toBe('b10 b15 b20')
  // right behind the edge: nothing to tell
  const { calls } = followed
  kit.pool.commit([book('b21', { pages: 21 })])
  expect(idsOf(followed.see())).toBe('b10 b15 b20')
  kit.pool.commit([book('b50', { pages: 60 })])
  expect(followed.calls).toBe(calls)
  // the last row steps behind the one after it, and back
  kit.pool.commit([book('b20', { pages: 22 })])
  expect(idsOf(followed.see())).toBe('b10 b15 b21')
  kit.pool.commit([book('b20', { pages: 20 })])
  expect(idsOf(followed.see())).toBe('b10 b15 b20')
  // fewer rows than the limit, and again more
  kit.pool.commit([], ['b10', 'b15', 'b21', 'b40'])
  expect(idsOf(followed.see())).toBe('b20 b50')
  kit.pool.commit([book('b1', { pages: 1 }), book('b2', { pages: 2 })])
  expect(idsOf(followed.see())).toBe('b1 b2 b20')
})

test('ties in the order go by id, at the edge of a limit too', () => {
  const kit = createLiveKit()
  kit.pool.commit(['b5', 'b1', 'b3'].map((id) => book(id, { pages: 7 })))
  const up = follow(kit, kit.books.orderBy('pages').limit(2))
  const down = follow(kit, kit.books.orderBy('pages', 'desc').limit(2))
  expect([idsOf(up.see()), idsOf(down.see())]).toEqual(['b1 b3', 'b1 b3'])
  kit.pool.commit([book('b2', { pages: 7 })])
  expect([idsOf(up.see()), idsOf(down.see())]).toEqual(['b1 b2', 'b1 b2'])
  kit.pool.commit([], ['b1'])
  expect([idsOf(up.see()), idsOf(down.see())]).toEqual(['b2 b3', 'b2 b3'])
  kit.pool.commit([book('b9', { pages: 6 }), book('b3', { pages: 8 })])
  expect([idsOf(up.see()), idsOf(down.see())]).toEqual(['b9 b2', 'b3 b2'])
})

test('an edit of the order’s key alone moves a row: within the window, out of it, and into it', () => {
  const kit = createLiveKit()
  kit.pool.commit([1, 2, 3, 4].map((pages) => book(`b${pages}`, { pages })))
  const followed = follow(kit, kit.books.orderBy('pages').limit(3))
  kit.pool.commit([book('b1', { pages: 2.5 })])
  expect(idsOf(followed.see())).toBe('b2 b1 b3')
  kit.pool.commit([book('b2', { pages: 9 })])
  expect(idsOf(followed.see())).toBe('b1 b3 b4')
  kit.pool.commit([book('b2', { pages: 0 })])
  expect(idsOf(followed.see())).toBe('b2 b1 b3')
  expect(followed.calls).toBe(4)
  // a key that changes without moving its row: another row in the same place
  kit.pool.commit([book('b2', { pages: 0.5 })])
  expect(followed.see()[0]).toMatchObject({ id: 'b2', pages: 0.5 })
  expect(followed.calls).toBe(5)
})

test('a key in the row that an order by relation looks at moves all rows that refer to it', () => {
  const kit = createLiveKit()
  kit.pool.commit([shelf('s1', 'a'), shelf('s2', 'b')], [], 'shelves')
  kit.pool.commit([book('b1', { shelf: 's1' }), book('b2', { shelf: 's2' }), book('b3', { shelf: 's1' }), book('b4')])
  const followed = follow(kit, kit.books.orderBy('place.name').limit(3))
  expect(idsOf(followed.see())).toBe('b4 b1 b3')
  kit.pool.commit([shelf('s1', 'c')], [], 'shelves')
  expect(idsOf(followed.see())).toBe('b4 b2 b1')
  kit.pool.commit([], ['s1'], 'shelves')
  expect(idsOf(followed.see())).toBe('b1 b3 b4')
  expect(followed.calls).toBe(3)
})

test('a row that moves between groups changes both and no other; null is a group; one that empties goes, and returns', () => {
  const kit = createLiveKit()
  kit.pool.commit([
    book('b1', { shelf: 's1', pages: 1 }),
    book('b2', { shelf: 's1', pages: 2 }),
    book('b3', { shelf: 's2', pages: 4 }),
    book('b4'),
  ])
  const followed = follow(kit, kit.books.groupBy('shelf').aggregate({ n: 'count', most: { max: 'pages' } }))
  expect(followed.see()).toEqual([
    { shelf: null, n: 1, most: 0 },
    { shelf: 's1', n: 2, most: 2 },
    { shelf: 's2', n: 1, most: 4 },
  ])
  const [ofNull] = followed.see()
  kit.pool.commit([book('b2', { shelf: 's2', pages: 2 })])
  expect(followed.see()).toEqual([
    { shelf: null, n: 1, most: 0 },
    { shelf: 's1', n: 1, most: 1 },
    { shelf: 's2', n: 2, most: 4 },
  ])
  expect(followed.see()[0]).toBe(ofNull)
  // the group's greatest value goes
  kit.pool.commit([], ['b3'])
  expect(followed.see()[2]).toEqual({ shelf: 's2', n: 1, most: 2 })
  kit.pool.commit([book('b1', { pages: 1 })])
  expect(followed.see().map((group) => group.shelf)).toEqual([null, 's2'])
  kit.pool.commit([book('b1', { shelf: 's1', pages: 5 })])
  expect(followed.see()).toEqual([
    { shelf: null, n: 1, most: 0 },
    { shelf: 's1', n: 1, most: 5 },
    { shelf: 's2', n: 1, most: 2 },
  ])
  expect(followed.calls).toBe(5)
  // an edit that no group tells of
  kit.pool.commit([book('b1', { shelf: 's1', pages: 5, title: 'another' })])
  expect(followed.calls).toBe(5)
})

test('a group that reaches the boundary of having enters, and leaves when it falls below it', () => {
  const kit = createLiveKit()
  kit.pool.commit([book('b1', { shelf: 's1' }), book('b2', { shelf: 's2' })])
  const followed = follow(kit, kit.books.groupBy('shelf').count().having('count', '>=', 2))
  expect(followed.see()).toEqual([])
  kit.pool.commit([book('b3', { shelf: 's1' })])
  expect(followed.see()).toEqual([{ shelf: 's1', count: 2 }])
  kit.pool.commit([book('b3', { shelf: 's2' })])
  expect(followed.see()).toEqual([{ shelf: 's2', count: 2 }])
  kit.pool.commit([], ['b3'])
  expect(followed.see()).toEqual([])
  expect(followed.calls).toBe(4)
})

test('a row that moves between parents leaves one list and enters the other at once, and a third parent is the same object', () => {
  const kit = createLiveKit()
  kit.pool.commit([shelf('s1'), shelf('s2'), shelf('s3')], [], 'shelves')
  kit.pool.commit([book('b1', { shelf: 's1' }), book('b2', { shelf: 's1' }), book('b3', { shelf: 's3' })])
  const followed = follow(
    kit,
    kit.shelves.with('books', (books) => books.orderBy('title').limit(2)),
  )
  const third = followed.see()[2]
  kit.pool.commit([book('b1', { shelf: 's2' })])
  expect(followed.see().map(({ books }) => idsOf(books))).toEqual(['b2', 'b1', 'b3'])
  expect(followed.see()[2]).toBe(third)
  expect(followed.calls).toBe(2)
  kit.pool.commit([book('b1')])
  expect(followed.see().map(({ books }) => idsOf(books))).toEqual(['b2', '', 'b3'])
})

test('a parent that is removed takes its children with it, theirs is undefined then, and both come back', () => {
  const kit = createLiveKit()
  kit.pool.commit([shelf('s1'), shelf('s2')], [], 'shelves')
  kit.pool.commit([book('b1', { shelf: 's1' }), book('b2', { shelf: 's2' })])
  const down = follow(kit, kit.shelves.with('books'))
  const up = follow(kit, kit.books.with('place'))
  const placed = follow(kit, kit.books.exists('place'))
  const lost = follow(kit, kit.books.notExists('place'))
  kit.pool.commit([], ['s1'], 'shelves')
  expect(idsOf(down.see())).toBe('s2')
  expect(up.see().map(({ place }) => place?.id)).toEqual([undefined, 's2'])
  expect([idsOf(placed.see()), idsOf(lost.see())]).toEqual(['b2', 'b1'])
  kit.pool.commit([shelf('s1', 'new')], [], 'shelves')
  expect(down.see().map(({ name, books }) => [name, idsOf(books)])).toEqual([
    ['new', 'b1'],
    ['s2', 'b2'],
  ])
  expect(up.see()[0]?.place?.name).toBe('new')
  expect([idsOf(placed.see()), idsOf(lost.see())]).toEqual(['b1 b2', ''])
  expect([down.calls, up.calls, placed.calls, lost.calls]).toEqual([3, 3, 3, 3])
})

test('a parent that is replaced is another object around the very same list', () => {
  const kit = createLiveKit()
  kit.pool.commit([shelf('s1', 'old')], [], 'shelves')
  kit.pool.commit([book('b1', { shelf: 's1' })])
  const followed = follow(
    kit,
    kit.shelves.with('books', (books) => books.with('place')),
  )
  const books = followed.see()[0]?.books
  kit.pool.commit([makeRow('s1', { name: 'old', room: 'r1' })], [], 'shelves')
  expect(followed.see()[0]?.books[0]?.place).toMatchObject({ room: 'r1' })
  expect(followed.see()[0]?.books).not.toBe(books)
  const plain = follow(kit, kit.shelves.with('books'))
  const before = plain.see()[0]
  kit.pool.commit([makeRow('s1', { name: 'new', room: 'r1' })], [], 'shelves')
  expect(plain.see()[0]).not.toBe(before)
  expect(plain.see()[0]?.books).toBe(before?.books)
})

test('a link that is added brings a row, a second one changes nothing, and the row stays until the last link is gone', () => {
  const kit = createLiveKit()
  kit.pool.commit([book('b1'), book('b2')])
  kit.pool.commit([label('l1'), label('l2')], [], 'labels')
  const labelled = follow(kit, kit.books.with('labels'))
  const some = follow(
    kit,
    kit.books.exists('labels', (labels) => labels.where('name', '=', 'l1')),
  )
  const seen = (): readonly string[] => [...labelled.see().map(({ labels }) => idsOf(labels)), idsOf(some.see())]
  kit.pool.commit([link('k1', 'b1', 'l1')], [], 'bookLabels')
  expect(seen()).toEqual(['l1', '', 'b1'])
  const calls = [labelled.calls, some.calls]
  kit.pool.commit([link('k2', 'b1', 'l1')], [], 'bookLabels')
  kit.pool.commit([], ['k1'], 'bookLabels')
  expect(seen()).toEqual(['l1', '', 'b1'])
  expect([labelled.calls, some.calls]).toEqual(calls)
  // the link is bent to another book, then to a label that is not there, then to one that is
  kit.pool.commit([link('k2', 'b2', 'l1')], [], 'bookLabels')
  expect(seen()).toEqual(['', 'l1', 'b2'])
  kit.pool.commit([link('k2', 'b2', 'l9')], [], 'bookLabels')
  expect(seen()).toEqual(['', '', ''])
  kit.pool.commit([label('l9', 'l1')], [], 'labels')
  expect(seen()).toEqual(['', 'l9', 'b2'])
  kit.pool.commit([], ['k2'], 'bookLabels')
  expect(seen()).toEqual(['', '', ''])
})

test('rows before an offset leave and enter: the window slides', () => {
  const kit = createLiveKit()
  kit.pool.commit([1, 2, 3, 4, 5, 6].map((pages) => book(`b${pages}`, { pages })))
  const followed = follow(kit, kit.books.orderBy('pages').offset(2).limit(2))
  expect(idsOf(followed.see())).toBe('b3 b4')
  kit.pool.commit([], ['b1'])
  expect(idsOf(followed.see())).toBe('b4 b5')
  kit.pool.commit([book('b0', { pages: 0 })])
  expect(idsOf(followed.see())).toBe('b3 b4')
  kit.pool.commit([book('b2', { pages: 9 })])
  expect(idsOf(followed.see())).toBe('b4 b5')
  // two rows before the window change places: nothing to tell
  const { calls } = followed
  kit.pool.commit([book('b0', { pages: 3.5 })])
  expect(idsOf(followed.see())).toBe('b4 b5')
  expect(followed.calls).toBe(calls)
  kit.pool.commit([], ['b0', 'b3', 'b4', 'b5'])
  expect(idsOf(followed.see())).toBe('')
})

test('a page stays where its cursor was, though the row that it names moves or goes', () => {
  const kit = createLiveKit()
  kit.pool.commit([1, 2, 3, 4, 5].map((pages) => book(`b${pages}`, { pages })))
  const ordered = kit.books.orderBy('pages')
  const cursor = book('b2', { pages: 2 })
  const followed = follow(kit, ordered.after(cursor).limit(2))
  expect(idsOf(followed.see())).toBe('b3 b4')
  kit.pool.commit([], ['b2'])
  expect(idsOf(followed.see())).toBe('b3 b4')
  expect(followed.calls).toBe(1)
  // it comes back in the same place, before the page, and then behind its own cursor
  kit.pool.commit([cursor])
  expect(followed.calls).toBe(1)
  kit.pool.commit([book('b2', { pages: 3.5 })])
  expect(idsOf(followed.see())).toBe('b3 b2')
  // a tie with the cursor is behind it by its id
  kit.pool.commit([book('b1', { pages: 2 }), book('b9', { pages: 2 })])
  expect(idsOf(followed.see())).toBe('b9 b3')
})

test('B7 a commit of 500 rows is one notification for each question that it changes, and none for the others', () => {
  const kit = createLiveKit()
  kit.pool.commit([shelf('s1')], [], 'shelves')
  kit.pool.commit(Array.from({ length: 100 }, (_, i) => book(`b${i}`, { pages: i, shelf: 's1' })))
  const touched = [
    follow<unknown>(kit, kit.books.where('pages', '>=', 50)),
    follow<unknown>(kit, kit.books.orderBy('pages', 'desc').limit(10)),
    follow<unknown>(
      kit,
      kit.shelves.with('books', (books) => books.orderBy('pages').offset(3)),
    ),
    follow<unknown>(kit, kit.books.groupBy('shelf').aggregate({ sum: { sum: 'pages' } })),
    follow<unknown>(kit, kit.books.count()),
  ]
  const others = [follow<unknown>(kit, kit.books.where('pages', '<', 0)), follow<unknown>(kit, kit.shelves)]
  kit.pool.commit([
    ...Array.from({ length: 50 }, (_, i) => book(`b${i}`, { pages: i + 1000, shelf: 's1' })),
    ...Array.from({ length: 450 }, (_, i) => book(`n${i}`, { pages: i, shelf: i % 2 ? 's1' : null })),
  ])
  for (const one of [...touched, ...others]) one.see()
  expect(touched.map(({ calls }) => calls)).toEqual(touched.map(() => 2))
  expect(others.map(({ calls }) => calls)).toEqual([1, 1])
})

/** A pool that counts the rows that it hands out, and the times that it is asked for all of a collection. */
function countReads(pool: PoolView): PoolView & { readonly reads: { rows: number; scans: number } } {
  const reads = { rows: 0, scans: 0 }
  function* counted(rows: Iterable<AnyRow>): Iterable<AnyRow> {
    for (const row of rows) {
      reads.rows++
      yield row
    }
  }
  return {
    reads,
    find(collection, id) {
      reads.rows++
      return pool.find(collection, id)
    },
    rows(collection) {
      reads.scans++
      return counted(pool.rows(collection))
    },
    lookUp: (collection, field, value) => counted(pool.lookUp(collection, field, value)),
    narrow(ast) {
      const { rows, by } = pool.narrow(ast)
      if (by === 'all rows') reads.scans++
      return { rows: counted(rows), by }
    },
    onCommit: (listener: (changes: readonly Change[]) => void) => pool.onCommit(listener),
  }
}

test('C6 a limit refills from what is ordered: no change reads the collection again, whatever the question', () => {
  const { pool, clock } = createLiveKit()
  const size = 5000
  pool.commit(
    Array.from({ length: 50 }, (_, i) => shelf(`s${i}`)),
    [],
    'shelves',
  )
  pool.commit(Array.from({ length: size }, (_, i) => book(`b${i}`, { pages: i % 1000, shelf: `s${i % 50}` })))
  const spied = countReads(pool)
  const lives = createLives({
    pool: spied,
    clock,
    ready: signal(allIn),
    onError(error) {
      throw error
    },
  })
  const books = makeQuery(lives, schema, 'books')
  const shelves = makeQuery(lives, schema, 'shelves')
  const asked = [
    follow<unknown>({ pool }, books.where('pages', '<', 900).orderBy('pages').limit(20)),
    follow<unknown>({ pool }, books.orderBy('pages', 'desc').offset(5).limit(20)),
    follow<unknown>({ pool }, books.orderBy('place.name').limit(20)),
    follow<unknown>({ pool }, books.exists('place', (place) => place.where('name', '>', 's3')).limit(20)),
    follow<unknown>(
      { pool },
      shelves.with('books', (inner) => inner.orderBy('pages').limit(3)),
    ),
    follow<unknown>({ pool }, books.groupBy('shelf').aggregate({ n: 'count', least: { min: 'pages' } })),
    follow<unknown>(
      { pool },
      books
        .leftJoin('shelves', { as: 'on', on: ['shelf', 'id'] })
        .orderBy('pages')
        .limit(20),
    ),
    follow<unknown>({ pool }, books.where('pages', '>', 10).count()),
  ]
  const see = (): void => {
    for (const one of asked) one.see()
  }
  see()
  Object.assign(spied.reads, { rows: 0, scans: 0 })
  // the first twenty are removed one by one: each time the next one enters
  for (let i = 0; i < 20; i++) pool.commit([], [`b${i * 1000}`, `b${i}`])
  pool.commit([book('b100', { pages: -1, shelf: 's9' })])
  pool.commit([book('b100', { pages: 2000, shelf: null })])
  expect(spied.reads.scans).toBe(0)
  // 22 commits of one or two rows and eight questions: far from one look at all rows
  expect(spied.reads.rows).toBeLessThan(size / 2)
  see()
})

test('a list or object that comes anew and says the same is no change: the selected row is the same object, and nobody is told', () => {
  const kit = createLiveKit()
  kit.pool.commit([makeRow('a', { tags: ['x', { deep: 1 }], pages: 1 }), makeRow('b', { tags: ['x', { deep: 1 }], pages: 1 })])
  const selected: QueryAst = { from: 'books', select: ['id', 'tags'] }
  const field: QueryAst = { from: 'books', want: { field: 'tags' } }
  const [list, value] = [selected, field].map((ast) => follow(kit, { ast, live: () => kit.lives.live(ast) }))
  const before = list?.see()
  kit.pool.commit([makeRow('a', { tags: ['x', { deep: 1 }], pages: 2 })])
  expect(list?.see()).toBe(before)
  kit.pool.commit([], ['a'])
  value?.see()
  expect([list?.calls, value?.calls]).toEqual([2, 1])
})
