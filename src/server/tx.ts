// How the server runs the app's functions: synchronously, over what is loaded of the space; what they miss is loaded in one go, and they run again.
//
//   the space's rows ─► loaded ─► earlier mutations of the push ─► this run's own writes
import { TidemarkError } from '../errors.ts'
import { makeLoadedRows, type Misses } from '../mutator/loaded.ts'
import type { AnyMutators } from '../mutator/mutator.ts'
import { runCalls, runLimits, runUntilLoaded } from '../mutator/run.ts'
import { makeOverlay, missing, type Overlay, type RowSource, type Writes } from '../mutator/source.ts'
import type { TxContext } from '../mutator/recorder.ts'
import type { AnyTx } from '../mutator/tx.ts'
import type { Call } from '../protocol/mutation.ts'
import { makeRowKey, type RowKey } from '../protocol/ids.ts'
import type { PlainAst } from '../query/ast.ts'
import { queryKey } from '../query/canonical.ts'
import type { Clock } from '../util/clock.ts'
import { freezeDeep } from '../util/freeze.ts'
import type { SpaceReader, StoredRow } from './database.ts'

/** Who runs what, when. */
export type RunContext = Pick<TxContext, 'user' | 'authoredAt' | 'mutationId'>

/** Runs mutations one after another over one state of a space, and keeps what they wrote. */
export interface Runner {
  /** What the mutations so far have written. */
  readonly done: Overlay
  /** Rows as the space has them; undefined is none. Loads those that no run has read. */
  storedRows(keys: Iterable<RowKey>): Promise<ReadonlyMap<RowKey, StoredRow | undefined>>
  /** Loads what a first look at many mutations misses, in one go: they then run without waiting, as far as they read by key. */
  preload(mutators: AnyMutators, runs: Iterable<readonly [calls: readonly Call[], context: RunContext]>): Promise<void>
  /** What the calls would write, or why they cannot. Raises only what the database raises. */
  run(
    mutators: AnyMutators,
    calls: readonly Call[],
    context: RunContext,
  ): Promise<{ readonly writes: Writes; readonly failure: TidemarkError | undefined }>
}

// a look ahead is a help, and may not use up the time that the mutations themselves have under the lock
const preloadMs = 100

/** A runner over a reader, which must stay open as long. */
export function makeRunner(reader: SpaceReader, clock: Clock): Runner {
  const loaded = makeLoadedRows()
  const stored = new Map<RowKey, StoredRow | undefined>()
  // an overlay asks for a wider window than the mutator did: what is wanted is known here alone
  const wanted = new Map<string, PlainAst>()
  const base: RowSource = {
    find: (collection, id) => loaded.find(collection, id),
    select(ast) {
      const answer = loaded.select(ast)
      if (answer === missing) wanted.set(queryKey(ast), ast)
      return answer
    },
  }
  const done = makeOverlay(base)

  // a mutator that changed a row in place would change what was stored, and nothing would seem to have been written
  const keep = (row: StoredRow): void => {
    freezeDeep(row.value)
    stored.set(makeRowKey(row.collection, row.id), row)
  }
  const loadKeys = async (keys: readonly RowKey[]): Promise<void> => {
    if (keys.length === 0) return
    for (const key of keys) stored.set(key, undefined)
    for (const row of await reader.rows(keys)) keep(row)
    for (const key of keys) loaded.putRow(key, stored.get(key)?.value)
  }
  const loadQuestion = async (ast: PlainAst, most: number): Promise<number> => {
    const rows = await reader.select({ ...ast, limit: Math.min(ast.limit ?? most + 1, most + 1) })
    for (const row of rows) keep(row)
    loaded.putAnswer(
      ast,
      rows.map(({ value }) => value),
    )
    return rows.length
  }

  return {
    done,
    async storedRows(keys) {
      const asked = [...keys]
      await loadKeys(asked.filter((key) => !stored.has(key)))
      return new Map(asked.map((key) => [key, stored.get(key)]))
    },
    async preload(mutators, runs) {
      const keys = new Set<RowKey>()
      const end = clock.now() + preloadMs
      for (const [calls, context] of runs) {
        const { misses } = runCalls(mutators, calls, done, { ...context, onServer: true, check: makeBounds(clock).check })
        for (const key of misses?.keys ?? []) keys.add(key)
        if (keys.size > runLimits.rows || clock.now() > end) break
      }
      await loadKeys([...keys].slice(0, runLimits.rows))
    },
    async run(mutators, calls, context) {
      const bounds = makeBounds(clock)
      const load = async (misses: Misses): Promise<void> => {
        bounds.check()
        await loadKeys([...misses.keys].slice(0, bounds.take(misses.keys.size)))
        for (const ast of wanted.values()) {
          bounds.check()
          bounds.take(await loadQuestion(ast, bounds.rowsLeft))
        }
      }
      const start = () => {
        wanted.clear()
        return runCalls(mutators, calls, done, { ...context, onServer: true, check: bounds.check })
      }
      try {
        return await runUntilLoaded(start, load)
      } catch (error) {
        if (error instanceof TidemarkError && error.details['bound'] !== undefined) return { writes: new Map(), failure: error }
        throw error
      }
    },
  }
}

/** The answer of one of the app's functions that only reads, wrapped: a promise is an answer too, and a wrong one. Raises what it throws, and what the database raises. */
export async function askApp(
  runner: Runner,
  schema: AnyMutators['schema'],
  { context, ask }: { readonly context: RunContext; readonly ask: (tx: AnyTx) => unknown },
): Promise<{ readonly answer: unknown }> {
  let answer: unknown
  const run = (tx: AnyTx): void => {
    answer = ask(makeReadTx(tx))
  }
  const { failure } = await runner.run({ schema, byName: new Map([['ask', { parse: () => [], run }]]) }, [['ask', []]], context)
  // the caller can do nothing about it, and may not read what was looked for
  if (failure) throw new TidemarkError('unreachable/server-error', { cause: failure })
  return { answer }
}

/** The same transaction, for a function that only answers a question: its writes throw, and it takes no ids from the mutator. */
export function makeReadTx(tx: AnyTx): AnyTx {
  return tx.$readOnly
}

function makeBounds(clock: Clock) {
  const end = clock.now() + runLimits.ms
  let rowsLeft: number = runLimits.rows
  const over = (bound: 'rows' | 'ms'): never => {
    throw new TidemarkError('refused/mutator-failed', {
      details: { bound, limit: runLimits[bound] },
      message: `The mutator used up its ${bound === 'rows' ? `${runLimits.rows} rows` : `${runLimits.ms} ms`}. Let it read less.`,
    })
  }
  return {
    get rowsLeft() {
      return rowsLeft
    },
    check: () => void (clock.now() > end && over('ms')),
    take(count: number): number {
      rowsLeft -= count
      return rowsLeft < 0 ? over('rows') : count
    },
  }
}
