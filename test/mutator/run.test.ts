import { expect, test } from 'vitest'
import { missing, type RowSource } from '../../src/mutator/source.ts'
import { runLimits } from '../../src/mutator/run.ts'
import { missesPerRound, RoundIsFull } from '../../src/mutator/recorder.ts'
import { TidemarkError } from '../../src/errors.ts'
import { makeSource, runLoading, runOver } from './app.ts'

const things = Array.from({ length: 5 }, (_, i) => ({ id: `t${i}`, n: i }))
const empty = makeSource()

test('what is missed is loaded in one go, and the mutator runs again from the beginning', async () => {
  let runs = 0
  const { ran, rounds, loads } = await runLoading(things, (tx) => {
    runs++
    const [a, b] = tx.things.getMany(['t1', 't2'])
    const many = tx.things.where('n', '>=', 3).read()
    tx.things.put({ id: 'sum', n: (a?.n ?? 0) + (b?.n ?? 0) + many.length })
  })
  expect([rounds, runs]).toEqual([2, 2])
  expect(loads.map(({ keys, questions }) => [[...keys], questions.size])).toEqual([[['things/t1', 'things/t2'], 1]])
  expect([...ran.writes]).toEqual([['things/sum', { id: 'sum', n: 5 }]])
  expect(ran.failure).toBeUndefined()
})

test('a read that hangs on another takes a round more', async () => {
  const { ran, rounds } = await runLoading(things, (tx) => {
    const next = tx.things.get(`t${(tx.things.get('t1')?.n ?? -1) + 1}`)
    tx.things.put({ id: 'x', n: next?.n ?? -1 })
  })
  expect(rounds).toBe(3)
  expect(ran.writes.get('things/x')).toEqual({ id: 'x', n: 2 })
})

test('what a run with missing rows throws counts for nothing; what it throws with all of them does', async () => {
  const { ran } = await runLoading(things, (tx) => {
    const thing = tx.things.get('t1')
    if (!thing) throw new Error('not there')
    tx.things.patch('t1', { n: 10 })
  })
  expect([ran.failure, ran.writes.get('things/t1')]).toEqual([undefined, { id: 't1', n: 10 }])
  const absent = await runLoading(things, (tx) => {
    if (!tx.things.get('nowhere')) tx.reject('gone')
  })
  expect(absent.ran.failure?.code).toBe('refused/rejected')
  expect(absent.ran.writes.size).toBe(0)
})

test('writes show to the reads that follow, and to later calls of the same mutation', () => {
  const seen: unknown[] = []
  const ran = runOver(
    makeSource(...things),
    {},
    (tx) => {
      tx.things.patch('t0', { n: 100 })
      tx.things.remove('t1')
      tx.things.insert({ id: 't9', n: 9 })
      seen.push(
        tx.things.get('t0')?.n,
        tx.things.has('t1'),
        tx.things
          .where('n', '>=', 4)
          .read()
          .map(({ id }) => id),
      )
    },
    (tx) => seen.push(tx.things.get('t9')?.n),
  )
  expect(seen).toEqual([100, false, ['t0', 't4', 't9'], 9])
  expect([...ran.writes.keys()]).toEqual(['things/t0', 'things/t1', 'things/t9'])
})

test('insert of a present row is a conflict; patch and remove of an absent one do nothing; put replaces', () => {
  expect(runOver(makeSource(...things), {}, (tx) => tx.things.insert({ id: 't1', n: 0 })).failure?.code).toBe('refused/conflict')
  const ran = runOver(makeSource(...things), {}, (tx) => {
    tx.things.patch('nowhere', { n: 1 })
    tx.things.remove('nowhere')
    tx.things.put({ id: 't1', n: 7 })
  })
  expect([...ran.writes]).toEqual([['things/t1', { id: 't1', n: 7 }]])
})

test('patch changes the fields that it names, removes those to unset, and never the id', () => {
  const source = makeSource({ id: 't1', n: 1, note: 'x' })
  const patched = runOver(source, {}, (tx) => tx.things.patch('t1', { n: 2 }))
  expect(patched.writes.get('things/t1')).toEqual({ id: 't1', n: 2, note: 'x' })
  const unset = runOver(source, {}, (tx) => tx.things.patch('t1', { n: 3 }, { unset: ['note', 'id'] }))
  expect(unset.writes.get('things/t1')).toEqual({ id: 't1', n: 3 })
  const renamed = runOver(source, {}, (tx) => tx.things.patch('t1', { id: 't2' } as never))
  expect(renamed.writes.get('things/t1')).toMatchObject({ id: 't1' })
  expect(runOver(source, {}, (tx) => tx.things.patch('t1', {}, { unset: ['n'] })).failure?.code).toBe('invalid/row')
})

test('rows are frozen, those read and those just written', () => {
  const ran = runOver(makeSource(...things), {}, (tx) => {
    tx.things.insert({ id: 't9', n: 9 })
    for (const row of [tx.things.get('t9'), tx.things.get('t1'), ...tx.things.read()]) expect(Object.isFrozen(row)).toBe(true)
    ;(tx.things.get('t9') as { n: number }).n = 1
  })
  expect(ran.failure?.code).toBe('refused/mutator-failed')
  expect(ran.writes.size).toBe(0)
})

test('a mutation that fails writes nothing, in whichever of its calls it fails', () => {
  const ran = runOver(
    empty,
    {},
    (tx) => tx.things.insert({ id: 'a', n: 1 }),
    (tx) => tx.reject('no', 'Not now.'),
  )
  expect(ran.writes.size).toBe(0)
  expect([ran.failure?.code, ran.failure?.details['reason'], ran.failure?.message]).toEqual(['refused/rejected', 'no', 'Not now.'])
})

test('reject and conflicts stick: no catch in a mutator takes them back', () => {
  const later: unknown[] = []
  const ran = runOver(makeSource(...things), {}, (tx) => {
    for (const act of [
      () => tx.reject('first'),
      () => tx.reject('second'),
      () => tx.things.get('t1'),
      () => tx.things.read(),
      () => tx.things.put({ id: 'x', n: 1 }),
    ]) {
      try {
        act()
      } catch (error) {
        later.push((error as TidemarkError).details['reason'])
      }
    }
  })
  expect(later).toEqual(['first', 'first', 'first', 'first', 'first'])
  expect([ran.failure?.details['reason'], ran.writes.size]).toEqual(['first', 0])
  const conflict = runOver(makeSource(...things), {}, (tx) => {
    try {
      tx.things.insert({ id: 't1', n: 1 })
    } catch {
      // swallowed on purpose
    }
  })
  expect(conflict.failure?.code).toBe('refused/conflict')
})

test('a bound that was passed sticks too, also where rows were missed before it', () => {
  let left = 3
  const check = (): void => {
    if (left-- <= 0) throw new TidemarkError('refused/mutator-failed', { details: { bound: 'ms' } })
  }
  const nothing: RowSource = { find: () => missing, select: () => missing }
  const ran = runOver(nothing, { check }, (tx) => {
    for (let i = 0; i < 10; i++) {
      try {
        tx.things.get(`t${i}`)
      } catch {
        // swallowed on purpose
      }
    }
  })
  expect([ran.failure?.details['bound'], ran.misses]).toEqual(['ms', undefined])
})

test('a round stops at its most misses and loads them', async () => {
  let most = 0
  const { ran, rounds } = await runLoading([], (tx) => {
    let asked = 0
    try {
      for (let i = 0; i < 2_500; i++) {
        tx.things.has(`k${i}`)
        asked++
      }
    } catch (error) {
      expect(error).toBeInstanceOf(RoundIsFull)
      throw error
    } finally {
      most = Math.max(most, asked)
    }
    tx.things.put({ id: 'done', n: 1 })
  })
  expect(rounds).toBe(4)
  expect(most).toBe(2_500)
  expect(ran.writes.has('things/done')).toBe(true)
  expect(missesPerRound).toBe(1_000)
})

test('a mutator whose reads hang on one another without end is stopped after its most rounds', async () => {
  const chain = Array.from({ length: 150 }, (_, i) => ({ id: `t${i}`, n: i + 1 }))
  const follow = (length: number) =>
    runLoading(chain.slice(0, length), (tx) => {
      let last = tx.things.get('t0')
      for (let next = last; next; next = tx.things.get(`t${next.n}`)) last = next
      tx.things.put({ id: 'end', n: last?.n ?? -1 })
    })
  const long = await follow(150)
  expect(long.rounds).toBe(runLimits.rounds + 1)
  expect([long.ran.failure?.code, long.ran.writes.size]).toEqual(['refused/mutator-failed', 0])
  const short = await follow(90)
  expect([short.ran.failure, short.ran.writes.get('things/end')]).toEqual([undefined, { id: 'end', n: 90 }])
})

test('newId is the same on every run, another one by call, by slot and by mutation', () => {
  const ids = (mutationId: string): readonly string[] => {
    const list: string[] = []
    const draw = (tx: { newId(slot?: string): string }): void => void list.push(tx.newId(), tx.newId(), tx.newId('a'), tx.newId('b'))
    runOver(empty, { mutationId }, draw, draw)
    return list
  }
  expect(ids('m1')).toEqual(ids('m1'))
  const all = [...ids('m1'), ...ids('m2')]
  expect(new Set(all).size).toBe(16)
  const slots: string[] = []
  runOver(empty, {}, (tx) => slots.push(tx.newId('a'), tx.newId('a')))
  expect(slots[0]).toBe(slots[1])
})

test('tx says who, where and when, and cannot be changed', () => {
  const ran = runOver(empty, {}, (tx) => {
    expect([tx.user, tx.onServer, tx.authoredAt, tx.mutationId]).toEqual(['u1', true, 77, 'm1'])
    ;(tx as { user: string }).user = 'root'
  })
  expect(ran.failure?.code).toBe('refused/mutator-failed')
})

test('what a run reads is told: values, existence alone, and conditions; own writes are not read', () => {
  const ran = runOver(makeSource(...things), {}, (tx) => {
    tx.things.get('t1')
    tx.things.has('t2')
    tx.things.patch('t3', { n: 1 })
    tx.things.has('t4')
    tx.things.get('t4')
    tx.things.put({ id: 'p', n: 1 })
    tx.things.get('p')
    tx.things.where('n', '>', 2).limit(1).read()
    tx.things.where('n', '>', 2).orderBy('n').read()
  })
  expect([...ran.reads]).toEqual([
    ['things/t1', 'value'],
    ['things/t2', 'existence'],
    ['things/t3', 'existence'],
    ['things/t4', 'value'],
  ])
  expect(ran.questions.map(({ from, where }) => [from, where])).toEqual([['things', { op: '>', field: 'n', value: 2 }]])
})

test('a name that nobody defined, an asynchronous mutator, and a value that is no row fail by their codes', () => {
  expect(runOver(empty, {}, async () => {}).failure?.code).toBe('misuse/async-mutator')
  expect(runOver(empty, {}, (tx) => tx.things.put({ id: 'a', n: 'one' as never })).failure?.code).toBe('invalid/row')
  expect(runOver(empty, {}, (tx) => tx.things.put({ id: 'a', n: Number.NaN })).failure?.code).toMatch(/^invalid\//)
  expect(runOver(empty, {}, (tx) => tx.things.get('')).failure?.code).toBe('invalid/row')
  expect(
    runOver(empty, {}, () => {
      throw 'a text'
    }).failure?.message,
  ).toContain('a text')
})
