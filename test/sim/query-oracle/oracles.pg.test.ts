// The naive answer against SQL: the whole covering array, and questions by chance.
import { PGlite } from '@electric-sql/pglite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeCoveringArray } from '../../kit/covering.ts'
import { createRng } from '../../kit/rng.ts'
import { seedsOf } from '../../kit/world.ts'
import { makeQuestion, space } from './axes.ts'
import { drawQuestion } from './draw.ts'
import { answerNaively, isAlike } from './naive.ts'
import { playSeeds } from './play-seeds.ts'
import { drawTables, small } from './rows.ts'
import { makeSqlOracle, questionToSql, type SqlOracle } from './sql.ts'

let db: PGlite
let oracle: SqlOracle
beforeAll(async () => {
  db = await PGlite.create()
  oracle = await makeSqlOracle(db)
})
afterAll(() => db.close())

test('each question of the covering array has one answer, in plain JavaScript and in SQL', { timeout: 600_000 }, async () => {
  const tables = drawTables(createRng(1), small)
  await oracle.load(tables)
  const wrong: string[] = []
  let telling = 0
  for (const [at, row] of makeCoveringArray(space).entries()) {
    const ast = makeQuestion({ rng: createRng(at), scale: small, tables }, row)
    const [naive, sql] = [answerNaively(ast, tables), await oracle.answer(ast)]
    if (!isAlike(naive, sql)) wrong.push(`row ${at} ${JSON.stringify(ast)}\nnaive ${JSON.stringify(naive)}\nSQL   ${JSON.stringify(sql)}`)
    if (Array.isArray(naive) ? naive.length > 0 : naive !== undefined && naive !== 0) telling++
  }
  expect(wrong.slice(0, 5).join('\n\n'), `${wrong.length} differ`).toBe('')
  // an array of questions that nothing answers would prove nothing
  expect(telling).toBeGreaterThan(500)
})

const seeds = seedsOf(20, 5000)
test.each(seeds.map((seed) => [seed]))('questions by chance have one answer, in plain JavaScript and in SQL (seed %i)', async (seed) => {
  const rng = createRng(seed)
  const tables = drawTables(rng, small)
  await oracle.load(tables)
  for (let i = 0; i < 40; i++) {
    const ast = drawQuestion({ rng, scale: small, tables })
    const context = `replay: SEED=${seed} npx vitest run --project pg test/sim/query-oracle/oracles.pg.test.ts; question ${i} ${JSON.stringify(ast)}`
    const [naive, sql] = [answerNaively(ast, tables), await oracle.answer(ast)]
    expect(isAlike(naive, sql), `${context}\nnaive ${JSON.stringify(naive)}\nSQL   ${JSON.stringify(sql)}`).toBe(true)
  }
})

test('SQL answers the same at a step of each of some histories, which the long run plays as these', async () => {
  const failures: string[] = []
  const tally = await playSeeds(
    { first: 100, count: 6, stride: 2, sqlEvery: 1 },
    { onFailure: (says) => failures.push(says), onTally() {} },
  )
  expect(failures).toEqual([])
  expect(tally).toMatchObject({ histories: 6, checked: 6 * 10 * 50, asked: 60, failures: 0 })
})

test('a question becomes one SQL text with parameters', () => {
  expect(questionToSql({ from: 'users', where: { op: '=', field: 'name', value: "it's" } })).toMatchObject({ parameters: [`"it's"`] })
})
