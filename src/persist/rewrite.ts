// What the leader changes in mutations that are queued.

import type { QueuedMutation } from './disk.ts'
import { type DiskHead, isSettled } from './session.ts'

/** Answers with the mutations as they are to be; with the same list where nothing changes. */
export type Rewrite = (mutations: readonly QueuedMutation[], found: DiskHead) => readonly QueuedMutation[]

/** Marks mutations as sent. */
export function markEach(ids: readonly string[]): Rewrite {
  const marked = new Set(ids)
  const isNew = ({ id, sent }: QueuedMutation): boolean => !sent && marked.has(id)
  return (mutations) =>
    mutations.some(isNew) ? mutations.map((mutation) => (isNew(mutation) ? { ...mutation, sent: true } : mutation)) : mutations
}

/** Gives the mutations of one client another client id and new sequence numbers. What counts as gone keeps its name, by which it counts as gone. */
export function renameEach(from: string, to: string): Rewrite {
  let seq = 0
  return (mutations, { meta }) => {
    const isHis = (mutation: QueuedMutation): boolean => mutation.client === from && !isSettled(meta.confirmed, mutation)
    return mutations.some(isHis)
      ? mutations.map((mutation) => (isHis(mutation) ? { ...mutation, client: to, seq: ++seq } : mutation))
      : mutations
  }
}
