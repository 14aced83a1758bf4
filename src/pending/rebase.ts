import type { Ran } from '../mutator/run.ts'
import { makeOverlay, missing, type Overlay, type RowSource, type Writes } from '../mutator/source.ts'
import { type RowKey, splitRowKey } from '../protocol/ids.ts'
import { compileCondition } from '../query/condition.ts'
import type { AnyRow } from '../schema/row.ts'
import { isSame } from '../util/compare.ts'

/*
 * Rebase by what was read. Two walks side by side over the stages of the pending mutations:
 *
 *   old   base before ─ m1 ─ m2 ─ m3 ─ m4          m2 was confirmed, m5 came from another tab
 *   new   base after  ─ m1 ───── m5 ─ m3 ─ m4
 *
 * `changed` holds, at each stage, the keys whose rows differ between the two. A mutation that read one of them, or a condition that the row's
 * old or new value meets, runs again; the others stand. After each, the keys that it wrote before or writes now join the set or leave it by value.
 * (Stage deltas agreed with full replay on 30,000 seeded histories; a plain "read or write set meets the changed keys" did not.)
 */

/** A mutation with what its last run read and wrote; without `ran` it has not run here yet. */
export interface Executed<M> {
  readonly mutation: M
  readonly ran: Ran | undefined
}

/** What a rebase starts from. */
export interface RebaseInput<M> {
  readonly base: RowSource
  /** Rows of base that the new one has differently. */
  readonly changes: Writes
  /** The pending mutations as they stood, in their old order. */
  readonly before: readonly Executed<M>[]
  /** Those that are pending now, in their new order; those that stayed are the same objects, in the same order among themselves. */
  readonly after: readonly Executed<M>[]
  readonly run: (mutation: M, source: RowSource) => Ran
}

/** What it leads to. */
export interface RebaseResult<M> {
  readonly executed: readonly Executed<M>[]
  /** What all pending mutations together write over the new base. */
  readonly pending: Writes
  /** How many had to run again. */
  readonly replayed: number
}

const noWrites: Writes = new Map()

/** Walks the pending mutations from the old base to the new one. Pure: nothing is touched but what `run` makes anew. */
export function rebase<M>({ base, changes, before, after, run }: RebaseInput<M>): RebaseResult<M> {
  // nobody is there whose reads could have changed: a first load, and most pulls
  if (before.length === 0 && after.length === 0) return { executed: [], pending: noWrites, replayed: 0 }
  const newBase = makeOverlay(base)
  newBase.setAll(changes)
  const stages: Stages = { old: makeOverlay(base), now: makeOverlay(newBase), changed: new Set() }
  for (const key of changes.keys()) compareAt(stages, key)
  const executed: Executed<M>[] = []
  let replayed = 0
  let next = 0
  for (const entry of after) {
    const index = before.indexOf(entry, next)
    // those before it fell out: their old writes count, their new ones are none
    for (; index >= 0 && next < index; next++) advance(stages, before[next]?.ran?.writes ?? noWrites, noWrites)
    const stands = index >= 0 && entry.ran !== undefined && !isTouched(stages, entry.ran)
    const ran = stands ? entry.ran : run(entry.mutation, stages.now)
    if (!stands) replayed++
    advance(stages, index >= 0 ? (entry.ran?.writes ?? noWrites) : noWrites, ran?.writes ?? noWrites)
    if (index >= 0) next = index + 1
    executed.push(stands ? entry : { mutation: entry.mutation, ran })
  }
  return { executed, pending: stages.now.writes, replayed }
}

interface Stages {
  readonly old: Overlay
  readonly now: Overlay
  readonly changed: Set<RowKey>
}

function advance(stages: Stages, oldWrites: Writes, newWrites: Writes): void {
  stages.old.setAll(oldWrites)
  stages.now.setAll(newWrites)
  for (const key of oldWrites.keys()) compareAt(stages, key)
  if (newWrites !== oldWrites) for (const key of newWrites.keys()) compareAt(stages, key)
}

function compareAt(stages: Stages, key: RowKey): void {
  if (isSame(rowAt(stages.old, key), rowAt(stages.now, key))) stages.changed.delete(key)
  else stages.changed.add(key)
}

function isTouched(stages: Stages, ran: Ran): boolean {
  if (stages.changed.size === 0) return false
  for (const key of ran.reads.keys()) if (stages.changed.has(key)) return true
  for (const { from, where } of ran.questions) {
    const isMatch = compileCondition(where)
    for (const key of stages.changed) {
      if (splitRowKey(key)[0] !== from) continue
      const was = rowAt(stages.old, key)
      const is = rowAt(stages.now, key)
      if ((was && isMatch(was)) || (is && isMatch(is))) return true
    }
  }
  return false
}

function rowAt(source: RowSource, key: RowKey): AnyRow | undefined {
  const row = source.find(...splitRowKey(key))
  return row === missing ? undefined : row
}
