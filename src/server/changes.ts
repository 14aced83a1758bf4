// What a push does to the rows: the net effect of its mutations, with the audiences that rows come into and leave.
import { TidemarkError } from '../errors.ts'
import type { Writes } from '../mutator/source.ts'
import { type RowKey, splitRowKey } from '../protocol/ids.ts'
import type { Mutation } from '../protocol/mutation.ts'
import { mustCollection } from '../schema/schema.ts'
import { isSame } from '../util/compare.ts'
import { audienceOf } from './audience.ts'
import type { Departure, SpaceReader, SpaceWrite, StoredRow } from './database.ts'
import type { Setup } from './setup.ts'
import { makeRunner, type RunContext } from './tx.ts'
import { failureToRefusal, isAccident, type Refused } from './verdict.ts'

/** The changes of one push, in the making. */
export interface Changes {
  /** Loads ahead what the mutations will read, as far as that is known before they run. */
  prepare(mutations: readonly Mutation[]): Promise<void>
  /** Runs a mutation over what those before it left; refused, it leaves nothing. */
  apply(mutation: Mutation): Promise<Refused | 'applied'>
  /** All that has to be written, under `version`. */
  list(version: number): Promise<Pick<SpaceWrite, 'rows' | 'removed' | 'departures'>>
}

/** Changes by one user over one state of a space. */
export function makeChanges(setup: Setup, reader: SpaceReader, user: string | null): Changes {
  const { mutators, schema, world } = setup
  const runner = makeRunner(reader, world.clock)
  const audiences = new Map<RowKey, string>()

  // a clock that runs ahead gains nothing by it
  const contextOf = ({ id, at }: Mutation): RunContext => ({ user, mutationId: id, authoredAt: Math.min(at, world.clock.now()) })
  const nameAudiences = (writes: Writes): TidemarkError | undefined => {
    const named = new Map<RowKey, string>()
    try {
      for (const [key, row] of writes) if (row) named.set(key, audienceOf(mustCollection(schema, splitRowKey(key)[0]), row))
    } catch (error) {
      return error instanceof TidemarkError ? error : new TidemarkError('refused/mutator-failed', { cause: error })
    }
    for (const [key, audience] of named) audiences.set(key, audience)
    return undefined
  }
  return {
    prepare: (mutations) =>
      runner.preload(
        mutators,
        mutations.map((mutation) => [mutation.calls, contextOf(mutation)]),
      ),
    async apply(mutation) {
      const { writes, failure: failed } = await runner.run(mutators, mutation.calls, contextOf(mutation))
      const failure = failed ?? nameAudiences(writes)
      if (!failure) {
        runner.done.setAll(writes)
        return 'applied'
      }
      if (isAccident(failure)) world.report(failure)
      return failureToRefusal(failure)
    },
    async list(version) {
      const stored = await runner.storedRows(runner.done.writes.keys())
      const rows: StoredRow[] = []
      const removed: RowKey[] = []
      const departures: Departure[] = []
      for (const [key, after] of runner.done.writes) {
        const before = stored.get(key)
        if (isSame(before?.value, after)) continue
        const [collection, id] = splitRowKey(key)
        const audience = after && audiences.get(key)
        if (before && before.audience !== audience) departures.push({ audience: before.audience, collection, id, version })
        if (after && audience !== undefined) rows.push({ collection, id, value: after, audience, version })
        else removed.push(key)
      }
      return { rows, removed, departures }
    },
  }
}
