import type { Writes } from '../mutator/source.ts'
import { makeRowKey, type RowKey } from '../protocol/ids.ts'
import type { Patch } from '../protocol/patch.ts'
import type { AnyRow } from '../schema/row.ts'
import { freezeDeep } from '../util/freeze.ts'

/** The audience of everybody in a space; rows without a tag belong to it. */
const everybody = 'shared'

/** Which audience base holds each row under, where it is not everybody. */
export type Audiences = Map<RowKey, string>

/** What patches make of base, in their order. A `del` drops a row only where it is held under that audience. `audiences` is moved along. */
export function patchesToChanges(patches: readonly Patch[], audiences: Audiences): Writes {
  const changes = new Map<RowKey, AnyRow | undefined>()
  const drop = (key: RowKey): void => {
    changes.set(key, undefined)
    audiences.delete(key)
  }
  for (const patch of patches) {
    if (patch.op === 'leave') {
      for (const [key, audience] of audiences) if (audience === patch.audience) drop(key)
      continue
    }
    const key = makeRowKey(patch.collection, patch.id)
    const audience = patch.audience ?? everybody
    if (patch.op === 'del') {
      if ((audiences.get(key) ?? everybody) === audience) drop(key)
    } else {
      changes.set(key, freezeDeep(patch.value as AnyRow))
      if (audience === everybody) audiences.delete(key)
      else audiences.set(key, audience)
    }
  }
  return changes
}
