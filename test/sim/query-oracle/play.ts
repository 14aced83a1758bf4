// Plays a history: after each commit every watched answer is the naive one, told once if it is another and not at all if it is not, and what did
// not change is the same object.
import { createLives, type LiveReadiness } from '../../../src/live/live.ts'
import type { Index } from '../../../src/pool/lookup.ts'
import { createPool, type Pool } from '../../../src/pool/pool.ts'
import type { QueryAst } from '../../../src/query/ast.ts'
import type { Live } from '../../../src/query/query.ts'
import { signal } from '../../../src/reactive.ts'
import { createVirtualClock } from '../../kit/clock.ts'
import { cutDown } from './cut-down.ts'
import { type History, makeModel, type Question, type Write } from './history.ts'
import { findTurnover, isNameless } from './identity.ts'
import { answerNaively, isAlike } from './naive.ts'
import { collections } from './rows.ts'

/** What is not as it ought to be. */
export interface Failure {
  readonly kind: 'answer' | 'told' | 'identity' | 'raised' | 'left open'
  readonly step: number
  readonly question: number
  readonly says: string
}

/** What came of a history: the first thing that is not as it ought to be, how many answers were looked at, and how many of them were new. */
export interface Played {
  readonly failure?: Failure
  readonly checked: number
  readonly changed: number
}

const lingerMs = 100
const indexesByCollection = new Map<string, readonly Index[]>([
  ['issues', ['priority', 'status', ['projectId', 'estimate'], 'title', 'extra']],
  ['projects', ['rank', 'ownerId']],
  ['issueLabels', [['labelId', 'weight']]],
])
const ready: LiveReadiness = { state: 'ready', complete: true, stale: false, error: undefined }

/** Plays a history in a world of its own, up to the first thing that is not as it ought to be. */
export async function play(history: History): Promise<Played> {
  let checked = 0
  let changed = 0
  const clock = createVirtualClock()
  const raised: unknown[] = []
  const report = (error: unknown): void => void raised.push(error)
  // every second world has declared indexes, so that rows are found both ways
  const pool = createPool(report, history.seed % 4 < 2 ? {} : { indexesByCollection })
  commit(
    pool,
    collections.flatMap((collection) => history.tables[collection].map((row): Write => ({ collection, id: row.id, row }))),
  )
  const lives = createLives({ pool, clock, ready: signal(ready), onError: report, lingerMs })
  let step = -1
  let question = -1
  try {
    const model = makeModel(history.tables)
    const watched: Watched[] = []
    for (const [at, one] of history.questions.entries()) {
      question = at
      watched.push(watch(lives.live(one.ast) as Live<unknown>, one, answerNaively(one.ast, model.tables)))
    }
    for (const { writes, moves } of history.steps) {
      step++
      model.apply(writes)
      commit(pool, writes)
      for (const [at, one] of watched.entries()) {
        question = at
        checked++
        if (one.check(answerNaively(one.ast, model.tables), pool)) changed++
      }
      question = -1
      for (const move of moves) {
        if (move.what === 'rest') await clock.advance(10 * lingerMs)
        else if (watched[move.question]) {
          question = move.question
          watched[move.question]?.[move.what]()
        }
      }
      if (raised.length > 0) throw raised[0]
    }
    question = -1
    for (const one of watched) one.leave()
    await clock.advance(10 * lingerMs)
    if (lives.count !== 0) throw new Wrong('left open', `${lives.count} pipelines are open after everybody left`)
    return { checked, changed }
  } catch (error) {
    if (error instanceof Wrong) return { checked, changed, failure: { kind: error.kind, step, question, says: error.message } }
    const says = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return { checked, changed, failure: { kind: 'raised', step, question, says } }
  } finally {
    lives.close()
  }
}

/** A failure as a person wants it: what, where, how to replay it, and the least history that still fails so. */
export async function describeFailure(history: History, failure: Failure): Promise<string> {
  const small = await cutDown(history, async (less) => {
    const { failure: found } = await play(less)
    return found !== undefined && found.kind === failure.kind && (found.kind !== 'raised' || headOf(found) === headOf(failure))
  })
  const { failure: left = failure } = await play(small)
  const { ast } = history.questions[Math.max(failure.question, 0)] as Question
  return [
    `seed ${history.seed}, step ${failure.step}, question ${failure.question}: ${failure.kind}`,
    `replay: SEED=${history.seed} npx vitest run --project node test/sim/query-oracle/histories.test.ts`,
    failure.says,
    `as it was: ${JSON.stringify(ast)}`,
    `the least that fails so, at step ${left.step}: ${left.says}`,
    JSON.stringify({ tables: small.tables, questions: small.questions, steps: small.steps }),
  ].join('\n')
}

function headOf({ says }: Failure): string {
  return says.split('\n', 1)[0] as string
}

function commit(pool: Pool, writes: readonly Write[]): void {
  pool.commit({ base: new Map(writes.map(({ collection, id, row }) => [`${collection}/${id}`, row] as const)) })
}

class Wrong extends Error {
  readonly kind: Failure['kind']
  constructor(kind: Failure['kind'], says: string) {
    super(says)
    this.kind = kind
  }
}

interface Watched {
  readonly ast: QueryAst
  /** After a commit: the answer ought to be `expected`. Says whether that is another one than before. */
  check(expected: unknown, pool: Pool): boolean
  enter(): void
  leave(): void
  look(): void
}

function watch(live: Live<unknown>, { ast, isWatched }: Question, start: unknown): Watched {
  let expected = start
  let seen: { readonly value: unknown } | undefined
  let calls = 0
  let stop: (() => void) | undefined
  const mustBe = (value: unknown, where: string): void => {
    if (!isAlike(value, expected)) throw new Wrong('answer', `${where} ${show(value)}, expected ${show(expected)}`)
  }
  const mustHaveHeard = (times: number, before: number): void => {
    if (calls - before !== times)
      throw new Wrong('told', `told ${calls - before} times instead of ${times}; the answer is ${show(expected)}`)
  }
  const enter = (): void => {
    if (stop) return
    const before = calls
    stop = live.subscribe((value) => {
      calls++
      seen = { value }
    })
    mustHaveHeard(1, before)
    mustBe(seen?.value, 'who enters is told')
  }
  const look = (): void => {
    const value = live.peek()
    mustBe(value, stop ? 'watched it is' : 'read without a watcher it is')
    if (live.peek() !== value) throw new Wrong('identity', 'read twice without a commit in between it is two objects')
  }
  let told = 0
  if (isWatched) enter()
  told = calls
  return {
    ast,
    enter: () => {
      enter()
      told = calls
    },
    leave: () => {
      stop?.()
      stop = undefined
    },
    look,
    check(now, pool) {
      const isChanged = !isAlike(expected, now)
      const before = seen?.value
      expected = now
      if (!stop) {
        if (calls !== told) throw new Wrong('told', 'told after leaving')
        return isChanged
      }
      mustBe(live.peek(), 'watched it is')
      // another row in the place of one that looked the same: one may be told of it
      const isOtherAlike = !isChanged && calls - told === 1 && isNameless(ast)
      if (!isOtherAlike) mustHaveHeard(isChanged ? 1 : 0, told)
      told = calls
      if (seen?.value !== live.peek()) throw new Wrong('told', 'what was told is not what is read')
      const turnover = isOtherAlike ? undefined : findTurnover(ast, { before, after: live.peek(), find: pool.find })
      if (turnover) throw new Wrong('identity', turnover)
      return isChanged
    },
  }
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined'
  return text.length > 3000 ? `${text.slice(0, 3000)}…` : text
}
