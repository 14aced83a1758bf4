import { TidemarkError } from '../errors.ts'
import type { BaseCommit, Disk, DiskState, Lease, QuarantinedMutation, QueuedMutation, Staging } from './disk.ts'
import { type MetaParts, makeMeta, moveMeta } from './meta.ts'
import { markEach, type Rewrite, renameEach } from './rewrite.ts'
import { isSettled } from './session.ts'

/*
 * The disk of a store that keeps to itself in memory: no other tab sees it, no reload finds it. Its one opener wrote every row of base and has them all,
 * so none are kept here, and no log: only what the opener asks for again.
 *
 *   load, once ─▶ nothing yet        enqueue, commit, … ─▶ queue, quarantine, meta, position        follow ─▶ those, and never a row
 */

/** A new disk, of whoever opens it alone. Raises `bug/invariant` where rows are asked for that were written to it. */
export function createVolatileDisk(parts: MetaParts): Disk {
  let meta = makeMeta(parts)
  let head = 0
  let steppedAt = 0
  let queue: readonly QueuedMutation[] = []
  let quarantine: readonly QuarantinedMutation[] = []
  let isClosed = false

  const run = async <T>(work: () => T): Promise<T> => {
    if (isClosed) throw new TidemarkError('misuse/closed')
    return work()
  }
  const look = (position: number): Omit<DiskState, 'rowsByCollection' | 'audiences'> => {
    // an answer without the rows between would pass for one without changes
    if (position < steppedAt || position > head) throw new TidemarkError('bug/invariant', { details: { position, steppedAt, head } })
    return { head, meta, queue, quarantine }
  }
  const isLeased = ({ term, cursor }: Lease): boolean => term === meta.term && cursor === meta.cursor
  const rewriteQueue = (lease: Lease, rewrite: Rewrite): number | null => {
    if (!isLeased(lease)) return null
    const rewritten = rewrite(queue, { meta, head })
    if (rewritten === queue) return head
    queue = rewritten
    return ++head
  }
  const step = (commit: BaseCommit, keys: number): number => {
    const refused = new Set(commit.quarantined.map(({ id }) => id))
    meta = moveMeta(meta, commit)
    queue = queue.filter((mutation) => !isSettled(meta.confirmed, mutation))
    if (refused.size > 0) quarantine = [...quarantine.filter(({ id }) => !refused.has(id)), ...commit.quarantined]
    head += keys
    steppedAt = head
    return head
  }
  const stage = (): Staging => {
    const { term } = meta
    let isOver = false
    return {
      // whoever stages rows has them, and shows them at the swap
      add: () => run(() => {}),
      commit: (lease, commit) => run(() => (isOver || lease.term !== term || !isLeased(lease) ? null : step(commit, keysOfSwap))),
      async discard() {
        isOver = true
      },
    }
  }
  const close = async (): Promise<void> => {
    isClosed = true
  }

  return {
    kind: 'memory',
    load: () => run(() => ({ ...look(0), rowsByCollection: new Map(), audiences: new Map() })),
    follow: (position) => run(() => ({ whole: false, ...look(position), patches: [], refused: [] })),
    enqueue: (mutations) =>
      run(() => {
        queue = [...queue, ...mutations.filter((mutation) => !isSettled(meta.confirmed, mutation))]
        return ++head
      }),
    markSent: (ids, lease) => run(() => rewriteQueue(lease, markEach(ids))),
    renameClient: (from, to, lease) => run(() => rewriteQueue(lease, renameEach(from, to))),
    lead: () =>
      run(() => {
        meta = { ...meta, term: meta.term + 1 }
        return meta.term
      }),
    commit: (lease, commit) => run(() => (isLeased(lease) ? step(commit, 1) : null)),
    commitHere: (position, commit) => run(() => (position === head ? step(commit, 1) : null)),
    stage: () => run(stage),
    discard: (ids) =>
      run(() => {
        const discarded = new Set(ids)
        quarantine = quarantine.filter(({ id }) => !discarded.has(id))
        return ++head
      }),
    compact: (lease, position) =>
      run(() => {
        if (!isLeased(lease) || position > head) return false
        meta = { ...meta, compactedTo: Math.max(position, meta.compactedTo) }
        return true
      }),
    destroy: close,
    close,
  }
}

// as on disk: the swap, and the step over it
const keysOfSwap = 2
