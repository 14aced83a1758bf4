// Random histories, and the covering array over a few commits: live answers against the naive one. `npm run long -- queries` plays more of them.
import { expect, test } from 'vitest'
import { type CoveringRow, listTriples, makeCoveringArray, type Some } from '../../kit/covering.ts'
import { createRng } from '../../kit/rng.ts'
import { seedsOf } from '../../kit/world.ts'
import { makeQuestion, space } from './axes.ts'
import { drawHistory, drawSteps, type History, questionsPerHistory, stepsPerHistory } from './history.ts'
import { describeFailure, play } from './play.ts'
import { drawTables, small } from './rows.ts'

// ten questions each: five hundred questions, each over fifty commits
const seeds = seedsOf(50, 1)

test.each(seeds.map((seed) => [seed]))(
  'A29 B7 C6 live answers are those asked from scratch, told once iff they changed (seed %i)',
  async (seed) => {
    const history = drawHistory(seed)
    expect(history.questions.length * history.steps.length).toBe(questionsPerHistory * stepsPerHistory)
    const { failure, checked, changed } = await play(history)
    if (failure) expect.fail(await describeFailure(history, failure))
    expect(checked).toBe(questionsPerHistory * stepsPerHistory)
    expect(changed).toBeGreaterThan(0)
  },
)

const array = makeCoveringArray(space)

test('the covering array holds every three values of three axes that may stand together, and no two that may not', () => {
  const names = Object.keys(space.axes)
  const keyOf = (row: Some, three: readonly string[]): string => three.map((axis) => `${axis} ${row[axis]}`).join(', ')
  const threes = names.flatMap((a, i) => names.slice(i + 1).flatMap((b, j) => names.slice(i + j + 2).map((c) => [a, b, c])))
  const held = new Set(array.flatMap((row) => threes.map((three) => keyOf(row, three))))
  const triples = listTriples(space)
  expect(triples.length).toBeGreaterThan(60_000)
  expect(triples.filter((triple) => !held.has(keyOf(triple, Object.keys(triple))))).toEqual([])
  const isWrong = (row: CoveringRow): boolean =>
    names.some((a, i) => names.slice(i + 1).some((b) => !space.isAllowed({ [a]: row[a], [b]: row[b] })))
  expect(array.filter(isWrong)).toEqual([])
})

const perWorld = 10
const worlds = Array.from({ length: Math.ceil(array.length / perWorld) }, (_, i) => i)

test('each question of the covering array is kept answered over a few commits', { timeout: 600_000 }, async () => {
  let changed = 0
  for (const world of worlds) {
    const history = historyOfArray(world)
    const played = await play(history)
    changed += played.changed
    if (played.failure) expect.fail(`world ${world} of the covering array\n${await describeFailure(history, played.failure)}`)
  }
  expect(changed).toBeGreaterThan(800)
})

// ten rows of the array, watched over one world
function historyOfArray(world: number): History {
  const rng = createRng(world)
  const tables = drawTables(rng, small)
  const rows = array.slice(world * perWorld, (world + 1) * perWorld)
  const questions = rows.map((row, i) => ({ ast: makeQuestion({ rng: rng.fork(`${i}`), scale: small, tables }, row), isWatched: true }))
  return {
    seed: world,
    tables,
    questions,
    steps: drawSteps(rng.fork('steps'), { scale: small, tables, questions: questions.length, count: 12 }),
  }
}
