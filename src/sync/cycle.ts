import { TidemarkError } from '../errors.ts'
import { bootstrap, type OnProgress } from './bootstrap.ts'
import { pullAll } from './pull.ts'
import { pushAll } from './push.ts'
import type { Wire } from './request.ts'

/** Who hears how a cycle goes. */
export interface CycleHooks {
  readonly onProgress: OnProgress
  readonly onResync: (reason: 'epoch' | 'too-old') => void
}

/** Pulls that one cycle asks again before something else must be wrong. */
const againPerCycle = 8

/** Everything said and everything heard, once: first rows where there are none, then the queue, then what changed. Raises what it met. */
export async function runCycle(wire: Wire, { onProgress, onResync }: CycleHooks, signal: AbortSignal): Promise<void> {
  const { replica } = wire
  const resync = async (reason: 'epoch' | 'too-old'): Promise<void> => {
    onResync(reason)
    // another history knows nothing of this one's clients: what is pending goes on under new ids
    if (reason === 'epoch') for (const client of new Set(replica.queue.map(({ mutation }) => mutation.client))) await replica.rename(client)
    await bootstrap(wire, onProgress, signal)
  }
  if (replica.meta?.cursor === null) await bootstrap(wire, onProgress, signal)
  const push = async (): Promise<boolean> => {
    try {
      return await pushAll(wire, signal)
    } catch (error) {
      if (!(error instanceof TidemarkError) || error.code !== 'outdated/epoch-changed') throw error
      await resync('epoch')
      return pushAll(wire, signal)
    }
  }
  let again = 0
  for (let isAllSaid = await push(); ; ) {
    const end = await pullAll(wire, signal)
    if (end === 'again' && ++again > againPerCycle) throw new TidemarkError('unreachable/busy')
    if (end === 'done' && isAllSaid) return
    if (end === 'done') isAllSaid = await push()
    else if (end !== 'again') await resync(end === 'reset-epoch' ? 'epoch' : 'too-old')
    if (signal.aborted) throw new TidemarkError('unreachable/offline')
  }
}
