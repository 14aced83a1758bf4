import { TidemarkError } from '../errors.ts'
import type { Pending } from '../pending/pending.ts'
import type { BaseCommit, DiskMeta, QuarantinedMutation, QueuedMutation } from '../persist/disk.ts'
import { type RowKey, splitRowKey } from '../protocol/ids.ts'
import type { Patch } from '../protocol/patch.ts'
import { errorToRefusal } from './refusal.ts'

/** What makes a local step. */
export interface LocalStepParts {
  readonly meta: DiskMeta
  /** The first of all that is pending, in its order. */
  readonly mutations: readonly QueuedMutation[]
  readonly quarantine: readonly QuarantinedMutation[]
  readonly pending: Pending
  /** The audience that a row is held under, from a time with a transport. */
  readonly audienceOf: (key: RowKey) => string | undefined
  readonly now: number
}

/**
 * A step of base of a store without a transport. It is its own server: mutations become base as they were predicted. One that cannot run any more, or builds on one
 * that was refused, is refused; it ends the step, because what comes after it was predicted with it.
 */
export function makeLocalStep({ meta, mutations, quarantine, pending, audienceOf, now }: LocalStepParts): BaseCommit {
  const refusedIds = new Set(quarantine.map(({ id }) => id))
  const refuse = (mutation: QueuedMutation): readonly QuarantinedMutation[] => {
    const { sent: _, ...kept } = mutation
    const isOrphan = mutation.needs?.some((need) => refusedIds.has(need))
    const failure = isOrphan ? new TidemarkError('refused/dependency') : pending.failureOf(mutation.id)
    return failure ? [{ ...kept, ...errorToRefusal(failure) }] : []
  }
  const applied: QueuedMutation[] = []
  let quarantined: readonly QuarantinedMutation[] = []
  for (const mutation of mutations) {
    quarantined = refuse(mutation)
    if (quarantined.length > 0) break
    applied.push(mutation)
  }
  const written = new Map(applied.flatMap(({ id }) => [...pending.writesOf(id)]))
  const patches = [...written].map(([key, value]): Patch => {
    const [collection, id] = splitRowKey(key)
    const audience = audienceOf(key)
    const held = audience === undefined ? {} : { audience }
    return value ? { op: 'put', collection, id, value, ...held } : { op: 'del', collection, id, ...held }
  })
  const confirmed: Record<string, number> = {}
  for (const { client, seq } of [...applied, ...quarantined]) confirmed[client] = Math.max(seq, confirmed[client] ?? 0)
  return { patches, cursor: 'local', version: meta.version + 1, epoch: 'local', now, confirmed, quarantined }
}
