// The rebase by what was read against the replay of everything, on seeded histories: programs that read keys and conditions, branch on what
// they find, patch, insert, remove, put, and write keys that hang on what they read.
import * as v from 'valibot'
import { expect, test } from 'vitest'
import { defineMutators, mutator } from '../../src/mutator/mutator.ts'
import { type Ran, runCalls } from '../../src/mutator/run.ts'
import { makeOverlay, type RowSource, type Writes } from '../../src/mutator/source.ts'
import { type Executed, rebase } from '../../src/pending/rebase.ts'
import { answerRows } from '../../src/query/answer.ts'
import { makeRowKey, type RowKey } from '../../src/protocol/ids.ts'
import { collection } from '../../src/schema/collection.ts'
import type { AnyRow } from '../../src/schema/row.ts'
import { defineSchema } from '../../src/schema/schema.ts'
import { createRng, type Rng } from '../kit/rng.ts'

const Thing = v.object({ id: v.string(), group: v.number(), n: v.number() })
const schema = defineSchema({ version: 1, collections: { things: collection(Thing) } })

const keys = 8
const Step = v.object({ verb: v.string(), key: v.string(), other: v.string(), n: v.number(), group: v.number() })
type Step = v.InferOutput<typeof Step>

const mutators = defineMutators(schema, {
  play: mutator([v.array(Step)], ({ things }, steps) => {
    for (const { verb, key, other, n, group } of steps) {
      if (verb === 'increment') things.patch(key, { n: (things.get(key)?.n ?? 0) + 1 })
      else if (verb === 'patch') things.patch(key, { group })
      else if (verb === 'insert') things.insert({ id: key, group, n })
      else if (verb === 'remove') things.remove(key)
      else if (verb === 'put') things.put({ id: key, group, n })
      else if (verb === 'exists') things.put({ id: other, group: things.has(key) ? 1 : 2, n })
      else if (verb === 'follow')
        things.put({ id: things.get(key) ? other : `k${(Number(other.slice(1)) + 1) % keys}`, group, n: things.get(key)?.n ?? 9 })
      else if (verb === 'sum') {
        const sum = things
          .where('group', '=', group)
          .read()
          .reduce((total, row) => total + row.n + 1, 0)
        things.put({ id: other, group: sum % 3, n: sum })
      } else {
        const [first] = things.where('n', '>=', n).orderBy('n', 'desc').limit(1).read()
        if (first) things.patch(first.id, { n: first.n - 1 })
      }
    }
  }),
})
const verbs = ['increment', 'patch', 'insert', 'remove', 'put', 'exists', 'follow', 'sum', 'top'] as const

interface Program {
  readonly id: string
  readonly steps: readonly Step[]
}

const run = ({ id, steps }: Program, source: RowSource): Ran =>
  runCalls(mutators, [['play', [steps]]], source, { user: null, onServer: false, authoredAt: 1, mutationId: id })

type Rows = ReadonlyMap<RowKey, AnyRow>

function makeBase(rows: Rows): RowSource {
  return {
    find: (collection, id) => rows.get(makeRowKey(collection, id)),
    select: (ast) => answerRows(ast, rows.values()),
  }
}

function applyWrites(rows: Map<RowKey, AnyRow>, writes: Writes): void {
  for (const [key, row] of writes) {
    if (row) rows.set(key, row)
    else rows.delete(key)
  }
}

/** Everything from the beginning: what view has to be. */
function replayAll(rows: Rows, programs: readonly Program[]): Rows {
  const view = new Map(rows)
  for (const program of programs) applyWrites(view, run(program, makeBase(view)).writes)
  return view
}

type Rebase = typeof rebase<Program>

interface Outcome {
  readonly isRight: boolean
  readonly replayed: number
  readonly kept: number
}

function playHistory(seed: number, rebaseWith: Rebase): Outcome {
  const rng = createRng(seed)
  const makeRow = (key: string): AnyRow => ({ id: key, group: rng.int(0, 2), n: rng.int(0, 3) })
  const makeStep = (): Step => ({
    verb: rng.pick(verbs),
    key: `k${rng.int(0, keys - 1)}`,
    other: `k${rng.int(0, keys - 1)}`,
    n: rng.int(0, 3),
    group: rng.int(0, 2),
  })
  let made = 0
  const makeEntry = (): Executed<Program> => ({
    mutation: { id: `m${made++}`, steps: Array.from({ length: rng.int(1, 3) }, makeStep) },
    ran: undefined,
  })

  let rows: Rows = new Map(
    Array.from({ length: keys }, (_, i) => `k${i}`).flatMap((key) =>
      rng.chance(0.5) ? [[makeRowKey('things', key), makeRow(key)] as const] : [],
    ),
  )
  let before: readonly Executed<Program>[] = []
  let replayed = 0
  let kept = 0
  for (let round = 0; round < 8; round++) {
    const next = new Map(rows)
    for (let i = rng.int(0, 2); i > 0; i--) changeOne(next, rng, makeRow)
    const after = [...before]
    const fate = rng.next()
    const first = after[0]
    if (fate < 0.3 && first) {
      // confirmed, mostly as predicted
      after.shift()
      const server = replayAll(rows, [first.mutation])
      for (const key of first.ran?.writes.keys() ?? []) if (rng.chance(0.9)) copyRow(next, server, key)
    } else if (fate < 0.5 && after.length) after.splice(rng.int(0, after.length - 1), 1)
    if (rng.chance(0.3)) after.splice(rng.int(0, after.length), 0, makeEntry())
    if (rng.chance(0.7) || round < 3) after.push(makeEntry())
    if (rng.chance(0.05) && after.length > 1) after.push(after.shift() as Executed<Program>)

    const result = rebaseWith({ base: makeBase(rows), changes: differences(rows, next), before, after, run })
    const view = new Map<RowKey, AnyRow>(next)
    applyWrites(view, result.pending)
    const wanted = replayAll(
      next,
      after.map(({ mutation }) => mutation),
    )
    const isRight =
      view.size === wanted.size &&
      [...wanted].every(([key, row]) => JSON.stringify(sortedRow(view.get(key))) === JSON.stringify(sortedRow(row)))
    replayed += result.replayed
    kept += after.length - result.replayed
    if (!isRight) return { isRight, replayed, kept }
    rows = next
    before = result.executed
  }
  return { isRight: true, replayed, kept }
}

function sortedRow(row: AnyRow | undefined): unknown {
  return row && [row.id, row['group'], row['n']]
}

function changeOne(rows: Map<RowKey, AnyRow>, rng: Rng, makeRow: (key: string) => AnyRow): void {
  const key = `k${rng.int(0, keys - 1)}`
  if (rng.chance(0.3)) rows.delete(makeRowKey('things', key))
  else rows.set(makeRowKey('things', key), makeRow(key))
}

function copyRow(to: Map<RowKey, AnyRow>, from: Rows, key: RowKey): void {
  const row = from.get(key)
  if (row) to.set(key, row)
  else to.delete(key)
}

function differences(before: Rows, after: Rows): Writes {
  const changes = new Map<RowKey, AnyRow | undefined>()
  for (const key of new Set([...before.keys(), ...after.keys()]))
    if (JSON.stringify(sortedRow(before.get(key))) !== JSON.stringify(sortedRow(after.get(key)))) changes.set(key, after.get(key))
  return changes
}

const seeds = Array.from({ length: 2_000 }, (_, i) => i + 1)

test('H1 H9 a rebase by what was read ends where a replay of everything ends, on 2,000 seeded histories, and runs fewer of them', () => {
  const outcomes = seeds.map((seed) => ({ seed, ...playHistory(seed, rebase) }))
  expect(outcomes.filter(({ isRight }) => !isRight).map(({ seed }) => seed)).toEqual([])
  const sum = (of: 'replayed' | 'kept'): number => outcomes.reduce((total, outcome) => total + outcome[of], 0)
  // a rebase that ran everything again would be right too
  expect(sum('kept')).toBeGreaterThan(sum('replayed') / 3)
})

/** A wrong rebase: production's, over runs that have forgotten some of what they did. */
function forgetful(forget: (ran: Ran) => Ran): Rebase {
  return ({ before, after, ...rest }) => {
    const dull = new Map<Executed<Program>, Executed<Program>>()
    const blunt = (entry: Executed<Program>): Executed<Program> => {
      const known = dull.get(entry) ?? (entry.ran ? { ...entry, ran: forget(entry.ran) } : entry)
      dull.set(entry, known)
      return known
    }
    return rebase({ ...rest, before: before.map(blunt), after: after.map(blunt) })
  }
}

test.each([
  ['conditions that were read', (ran: Ran): Ran => ({ ...ran, questions: [] })],
  ['keys that were read', (ran: Ran): Ran => ({ ...ran, reads: new Map() })],
  ['reads of existence alone', (ran: Ran): Ran => ({ ...ran, reads: new Map([...ran.reads].filter(([, kind]) => kind === 'value')) })],
])('the histories find a rebase that forgets %s', (_, forget) => {
  const wrong = seeds.slice(0, 400).filter((seed) => !playHistory(seed, forgetful(forget)).isRight)
  expect(wrong.length).toBeGreaterThan(0)
})

test('the histories find a rebase that looks at the changes of base alone, not at what replayed mutations now write', () => {
  const shallow: Rebase = ({ base, changes, before, after, run: play }) => {
    // what reads a changed row of base runs again; the writes of those that do are not followed up
    const now = makeOverlay(base)
    now.setAll(changes)
    const executed = after.map((entry) => {
      const stands =
        entry.ran &&
        before.includes(entry) &&
        ![...entry.ran.reads.keys()].some((key) => changes.has(key)) &&
        entry.ran.questions.length === 0
      const ran = stands ? entry.ran : play(entry.mutation, now)
      now.setAll(ran?.writes ?? new Map())
      return { mutation: entry.mutation, ran }
    })
    return { executed, pending: new Map([...now.writes].filter(([key]) => executed.some(({ ran }) => ran?.writes.has(key)))), replayed: 0 }
  }
  const wrong = seeds.slice(0, 400).filter((seed) => !playHistory(seed, shallow).isRight)
  expect(wrong.length).toBeGreaterThan(0)
})

test('a mutation confirmed as it was predicted lets all that read its rows stand', () => {
  const rows: Rows = new Map([[makeRowKey('things', 'k0'), { id: 'k0', group: 0, n: 0 }]])
  const step = { verb: 'increment', key: 'k0', other: 'k0', n: 0, group: 0 }
  const fresh = ['m1', 'm2', 'm3'].map((id): Executed<Program> => ({ mutation: { id, steps: [step] }, ran: undefined }))
  const first = rebase({ base: makeBase(rows), changes: new Map(), before: [], after: fresh, run })
  expect(first.replayed).toBe(3)
  const [m1, ...others] = first.executed
  const second = rebase({ base: makeBase(rows), changes: m1?.ran?.writes ?? new Map(), before: first.executed, after: others, run })
  expect(second.replayed).toBe(0)
  expect(second.executed).toEqual(others)
  expect(second.pending.get(makeRowKey('things', 'k0'))).toMatchObject({ n: 3 })
})
