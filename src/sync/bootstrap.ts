import { TidemarkError } from '../errors.ts'
import type { AnyRow } from '../schema/row.ts'
import { pullPages } from './pull.ts'
import type { StagedRow } from './base.ts'
import { groupOf, makeEnvelope, type Wire } from './request.ts'

/** How far a snapshot is. */
export type OnProgress = (progress: { readonly received: number; readonly total: number } | undefined) => void

/**
 * Fetches all of base anew, beside the old one: rows as they stream in, then what changed meanwhile, then one swap.
 * Whatever breaks off leaves the old base. Raises what the transport and the disk raise.
 */
export async function bootstrap(wire: Wire, onProgress: OnProgress, signal: AbortSignal): Promise<void> {
  const staging = await wire.replica.stage()
  let writing = Promise.resolve()
  try {
    const rows: StagedRow[] = []
    let total = 0
    let foot: string | undefined
    let historyEpoch: string | undefined
    for await (const part of wire.transport.snapshot({ ...makeEnvelope(wire, undefined), group: groupOf(wire) }, signal)) {
      if ('head' in part) {
        total = part.head.total
        historyEpoch = part.head.epoch
      } else if ('foot' in part) foot = part.foot.cursor
      else {
        const added = part.rows.map(([collection, row, audience]): StagedRow => [collection, row as AnyRow, audience])
        // the next rows travel while these are written
        await writing
        writing = staging.add(added)
        writing.catch(() => {})
        for (const row of added) rows.push(row)
      }
      onProgress({ received: rows.length, total: Math.max(total, rows.length) })
    }
    await writing
    if (foot === undefined)
      throw new TidemarkError('unreachable/not-tidemark', { message: 'The snapshot broke off. Nothing to do: it is tried again.' })
    const pulled = await pullPages(wire, { cursor: foot, epoch: historyEpoch }, signal)
    if (typeof pulled === 'string')
      throw new TidemarkError('unreachable/busy', {
        message: 'The server’s history changed during the snapshot. Nothing to do: it is tried again.',
      })
    const { cursor, version, epoch, now, confirmed, refused } = pulled.last
    await wire.replica.replace(staging, rows, { patches: pulled.patches, cursor, version, epoch, now, confirmed, refused })
  } catch (error) {
    await writing.catch(() => {})
    await staging.discard()
    throw error
  } finally {
    onProgress(undefined)
  }
}
