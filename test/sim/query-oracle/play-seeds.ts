// What one process of `npm run long -- queries` does: histories by seed, each in a world of its own; SQL is asked now and then.
import { PGlite } from '@electric-sql/pglite'
import { createRng } from '../../kit/rng.ts'
import { drawHistory, type History, isPlain, makeModel } from './history.ts'
import { answerNaively, isAlike } from './naive.ts'
import { describeFailure, play } from './play.ts'
import { makeSqlOracle, type SqlOracle } from './sql.ts'

/** What was done so far. */
export interface Tally {
  readonly histories: number
  /** Live answers that were compared with naive ones, and how many of them were other than before. */
  readonly checked: number
  readonly changed: number
  /** Naive answers that were compared with SQL's. */
  readonly asked: number
  readonly failures: number
}

/** Which seeds are played: `count` of them from the first, each `stride` behind the one before. */
export interface Seeds {
  readonly first: number
  readonly count: number
  readonly stride: number
  /** Each how many-th history SQL is asked about at one of its steps, where it orders the history's texts as we do. */
  readonly sqlEvery: number
}

/** Hears of failures, and now and then of the tally. */
export interface Listener {
  onFailure(says: string): void
  onTally(tally: Tally): void
}

// failures that are worth being cut down
const mostCutDown = 3

/** Plays histories one after the other. */
export async function playSeeds({ first, count, stride, sqlEvery }: Seeds, { onFailure, onTally }: Listener): Promise<Tally> {
  const tally = { histories: 0, checked: 0, changed: 0, asked: 0, failures: 0 }
  const db = await PGlite.create()
  const oracle = await makeSqlOracle(db)
  for (let seed = first; seed < first + count * stride; seed += stride) {
    const history = drawHistory(seed)
    const { failure, checked, changed } = await play(history)
    tally.histories++
    tally.checked += checked
    tally.changed += changed
    if (failure && ++tally.failures <= mostCutDown) onFailure(await describeFailure(history, failure))
    else if (failure) onFailure(`seed ${seed}: ${failure.kind}`)
    if (tally.histories % sqlEvery === 0 && isPlain(seed)) {
      const wrong = await askSql(history, oracle)
      tally.asked += history.questions.length
      tally.failures += wrong.length
      for (const says of wrong) onFailure(says)
    }
    if (tally.histories % 50 === 0) onTally(tally)
  }
  await db.close()
  onTally(tally)
  return tally
}

// the questions of a history at one of its steps
async function askSql({ seed, tables, questions, steps }: History, oracle: SqlOracle): Promise<readonly string[]> {
  const model = makeModel(tables)
  for (const { writes } of steps.slice(0, createRng(seed).int(0, steps.length))) model.apply(writes)
  await oracle.load(model.tables)
  const wrong: string[] = []
  for (const { ast } of questions) {
    const [naive, sql] = [answerNaively(ast, model.tables), await oracle.answer(ast)]
    if (!isAlike(naive, sql)) wrong.push(`seed ${seed}: SQL ${JSON.stringify(sql)}, naive ${JSON.stringify(naive)}, ${JSON.stringify(ast)}`)
  }
  return wrong
}
