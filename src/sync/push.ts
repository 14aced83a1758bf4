import { isErrorCode, TidemarkError } from '../errors.ts'
import type { QueuedMutation } from '../persist/disk.ts'
import { pushLimits, type Verdict } from '../protocol/push.ts'
import { groupOf, makeEnvelope, type Wire } from './request.ts'

/** Renames of clients that one cycle may need before something else must be wrong. */
const renamesPerCycle = 8

/** Batches after which a pull is due: what they brought about leaves the queue, and is not said again after a crash. */
const batchesPerPull = 10

/**
 * Pushes the queue, batch by batch, until nothing is left to send or a pull is due. Answers with whether all is said.
 * Raises what the transport raises, `unreachable/busy` where the server gets nowhere.
 */
export async function pushAll(wire: Wire, signal: AbortSignal): Promise<boolean> {
  let renames = 0
  for (let batches = 0; ; batches++) {
    const batch = takeBatch(wire.replica.sendable())
    if (batch.length === 0) return true
    if (batches === batchesPerPull) return false
    await wire.replica.markSent(batch)
    const mutations = batch.map(({ sent: _, ...mutation }) => mutation)
    const { verdicts } = await wire.transport.push(
      { ...makeEnvelope(wire, wire.replica.meta?.epoch), group: groupOf(wire), mutations },
      signal,
    )
    wire.replica.noteVerdicts(verdicts)
    const stuck = verdicts.find((verdict) => verdict.status === 'retry' && verdict.code !== undefined)
    if (stuck && isRenamed(stuck)) {
      if (++renames > renamesPerCycle) throw new TidemarkError('unreachable/busy', { details: { verdict: stuck.code } })
      await wire.replica.rename(stuck.client)
    } else if (wire.replica.sendable()[0]?.id === batch[0]?.id)
      throw new TidemarkError(stuck && isErrorCode(stuck.code) ? stuck.code : 'unreachable/busy')
  }
}

// the server cannot go on under this client id: its mutations go on under another, each in its place, with the same ids
function isRenamed({ code }: Verdict): boolean {
  return code === 'outdated/client-forgotten' || code === 'outdated/client-forked' || code === 'outdated/mutation-gap'
}

/** The first mutations that fit into one push; at least one, however large. */
export function takeBatch(queue: readonly QueuedMutation[]): readonly QueuedMutation[] {
  let bytes = 0
  let count = 0
  for (const mutation of queue) {
    // a character is three bytes of UTF-8 at most
    bytes += JSON.stringify(mutation).length * 3
    if (count > 0 && (bytes > pushLimits.bytes || count >= pushLimits.mutations)) break
    count++
  }
  return queue.slice(0, count)
}
