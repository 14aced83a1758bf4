import { TidemarkError } from '../errors.ts'
import type { AnyMutators } from '../mutator/mutator.ts'
import { makeLoadedRows } from '../mutator/loaded.ts'
import { type Ran, runCalls, runLimits } from '../mutator/run.ts'
import type { missing, RowSource, Writes } from '../mutator/source.ts'
import type { TxContext } from '../mutator/recorder.ts'
import type { Pool } from '../pool/pool.ts'
import { type RowKey, splitRowKey } from '../protocol/ids.ts'
import type { Mutation } from '../protocol/mutation.ts'
import { compileCondition } from '../query/condition.ts'
import type { AnyRow } from '../schema/row.ts'
import { isSame } from '../util/compare.ts'
import type { Json } from '../util/json.ts'
import { type Executed, rebase } from './rebase.ts'

/** What a pending mutation needs to run. */
export interface PendingOptions {
  readonly pool: Pool
  readonly mutators: AnyMutators
  readonly user: string | null
  /** Runs each new mutation twice and compares, to find impure mutators. */
  readonly isDevelopment: boolean
}

/** The unconfirmed mutations of a store, run over base: view = base ⊕ replay(pending). */
export interface Pending {
  /**
   * Runs a new mutation over the view, and shows it. Raises what the mutator raised; nothing has happened then.
   * `queue` is called with what it `needs` before anybody hears of it: who hears may make further mutations, which come after it.
   */
  add(mutation: Mutation, queue: (needs: readonly string[]) => void): void
  /** Queues a mutation without running it, because the rows are not here yet; the next rebase runs it. */
  addUnseen(mutation: Mutation): void
  /** Moves to another base and another list of pending mutations, in one commit. */
  rebase(changes: Writes, list: readonly Mutation[]): void
  /** The rows that a pending mutation writes, as its last run left them. */
  writesOf(id: string): Writes
  /** What its last run raised here; with a server, that one has the last word. */
  failureOf(id: string): TidemarkError | undefined
}

/** No pending mutations over `pool`. */
export function createPending({ pool, mutators, user, isDevelopment }: PendingOptions): Pending {
  let executed: Executed<Mutation>[] = []
  let executedById = new Map<string, Executed<Mutation>>()
  let written = new Map<RowKey, AnyRow | undefined>()
  const writers = makeWriters()

  const push = (entry: Executed<Mutation>): void => {
    executed.push(entry)
    executedById.set(entry.mutation.id, entry)
  }
  const run = (mutation: Mutation, source: RowSource): Ran => runCalls(mutators, mutation.calls, source, contextOf(mutation, user))

  return {
    add(mutation, queue) {
      const ran = run(mutation, pool.view)
      if (ran.failure) throw ran.failure
      if (isDevelopment)
        mustRepeat(
          ran,
          runFromNothing((source) => run(mutation, source), pool.view),
          mutation,
        )
      const needs = writers.needsOf(ran, pool)
      writers.note(mutation.id, ran.writes, (key) => pool.find(...splitRowKey(key)) !== undefined)
      push({ mutation, ran })
      const moved = new Map<RowKey, { readonly row: AnyRow | undefined }>()
      for (const [key, row] of ran.writes) {
        written.set(key, row)
        moved.set(key, { row })
      }
      queue(needs)
      pool.commit({ pending: moved })
    },
    addUnseen(mutation) {
      push({ mutation, ran: undefined })
    },
    rebase(changes, list) {
      const after = list.map((mutation) => {
        const entry = executedById.get(mutation.id)
        return entry && isSame(entry.mutation.calls as Json, mutation.calls as Json) ? entry : { mutation, ran: undefined }
      })
      const result = rebase({ base: pool.base, changes, before: executed, after, run })
      const moved = new Map<RowKey, { readonly row: AnyRow | undefined } | null>()
      for (const key of written.keys()) if (!result.pending.has(key)) moved.set(key, null)
      for (const [key, row] of result.pending)
        if (!written.has(key) || changes.has(key) || !isSame(written.get(key), row)) moved.set(key, { row })
      writers.rebuild(result.executed, (key) => (changes.has(key) ? changes.get(key) : pool.base.find(...splitRowKey(key))) !== undefined)
      executed = [...result.executed]
      executedById = new Map(executed.map((entry) => [entry.mutation.id, entry]))
      written = new Map(result.pending)
      pool.commit({ base: changes, pending: moved })
    },
    writesOf: (id) => executedById.get(id)?.ran?.writes ?? new Map(),
    failureOf: (id) => executedById.get(id)?.ran?.failure,
  }
}

function contextOf(mutation: Mutation, user: string | null): TxContext {
  return { user, onServer: false, authoredAt: mutation.at, mutationId: mutation.id, isParsed: true }
}

// as the server runs it: with nothing loaded at first, and again whenever what it missed is there
function runFromNothing(run: (source: RowSource) => Ran, view: RowSource): Ran {
  const loaded = makeLoadedRows()
  const known = <T>(answer: T | typeof missing): T => answer as T
  for (let round = 0; ; round++) {
    const ran = run(loaded)
    if (!ran.misses || round === runLimits.rounds) return ran
    for (const key of ran.misses.keys) loaded.putRow(key, known(view.find(...splitRowKey(key))))
    for (const question of ran.misses.questions.values()) loaded.putAnswer(question, known(view.select(question)))
  }
}

function mustRepeat(first: Ran, second: Ran, mutation: Mutation): void {
  const isEqual =
    !second.failure &&
    first.writes.size === second.writes.size &&
    [...first.writes].every(([key, row]) => second.writes.has(key) && isSame(second.writes.get(key), row))
  if (isEqual) return
  const names = mutation.calls.map(([name]) => name).join(', ')
  throw new TidemarkError('misuse/impure-mutator', {
    details: { calls: names },
    message: `${names} gave two results for the same input. Take time from tx.authoredAt, ids from tx.newId(), and the rest from arguments.`,
  })
}

interface Writers {
  /** The pending mutations whose writes a run read; of a row that it only patches, the existence alone counts. */
  needsOf(ran: Ran, pool: Pool): readonly string[]
  note(id: string, writes: Writes, existed: (key: RowKey) => boolean): void
  rebuild(executed: readonly Executed<Mutation>[], existsInBase: (key: RowKey) => boolean): void
}

// who wrote a key last, and who made it be there or not be there last
function makeWriters(): Writers {
  const writerByKey = new Map<RowKey, string>()
  const makerByKey = new Map<RowKey, string>()
  const note: Writers['note'] = (id, writes, existed) => {
    for (const [key, row] of writes) {
      writerByKey.set(key, id)
      if (existed(key) !== (row !== undefined)) makerByKey.set(key, id)
    }
  }
  return {
    note,
    needsOf(ran, pool) {
      const needs = new Set<string>()
      const add = (id: string | undefined): void => {
        if (id !== undefined) needs.add(id)
      }
      for (const [key, kind] of ran.reads) add(kind === 'value' ? writerByKey.get(key) : makerByKey.get(key))
      for (const { from, where } of ran.questions) {
        const isMatch = compileCondition(where)
        for (const [key, id] of writerByKey) {
          const [collection, rowId] = splitRowKey(key)
          if (collection !== from) continue
          const rows = [pool.find(collection, rowId), pool.base.find(collection, rowId)]
          if (rows.some((row) => typeof row === 'object' && isMatch(row))) add(id)
        }
      }
      return [...needs]
    },
    rebuild(executed, existsInBase) {
      writerByKey.clear()
      makerByKey.clear()
      const exists = new Map<RowKey, boolean>()
      for (const { mutation, ran } of executed) {
        if (!ran) continue
        note(mutation.id, ran.writes, (key) => exists.get(key) ?? existsInBase(key))
        for (const [key, row] of ran.writes) exists.set(key, row !== undefined)
      }
    },
  }
}
