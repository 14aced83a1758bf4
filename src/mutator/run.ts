import { TidemarkError } from '../errors.ts'
import type { Call } from '../protocol/mutation.ts'
import type { RowKey } from '../protocol/ids.ts'
import type { PlainAst } from '../query/ast.ts'
import type { AnySchema } from '../schema/schema.ts'
import type { Json } from '../util/json.ts'
import type { Misses } from './loaded.ts'
import type { AnyMutators } from './mutator.ts'
import type { RowSource, Writes } from './source.ts'
import { type ReadKind, RoundIsFull, type TxContext } from './recorder.ts'
import { makeTx } from './tx.ts'

/** What one run of a mutation read and wrote. With misses or a failure, `writes` is empty. */
export interface Ran {
  readonly reads: ReadonlyMap<RowKey, ReadKind>
  /** The questions that it asked, their orders and limits included. */
  readonly questions: readonly PlainAst[]
  readonly writes: Writes
  readonly misses: Misses | undefined
  readonly failure: TidemarkError | undefined
}

/** What the server grants one mutation; design.md, "Mutators". */
export const runLimits = { rounds: 100, rows: 20_000, ms: 5_000 } as const

/** Runs the calls of one mutation, all or nothing, over what `source` has. Never throws: what went wrong is in `failure`. */
export function runCalls(mutators: AnyMutators, calls: readonly Call[], source: RowSource, context: TxContext): Ran {
  const { tx, record } = makeTx(mutators.schema as AnySchema, source, context)
  let failure: TidemarkError | undefined
  try {
    for (const [index, [name, args]] of calls.entries()) {
      const definition = mutators.byName.get(name)
      if (!definition) throw new TidemarkError('refused/unknown-mutator', { details: { name } })
      const result = definition.run(tx(index), ...(context.isParsed ? (args as readonly Json[]) : definition.parse(args, name)))
      if (isThenable(result))
        throw new TidemarkError('misuse/async-mutator', {
          details: { name },
          message: `The mutator ${name} returned a promise. Make it synchronous; put slow work into an action.`,
        })
    }
  } catch (error) {
    if (!(error instanceof RoundIsFull)) failure = errorToFailure(error)
  } finally {
    record.end()
  }
  failure = record.failure ?? failure
  const hasMissed = record.misses.keys.size > 0 || record.misses.questions.size > 0
  const questions = [...record.questions.values()]
  if (hasMissed && !isFinal(failure))
    return { reads: record.reads, questions, writes: new Map(), misses: record.misses, failure: undefined }
  return { reads: record.reads, questions, writes: failure ? new Map() : record.writes, misses: undefined, failure }
}

/** Runs until nothing is missed: `load` brings what a round missed, and the calls run again. Raises nothing of its own but what `load` raises. */
export async function runUntilLoaded(run: () => Ran, load: (misses: Misses) => Promise<void>): Promise<Ran> {
  for (let round = 0; round < runLimits.rounds; round++) {
    const ran = run()
    if (!ran.misses) return ran
    await load(ran.misses)
  }
  return {
    ...run(),
    writes: new Map(),
    misses: undefined,
    failure: new TidemarkError('refused/mutator-failed', {
      message: `The mutator read on for more than ${runLimits.rounds} rounds. Let it ask for many rows at once.`,
    }),
  }
}

// a bound that was passed stays passed, whatever is loaded; anything else a run with missing rows threw may be due to what it did not see
function isFinal(failure: TidemarkError | undefined): boolean {
  return failure?.code === 'refused/mutator-failed' && failure.details['bound'] !== undefined
}

function errorToFailure(error: unknown): TidemarkError {
  if (error instanceof TidemarkError) return error
  return new TidemarkError('refused/mutator-failed', {
    cause: error,
    message: `The mutator failed: ${error instanceof Error ? error.message : String(error)}. Correct its code; the arguments are kept.`,
  })
}

function isThenable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
