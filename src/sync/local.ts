import type { Pending } from '../pending/pending.ts'
import type { BaseCommit, DiskMeta, QueuedMutation } from '../persist/disk.ts'
import { splitRowKey } from '../protocol/ids.ts'
import type { Patch } from '../protocol/patch.ts'

/** What makes a local step. */
export interface LocalStepParts {
  readonly meta: DiskMeta
  /** The first of all that is pending, in its order. */
  readonly mutations: readonly QueuedMutation[]
  readonly pending: Pending
  readonly now: number
}

/** A step of base of a store without a transport: it is its own server, so mutations become base as they were predicted. */
export function makeLocalStep({ meta, mutations, pending, now }: LocalStepParts): BaseCommit {
  const written = new Map(mutations.flatMap(({ id }) => [...pending.writesOf(id)]))
  const patches = [...written].map(([key, value]): Patch => {
    const [collection, id] = splitRowKey(key)
    return value ? { op: 'put', collection, id, value } : { op: 'del', collection, id }
  })
  const confirmed: Record<string, number> = {}
  for (const { client, seq } of mutations) confirmed[client] = Math.max(seq, confirmed[client] ?? 0)
  return { patches, cursor: 'local', version: meta.version + 1, epoch: 'local', now, confirmed, quarantined: [] }
}
