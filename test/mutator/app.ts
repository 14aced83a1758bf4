// A collection, and mutators made for one test each, run over rows that are loaded as they are missed.
import * as v from 'valibot'
import { makeLoadedRows, type Misses } from '../../src/mutator/loaded.ts'
import { defineMutators, mutator } from '../../src/mutator/mutator.ts'
import { type Ran, runCalls, runUntilLoaded } from '../../src/mutator/run.ts'
import { missing, type RowSource } from '../../src/mutator/source.ts'
import type { TxContext } from '../../src/mutator/recorder.ts'
import type { Tx } from '../../src/mutator/tx.ts'
import { splitRowKey } from '../../src/protocol/ids.ts'
import { answerRows } from '../../src/query/answer.ts'
import type { QueryAst } from '../../src/query/ast.ts'
import { queryKey } from '../../src/query/canonical.ts'
import { collection } from '../../src/schema/collection.ts'
import { defineSchema } from '../../src/schema/schema.ts'
import type { AnyRow } from '../../src/schema/row.ts'

const Thing = v.object({ id: v.string(), n: v.number(), note: v.optional(v.string()) })
export const schema = defineSchema({ version: 1, collections: { things: collection(Thing), others: collection(Thing) } })

const context: TxContext = { user: 'u1', onServer: true, authoredAt: 77, mutationId: 'm1' }

/** One mutation of these functions, one call each, run over a source. */
export function runOver(source: RowSource, given: Partial<TxContext>, ...acts: readonly ((tx: Tx<typeof schema>) => unknown)[]): Ran {
  const mutators = defineMutators(
    schema,
    Object.fromEntries(acts.map((act, i) => [`act${i}`, mutator([], (tx: Tx<typeof schema>) => act(tx) as void)])),
  )
  return runCalls(
    mutators,
    acts.map((_, i) => [`act${i}`, []]),
    source,
    { ...context, ...given },
  )
}

/** All rows in memory. */
export function makeSource(...rows: readonly AnyRow[]): RowSource {
  const byId = new Map(rows.map((row) => [row.id, Object.freeze(row)]))
  return {
    find: (collection, id) => (collection === 'things' ? byId.get(id) : undefined),
    select: (ast) => (ast.from === 'things' ? answerRows(ast, byId.values()) : []),
  }
}

/** Runs with nothing loaded, and loads what is missed; counts the rounds. */
export async function runLoading(
  rows: readonly AnyRow[],
  ...acts: readonly ((tx: Tx<typeof schema>) => unknown)[]
): Promise<{ readonly ran: Ran; readonly rounds: number; readonly loads: readonly Misses[] }> {
  const all = makeSource(...rows)
  const loaded = makeLoadedRows()
  const loads: Misses[] = []
  const asked = new Map<string, QueryAst>()
  const source: RowSource = {
    find: loaded.find,
    select(ast) {
      const answer = loaded.select(ast)
      if (answer === missing) asked.set(queryKey(ast), ast)
      return answer
    },
  }
  const ran = await runUntilLoaded(
    () => runOver(source, {}, ...acts),
    async (misses) => {
      loads.push({ keys: new Set(misses.keys), questions: new Map(misses.questions) })
      for (const key of misses.keys) loaded.putRow(key, all.find(...splitRowKey(key)) as AnyRow | undefined)
      for (const ast of asked.values()) loaded.putAnswer(ast, all.select(ast) as readonly AnyRow[])
      asked.clear()
    },
  )
  return { ran, rounds: loads.length + 1, loads }
}
