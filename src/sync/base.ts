import type { Writes } from '../mutator/source.ts'
import type { DiskState } from '../persist/disk.ts'
import type { Pool } from '../pool/pool.ts'
import { makeRowKey, type RowKey } from '../protocol/ids.ts'
import type { Patch } from '../protocol/patch.ts'
import type { AnyRow } from '../schema/row.ts'
import { freezeDeep } from '../util/freeze.ts'
import { type Audiences, patchesToChanges } from './patches.ts'

/** A row of a snapshot. */
export type StagedRow = readonly [collection: string, row: AnyRow, audience?: string | undefined]

/** What patches, a whole disk or a snapshot change in base; it remembers the audience that each row is held under. */
export interface Base {
  patched(patches: readonly Patch[]): Writes
  loaded(state: Pick<DiskState, 'rowsByCollection' | 'audiences'>): Writes
  replaced(rows: readonly StagedRow[], patches: readonly Patch[]): Writes
  /** The audience that a row is held under; undefined where that is everybody. */
  audienceOf(key: RowKey): string | undefined
}

/** The base of a pool. */
export function makeBase(pool: Pool): Base {
  const audiences: Audiences = new Map()
  // all rows of the new base, and the going of those that it has not
  const replace = (rows: Iterable<readonly [RowKey, AnyRow]>): Writes => {
    const changes = new Map<RowKey, AnyRow | undefined>()
    for (const key of pool.baseKeys()) changes.set(key, undefined)
    for (const [key, row] of rows) changes.set(key, row)
    return changes
  }
  return {
    patched: (patches) => patchesToChanges(patches, audiences),
    loaded(state) {
      audiences.clear()
      for (const [key, audience] of state.audiences) audiences.set(key, audience)
      return replace(rowsOf(state.rowsByCollection))
    },
    replaced(staged, patches) {
      audiences.clear()
      const rows = new Map<RowKey, AnyRow>()
      for (const [collection, row, audience] of staged) {
        const key = makeRowKey(collection, row.id)
        rows.set(key, freezeDeep(row))
        if (audience !== undefined && audience !== 'shared') audiences.set(key, audience)
      }
      for (const [key, row] of patchesToChanges(patches, audiences)) {
        if (row) rows.set(key, row)
        else rows.delete(key)
      }
      return replace(rows)
    },
    audienceOf: (key) => audiences.get(key),
  }
}

function* rowsOf(rowsByCollection: DiskState['rowsByCollection']): Iterable<readonly [RowKey, AnyRow]> {
  for (const [collection, rows] of rowsByCollection) for (const row of rows) yield [makeRowKey(collection, row.id), row]
}
