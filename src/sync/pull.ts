import { TidemarkError } from '../errors.ts'
import type { Patch } from '../protocol/patch.ts'
import type { PullPage } from '../protocol/pull.ts'
import { groupOf, makeEnvelope, type Wire } from './request.ts'

/** How a pull ended: base is as new as the server was, the cursor is of no use any more, or newer base came in between and it is to be asked again. */
export type PullEnd = 'done' | 'reset-epoch' | 'reset-too-old' | 'again'

/** A whole pull: the pages of one answer, put together. */
export interface PulledPages {
  readonly patches: readonly Patch[]
  readonly last: PullPage
}

/** Brings base up to date. Pages with more are staged: only the last one ends at a version. Raises what the transport raises. */
export async function pullAll(wire: Wire, signal: AbortSignal): Promise<PullEnd> {
  const { meta } = wire.replica
  const pulled = await pullPages(wire, { cursor: meta?.cursor ?? null, epoch: meta?.epoch }, signal)
  if (typeof pulled === 'string') return pulled
  const { patches, last } = pulled
  if (patches.length === 0 && meta && last.version === meta.version && last.cursor === meta.cursor) return 'done'
  const { cursor, version, epoch, now, confirmed, refused } = last
  return (await wire.replica.commit({ patches, cursor, version, epoch, now, confirmed, refused })) ? 'done' : 'again'
}

/** All pages from a cursor on. An answer to another question (a cache's, a late one's) is asked for again. */
export async function pullPages(
  wire: Wire,
  from: { readonly cursor: string | null; readonly epoch: string | null | undefined },
  signal: AbortSignal,
): Promise<PulledPages | Exclude<PullEnd, 'done'>> {
  const patches: Patch[] = []
  for (let { cursor } = from; ; ) {
    const answer = await wire.transport.pull({ ...makeEnvelope(wire, from.epoch), group: groupOf(wire), cursor }, signal)
    if ('reset' in answer) return answer.reset === 'epoch' ? 'reset-epoch' : 'reset-too-old'
    if (answer.from !== cursor) return 'again'
    for (const patch of answer.patches) patches.push(patch)
    if (!answer.more) return { patches, last: answer }
    if (answer.cursor === cursor) throw new TidemarkError('unreachable/not-tidemark', { details: { reason: 'a page that goes nowhere' } })
    cursor = answer.cursor
  }
}
