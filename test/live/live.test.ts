import { setImmediate as nextTurn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { TidemarkError } from '../../src/errors.ts'
import { batch, computed, effect, signal } from '../../src/reactive.ts'
import { allIn, book, createLiveKit, loading } from './lives.ts'

test('equal questions, however they were put, are one Live and one pipeline', () => {
  const { books, lives } = createLiveKit()
  const one = books.where('shelf', '=', 'a').where('pages', '>', 1).live()
  const two = books.where((row) => row.and(row.is('pages', '>', 1), row.is('shelf', '=', 'a'))).live()
  expect(two).toBe(one)
  const stops = [one.subscribe(() => {}), two.subscribe(() => {}), effect(() => void one.value)]
  expect(lives.count).toBe(1)
  for (const stop of stops) stop()
})

test('a Live costs no pipeline until it is watched, and reads the same list again until the answer changes', () => {
  const { books, lives, pool } = createLiveKit()
  pool.commit([book('b1', { pages: 5 }), book('b2', { pages: 1 })])
  const live = books.where('pages', '>=', 4).live()
  const before = live.value
  expect(before).toEqual([book('b1', { pages: 5 })])
  expect(live.peek()).toBe(before)
  pool.commit([book('b3', { pages: 0 })])
  expect(live.peek()).toBe(before)
  pool.commit([book('b4', { pages: 4 })])
  expect(live.peek().map(({ id }) => id)).toEqual(['b1', 'b4'])
  expect(lives.count).toBe(0)
})

test('watching what was just read shows the very list that was read', () => {
  const { books, pool } = createLiveKit()
  pool.commit([book('b1'), book('b2')])
  const live = books.orderBy('title', 'desc').live()
  const read = live.peek()
  const shown: unknown[] = []
  live.subscribe((rows) => shown.push(rows))
  expect(shown).toHaveLength(1)
  expect(shown[0]).toBe(read)
})

test('a pipeline outlives its last watcher by a moment, and a watcher within it finds it open', async () => {
  const { books, lives, clock, pool } = createLiveKit()
  const live = books.live()
  const stop = live.subscribe(() => {})
  stop()
  await clock.advance(99)
  expect(lives.count).toBe(1)
  const stopAgain = live.subscribe(() => {})
  await clock.advance(1000)
  expect(lives.count).toBe(1)
  stopAgain()
  await clock.advance(100)
  expect(lives.count).toBe(0)
  expect(clock.sleepers).toBe(0)
  pool.commit([book('b1')])
  expect(live.value).toHaveLength(1)
})

test('a lingering answer follows commits', () => {
  const { books, pool, lives } = createLiveKit()
  const live = books.live()
  live.subscribe(() => {})()
  pool.commit([book('b1')])
  expect(lives.count).toBe(1)
  expect(live.value).toHaveLength(1)
})

test('B7 a commit of 500 rows is one notification for each question that it concerns, and none for the others', () => {
  const { books, pool } = createLiveKit()
  const calls = { all: 0, few: 0, none: 0 }
  books.live().subscribe(() => calls.all++)
  books
    .orderBy('pages')
    .limit(3)
    .live()
    .subscribe(() => calls.few++)
  books
    .where('shelf', '=', 'z')
    .live()
    .subscribe(() => calls.none++)
  pool.commit(Array.from({ length: 500 }, (_, i) => book(`b${i}`, { pages: i })))
  expect(calls).toEqual({ all: 2, few: 2, none: 1 })
})

test('B6 of 1,000 questions by id, the one whose row changed is told', () => {
  const { books, pool } = createLiveKit()
  pool.commit(Array.from({ length: 1000 }, (_, i) => book(`b${i}`)))
  const told: string[] = []
  for (let i = 0; i < 1000; i++)
    books
      .where('id', '=', `b${i}`)
      .live()
      .subscribe(() => told.push(`b${i}`))
  told.length = 0
  pool.commit([book('b7', { title: 'new' })])
  expect(told).toEqual(['b7'])
})

test('C6 a row is in the answer from its boundary on, and crosses it both ways', () => {
  const { books, pool } = createLiveKit()
  pool.commit([book('b3', { pages: 3 }), book('b4', { pages: 4 }), book('b5', { pages: 5 })])
  const live = books.where('pages', '>=', 4).live()
  const shown: string[][] = []
  live.subscribe((rows) => shown.push(rows.map(({ id }) => id)))
  pool.commit([book('b3', { pages: 4 })])
  pool.commit([book('b4', { pages: 3 })])
  pool.commit([book('b4', { pages: 2 })])
  expect(shown).toEqual([
    ['b4', 'b5'],
    ['b3', 'b4', 'b5'],
    ['b3', 'b5'],
  ])
})

test('an unchanged row keeps its identity from answer to answer', () => {
  const { books, pool } = createLiveKit()
  pool.commit([book('b1'), book('b2')])
  const live = books.live()
  live.subscribe(() => {})
  const [first] = live.value
  pool.commit([book('b2', { pages: 9 })])
  expect(live.value[0]).toBe(first)
  expect(live.value[1]?.pages).toBe(9)
})

test('what nets to the same rows, in one commit or in a batch of them, notifies nobody', () => {
  const { books, pool } = createLiveKit()
  const row = book('b1')
  pool.commit([row])
  let calls = 0
  const live = books.live()
  live.subscribe(() => calls++)
  const shown = live.value
  pool.commit([row])
  batch(() => {
    pool.commit([], ['b1'])
    pool.commit([row])
  })
  expect(live.value).toBe(shown)
  expect(calls).toBe(1)
})

test('an answer is frozen', () => {
  const { books, pool } = createLiveKit()
  pool.commit([book('b1'), book('b2')])
  for (const answer of [books.read(), books.live().value, books.limit(1).live().value]) expect(Object.isFrozen(answer)).toBe(true)
})

test('a subscriber that throws is reported, and neither the commit nor the other subscribers notice', () => {
  const { books, pool, errors } = createLiveKit()
  const calls: number[] = []
  const live = books.live()
  live.subscribe(() => {
    throw new Error('boom')
  })
  live.subscribe((rows) => calls.push(rows.length))
  books
    .limit(1)
    .live()
    .subscribe((rows) => calls.push(rows.length * 10))
  pool.commit([book('b1'), book('b2')])
  expect(calls.sort((a, b) => a - b)).toEqual([0, 0, 2, 10])
  expect(errors.map(String)).toEqual(['Error: boom', 'Error: boom'])
})

test('a pipeline that breaks is reported and built anew; the other questions go on', () => {
  const { books, pool, errors } = createLiveKit()
  const live = books.live()
  const other = books.where('pages', '=', 1).live()
  live.subscribe(() => {})
  other.subscribe(() => {})
  pool.commit([book('stray'), book('other', { pages: 1 })])
  pool.announce([{ collection: 'books', id: 'never', before: book('never'), after: undefined }])
  expect(errors).toHaveLength(1)
  expect(errors[0]).toBeInstanceOf(TidemarkError)
  pool.commit([book('b9', { pages: 1 })])
  expect(live.value.map(({ id }) => id)).toEqual(['b9', 'other', 'stray'])
  expect(other.value.map(({ id }) => id)).toEqual(['b9', 'other'])
  expect(errors).toHaveLength(1)
})

test('a subscriber may commit: the watchers see both commits, in order', () => {
  const { books, pool } = createLiveKit()
  const shown: number[] = []
  const live = books.live()
  live.subscribe((rows) => {
    if (rows.length === 1) pool.commit([book('b2')])
  })
  live.subscribe((rows) => shown.push(rows.length))
  pool.commit([book('b1')])
  expect(shown.at(-1)).toBe(2)
  expect(live.value).toHaveLength(2)
})

test('a computed over a Live follows it, watched or not', () => {
  const { books, pool } = createLiveKit()
  const live = books.live()
  const total = computed(() => live.value.reduce((sum, { pages }) => sum + pages, 0))
  expect(total.value).toBe(0)
  pool.commit([book('b1', { pages: 2 })])
  expect(total.value).toBe(2)
  const shown: number[] = []
  const stop = effect(() => void shown.push(total.value))
  pool.commit([book('b1', { pages: 3 })])
  stop()
  pool.commit([book('b1', { pages: 4 })])
  expect(total.value).toBe(4)
  expect(shown).toEqual([2, 3])
})

test('a computed over a Live that was closed meanwhile is not stale', async () => {
  const { books, pool, clock } = createLiveKit()
  const live = books.live()
  const size = computed(() => live.value.length)
  effect(() => void size.value)()
  await clock.advance(100)
  pool.commit([book('b1')])
  expect(size.value).toBe(1)
  pool.commit([book('b2')])
  expect([size.value, live.value.length, live.peek().length]).toEqual([2, 2, 2])
})

test('an effect on a Live runs once when it is made, also where the Live was read before', () => {
  const { books, pool } = createLiveKit()
  pool.commit([book('b1')])
  const live = books.live()
  expect(live.value).toHaveLength(1)
  let runs = 0
  effect(() => {
    runs++
    void live.value
  })
  expect(runs).toBe(1)
  pool.commit([book('b2')])
  expect(runs).toBe(2)
})

test('a Live is a store to Svelte: subscribing calls at once, and answers with how to stop', () => {
  const { books, pool } = createLiveKit()
  const shown: number[] = []
  const stop = books.live().subscribe((rows) => shown.push(rows.length))
  expect(shown).toEqual([0])
  stop()
  pool.commit([book('b1')])
  expect(shown).toEqual([0])
})

test('a subscriber’s own reads are not tracked', () => {
  const { books, pool } = createLiveKit()
  const other = signal(0)
  let calls = 0
  books.live().subscribe(() => {
    calls++
    void other.value
  })
  other.value++
  expect(calls).toBe(1)
  pool.commit([book('b1')])
  expect(calls).toBe(2)
})

test('the status is loading until the rows are in, and says so once', () => {
  const { books, ready } = createLiveKit()
  ready.value = loading
  const states: string[] = []
  books.live().status.subscribe(({ state }) => states.push(state))
  ready.value = { ...loading }
  ready.value = allIn
  expect(states).toEqual(['loading', 'ready'])
})

test('run waits for the rows', async () => {
  const { books, ready, pool } = createLiveKit()
  ready.value = loading
  let answer: number | undefined
  const asked = books.run().then((rows) => {
    answer = rows.length
  })
  await Promise.resolve()
  expect(answer).toBeUndefined()
  pool.commit([book('b1')])
  ready.value = allIn
  await asked
  expect(answer).toBe(1)
})

test('run rejects with the error of the rows, with what the signal was aborted with, and when the store closes', async () => {
  const { books, ready, lives } = createLiveKit()
  ready.value = loading
  const aborted = new AbortController()
  const waiting = books.run({ signal: aborted.signal })
  aborted.abort(new Error('gone away'))
  await expect(waiting).rejects.toThrow('gone away')
  await expect(books.run({ signal: aborted.signal })).rejects.toThrow('gone away')
  const error = new TidemarkError('disk/corrupt')
  ready.value = { ...loading, state: 'error', error }
  await expect(books.run()).rejects.toBe(error)
  ready.value = loading
  const closing = books.run()
  lives.close()
  await expect(closing).rejects.toMatchObject({ code: 'misuse/closed' })
})

test('closed, every question raises misuse/closed; who watches keeps the last answer', async () => {
  const { books, pool, lives, clock } = createLiveKit()
  pool.commit([book('b1')])
  const watched = books.live()
  const lingering = books.limit(1).live()
  const idle = books.limit(2).live()
  void idle.value
  let calls = 0
  const stop = watched.subscribe(() => calls++)
  lingering.subscribe(() => {})()
  lives.close()
  lives.close()
  const closed = expect.objectContaining({ code: 'misuse/closed' })
  expect(() => books.read()).toThrow(closed)
  expect(() => books.live()).toThrow(closed)
  await expect(books.run()).rejects.toMatchObject({ code: 'misuse/closed' })
  expect(() => idle.value).toThrow(closed)
  expect(() => lingering.peek()).toThrow(closed)
  expect(watched.value).toHaveLength(1)
  pool.commit([book('b2')])
  expect(calls).toBe(1)
  expect(pool.listeners).toBe(0)
  stop()
  expect(() => watched.value).toThrow(closed)
  expect(() => idle.subscribe(() => {})).toThrow(closed)
  expect(lives.count).toBe(0)
  await clock.runUntilIdle()
})

test('read inside an effect is not tracked', () => {
  const { books, pool, lives } = createLiveKit()
  let runs = 0
  effect(() => {
    runs++
    books.read()
    books.live().peek()
  })
  pool.commit([book('b1')])
  expect(runs).toBe(1)
  expect(lives.count).toBe(0)
})

test('more questions than are kept at hand are answered all the same', () => {
  const { books, pool } = createLiveKit()
  pool.commit([book('b1')])
  for (let i = 0; i < 250; i++) expect(books.where('pages', '=', i).read()).toHaveLength(i === 0 ? 1 : 0)
})

test('a Live that nobody holds any more is forgotten', async () => {
  const { books, pool, clock, lives } = createLiveKit()
  pool.commit([book('b1')])
  const ask = (): WeakRef<object> => {
    const live = books.where('pages', '=', 0).live()
    live.subscribe(() => {})()
    return new WeakRef(live)
  }
  const asked = ask()
  expect(lives.count).toBe(1)
  await clock.advance(100)
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  await nextTurn()
  collectGarbage()
  expect(asked.deref()).toBeUndefined()
  expect(books.where('pages', '=', 0).live().value).toHaveLength(1)
})
