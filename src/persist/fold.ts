// What changes come to, when they lie over rows whose audience they do not know.

import type { Patch } from '../protocol/patch.ts'
import type { AnyRow } from '../schema/row.ts'

/** The audience of everybody in a space: rows without a name for theirs are held under it. */
export const sharedAudience = 'shared'

/** A row and the audience that it is held under. */
export interface HeldRow {
  readonly row: AnyRow
  readonly audience: string
}

/** What became of a row: what it is now, or from which audiences it went (`all`: wherever it was held). */
export type Fate = HeldRow | { readonly row: null; readonly gone: ReadonlySet<string> | 'all' }

/** Changes of base, folded: the last word on each row, and on each audience. */
export interface Fold {
  readonly fatesByCollection: ReadonlyMap<string, ReadonlyMap<string, Fate>>
  readonly leftAudiences: ReadonlySet<string>
}

/** Folds changes in their order. */
export function foldPatches(patches: readonly Patch[]): Fold {
  const fatesByCollection = new Map<string, Map<string, Fate>>()
  const leftAudiences = new Set<string>()
  for (const patch of patches) {
    if (patch.op === 'leave') {
      leftAudiences.add(patch.audience)
      for (const fates of fatesByCollection.values()) leave(fates, patch.audience)
      continue
    }
    let fatesById = fatesByCollection.get(patch.collection)
    if (!fatesById) fatesByCollection.set(patch.collection, (fatesById = new Map()))
    const audience = patch.audience ?? sharedAudience
    if (patch.op === 'put') fatesById.set(patch.id, { row: patch.value as AnyRow, audience })
    else fatesById.set(patch.id, drop(fatesById.get(patch.id), audience))
  }
  return { fatesByCollection, leftAudiences }
}

/** Whether a row of the base below stays as it is. */
export function isUntouched(fold: Fold, fate: Fate | undefined, audience: string): boolean {
  if (fate?.row) return false
  if (fate && (fate.gone === 'all' || fate.gone.has(audience))) return false
  return !fold.leftAudiences.has(audience)
}

function leave(fatesById: Map<string, Fate>, audience: string): void {
  for (const [id, fate] of fatesById) if (fate.row && fate.audience === audience) fatesById.set(id, { row: null, gone: 'all' })
}

// A row goes only where it is held under the audience that it goes from.
function drop(fate: Fate | undefined, audience: string): Fate {
  if (!fate) return { row: null, gone: new Set([audience]) }
  if (fate.row) return fate.audience === audience ? { row: null, gone: 'all' } : fate
  return fate.gone === 'all' ? fate : { row: null, gone: new Set([...fate.gone, audience]) }
}
