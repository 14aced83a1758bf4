// Random histories: after every commit each live answer equals the question asked from scratch.
import { expect, test } from 'vitest'
import type { Lives } from '../../src/live/live.ts'
import { answerQuery } from '../../src/query/answer.ts'
import { type ConditionAst, type OrderAst, operators, type QueryAst } from '../../src/query/ast.ts'
import type { AnyRow } from '../../src/schema/row.ts'
import type { Json } from '../../src/util/json.ts'
import type { VirtualClock } from '../kit/clock.ts'
import { createRng, type Rng } from '../kit/rng.ts'
import { createLiveKit } from './lives.ts'
import { makeRow, type TinyPool } from './tiny-pool.ts'

const seeds = process.env.SEED ? [Number(process.env.SEED)] : Array.from({ length: 40 }, (_, i) => 1000 + i)
const questionsPerSeed = 10
const steps = 40

test.each(seeds)('C6 live answers equal the questions asked from scratch, notified once iff they changed (SEED=%i)', async (seed) => {
  const rng = createRng(seed)
  const { pool, lives, clock, errors } = createLiveKit()
  const many = rng.chance(0.15)
  pool.commit(Array.from({ length: many ? 700 : rng.int(0, 40) }, (_, i) => drawRow(rng, `r${i}`)))
  const watched = Array.from({ length: questionsPerSeed }, () => watch(lives, drawQuery(rng)))
  for (let step = 0; step < steps; step++) {
    const told = watched.map(({ calls }) => calls())
    const before = watched.map(({ live }) => live.peek())
    drawCommit(rng, pool, many)
    for (const [i, { live, ast, calls, shown }] of watched.entries()) {
      const context = `replay: SEED=${seed} npx vitest run --project node test/live/history.test.ts; step ${step}, ${JSON.stringify(ast)}`
      const expected = answerQuery(ast, pool.rows('books'))
      const answer = live.peek()
      expect(answer, context).toEqual(expected)
      expect(
        answer.every((row, at) => row === expected[at]),
        `${context}: a row lost its identity`,
      ).toBe(true)
      const isSame = before[i]?.length === expected.length && expected.every((row, at) => row === before[i]?.[at])
      expect(calls() - (told[i] ?? 0), `${context}: notifications`).toBe(isSame ? 0 : 1)
      if (isSame) expect(answer, context).toBe(before[i])
      expect(shown(), context).toBe(answer)
    }
    if (rng.chance(0.2)) await watched[rng.int(0, questionsPerSeed - 1)]?.leave(rng.chance(0.5) ? clock : undefined)
  }
  expect(errors).toEqual([])
  for (const { leave } of watched) await leave(clock, false)
  await clock.advance(1000)
  expect(lives.count).toBe(0)
})

function watch(lives: Lives, ast: QueryAst) {
  const live = lives.live(ast)
  let calls = 0
  let shown: readonly AnyRow[] = []
  const enter = () =>
    live.subscribe((rows) => {
      calls++
      shown = rows
    })
  let stop = enter()
  // stops watching, for a moment or until the pipeline is closed, and comes back
  const leave = async (clock?: VirtualClock, isBack = true) => {
    stop()
    await clock?.advance(1000)
    if (isBack) stop = enter()
  }
  return { live, ast, leave, calls: () => calls, shown: () => shown }
}

const texts = ['', 'a', 'ab', 'b', 'Z', 'é', '\u{1f600}', '\uff5e']
function drawValue(rng: Rng): Json {
  return rng.pick<() => Json>([
    () => null,
    () => rng.chance(0.5),
    () => rng.int(-2, 4),
    () => rng.int(0, 20) / 4,
    () => rng.pick(texts),
    () => [rng.int(0, 1)],
    () => ({ p: rng.int(0, 1) }),
  ])()
}

function drawQuery(rng: Rng): QueryAst {
  const orderBy = Array.from(
    { length: rng.pick([0, 1, 1, 2]) },
    (): OrderAst => ({ field: rng.pick(['n', 's', 'any']), direction: rng.pick(['asc', 'desc']) }),
  )
  return {
    from: 'books',
    ...(rng.chance(0.85) && { where: drawCondition(rng, rng.int(0, 3)) }),
    ...(orderBy.length > 0 && { orderBy }),
    ...(rng.chance(0.6) && { limit: rng.pick([0, 1, 2, 3, 5, 8, 20]) }),
  }
}

function drawCondition(rng: Rng, depth: number): ConditionAst {
  const kind = depth === 0 ? 'comparison' : rng.pick(['and', 'and', 'or', 'not', 'comparison'] as const)
  if (kind === 'not') return { op: 'not', of: [drawCondition(rng, depth - 1)] }
  if (kind !== 'comparison') return { op: kind, of: Array.from({ length: rng.int(0, 3) }, () => drawCondition(rng, depth - 1)) }
  if (rng.chance(0.1)) return { op: 'in', field: 'id', value: [`r${rng.int(0, 40)}`, `r${rng.int(0, 40)}`] }
  if (rng.chance(0.05)) return { op: '=', field: 'id', value: `r${rng.int(0, 40)}` }
  const field = rng.pick(['n', 's', 'any'])
  const op = rng.pick(operators)
  const plain = field === 'n' ? rng.int(0, 5) : rng.pick(texts)
  if (op === 'in') return { op, field, value: Array.from({ length: rng.int(0, 4) }, () => drawValue(rng)) }
  if (op === 'startsWith') return { op, field, value: rng.pick(texts) }
  if (op === '=' || op === '!=') return { op, field, value: rng.chance(0.7) ? plain : drawValue(rng) }
  return { op, field, value: plain }
}

function drawRow(rng: Rng, id: string): AnyRow {
  const fields: Record<string, Json> = {}
  // few values, so that keys tie; some fields absent
  if (rng.chance(0.9)) fields.n = rng.chance(0.8) ? rng.int(0, 5) : drawValue(rng)
  if (rng.chance(0.8)) fields.s = rng.chance(0.8) ? rng.pick(texts) : drawValue(rng)
  if (rng.chance(0.5)) fields.any = drawValue(rng)
  return makeRow(id, fields)
}

function drawCommit(rng: Rng, pool: TinyPool, many: boolean): void {
  const present = [...pool.rows('books')]
  const size = rng.chance(0.2) ? rng.int(10, many ? 500 : 60) : rng.int(1, 3)
  const rows = new Map<string, AnyRow>()
  const removed = new Set<string>()
  for (let i = 0; i < size; i++) {
    const row = present.length > 0 ? rng.pick(present) : undefined
    const kind = rng.int(0, 5)
    if (!row || kind === 0) rows.set(`r${rng.int(0, many ? 1500 : 60)}`, makeRow('draft'))
    else if (kind === 1) removed.add(row.id)
    else if (kind === 2) rows.set(row.id, makeRow(row.id, { ...(row as Record<string, Json>), n: rng.int(0, 5) }))
    else if (kind === 3) rows.set(row.id, makeRow(row.id, { ...(row as Record<string, Json>), note: rng.int(0, 9) }))
    else if (kind === 4) rows.set(row.id, row)
    else rows.set(row.id, drawRow(rng, row.id))
  }
  const drawn = [...rows].map(([id, row]) => (row.id === 'draft' ? drawRow(rng, id) : row))
  pool.commit(
    drawn,
    [...removed].filter((id) => !rows.has(id)),
  )
}
