import type { Pending } from '../pending/pending.ts'
import { splitRowKey } from '../protocol/ids.ts'
import type { Patch } from '../protocol/patch.ts'
import type { Replica } from './replica.ts'

/** A cycle of a store without a transport: it is its own server, so what is queued becomes base as it was predicted. */
export async function runLocalCycle(replica: Replica, pending: Pending): Promise<void> {
  const { meta } = replica
  const queue = replica.sendable()
  if (!meta || (queue.length === 0 && meta.cursor !== null)) return
  const written = new Map(queue.flatMap(({ id }) => [...pending.writesOf(id)]))
  const patches = [...written].map(([key, value]): Patch => {
    const [collection, id] = splitRowKey(key)
    return value ? { op: 'put', collection, id, value } : { op: 'del', collection, id }
  })
  const confirmed: Record<string, number> = {}
  for (const { client, seq } of queue) confirmed[client] = Math.max(seq, confirmed[client] ?? 0)
  await replica.commit({
    patches,
    cursor: 'local',
    version: meta.version + 1,
    epoch: 'local',
    now: replica.serverClock.stamp(),
    confirmed,
    refused: [],
  })
}
