import { TidemarkError } from '../errors.ts'
import type { Poke } from '../protocol/poke.ts'
import { groupOf, makeEnvelope, type Wire } from './request.ts'

/** What becomes of a poke: it was applied, it says nothing new, or a pull is to bring what it cannot. */
type PokeEnd = 'applied' | 'ignored' | 'pull'

/** Listens for pokes until the stream ends, and applies those that join what base covers. Raises what the stream died of. */
export async function listenForPokes(
  wire: Wire,
  on: { readonly opened: () => void; readonly pull: () => void },
  signal: AbortSignal,
): Promise<void> {
  const { transport, replica } = wire
  if (!transport.subscribe) return
  const request = { ...makeEnvelope(wire, replica.meta?.epoch), group: groupOf(wire), version: replica.meta?.version ?? 0 }
  let isOpen = false
  const open = (): void => {
    if (!isOpen) on.opened()
    isOpen = true
  }
  for await (const poke of transport.subscribe(request, signal, open)) {
    open()
    if ((await applyPoke(wire, poke)) === 'pull') on.pull()
  }
  throw new TidemarkError('unreachable/server-error', { message: 'The stream of changes ended. Nothing to do: it is opened again.' })
}

/** Applies a poke when it joins, ignores it when it is covered, and otherwise asks for one pull. */
async function applyPoke({ replica }: Wire, poke: Poke): Promise<PokeEnd> {
  const { meta } = replica
  if ('wake' in poke || !meta || meta.cursor === null || poke.epoch !== meta.epoch) return 'pull'
  if (poke.max <= meta.version) return 'ignored'
  if (poke.min > meta.version + 1) return 'pull'
  const { patches, max: version, epoch, now, confirmed, refused } = poke
  return (await replica.commit({ patches, cursor: meta.cursor, version, epoch, now, confirmed, refused })) ? 'applied' : 'pull'
}
