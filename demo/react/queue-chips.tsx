import { useEffect, useState } from 'react'
import type { PendingMutation } from 'tidemark'
import { useStore } from 'tidemark/react'
import { useSignal } from './use-signal.ts'

const shownChips = 24
const leavingMs = 180

const stageNames: Readonly<Record<PendingMutation['stage'], string>> = {
  memory: 'not on disk yet',
  queued: 'on disk, not sent',
  sent: 'sent, no answer yet',
  accepted: 'accepted by the server',
}

/** The queue: a chip for each mutation that the server has not confirmed, in their order. */
export function QueueChips() {
  const queue = useSignal(useStore().mutations.list)
  const leaving = useLeaving(queue)
  const shown = queue.slice(0, shownChips)
  return (
    <div className="queue">
      <ol className="queue-chips" aria-label="Queue">
        {leaving.map((mutation) => (
          <Chip key={mutation.id} mutation={mutation} isLeaving />
        ))}
        {shown.map((mutation) => (
          <Chip key={mutation.id} mutation={mutation} isLeaving={false} />
        ))}
        {queue.length + leaving.length === 0 && <li className="queue-more">Nothing waits to be sent</li>}
        {queue.length > shown.length && <li className="queue-more">+{queue.length - shown.length}</li>}
      </ol>
      <p className="queue-word">{queue.length > 0 && `${queue.length} waiting`}</p>
    </div>
  )
}

function Chip({ mutation: { calls, stage }, isLeaving }: { readonly mutation: PendingMutation; readonly isLeaving: boolean }) {
  const name = calls.length === 1 ? (calls[0]?.[0] ?? '') : `${calls.length} calls`
  const what = calls.map(([call, args]) => `${call}(${args.map((value) => JSON.stringify(value)).join(', ')})`).join('\n')
  return (
    <li
      className="queue-chip"
      data-stage={isLeaving ? 'confirmed' : stage}
      title={`${what.slice(0, 400)}\n${isLeaving ? 'confirmed' : stageNames[stage]}`}
    >
      {name.replace(/^set|^places\./, '').toLowerCase()}
      <span className="unseen">, {isLeaving ? 'confirmed' : stageNames[stage]}</span>
    </li>
  )
}

// Those that have just left the queue, for as long as they take to fade.
function useLeaving(queue: readonly PendingMutation[]): readonly PendingMutation[] {
  const [before, setBefore] = useState(queue)
  const [leaving, setLeaving] = useState<readonly PendingMutation[]>([])
  if (before !== queue) {
    const kept = new Set(queue.map(({ id }) => id))
    setBefore(queue)
    setLeaving([...leaving.filter(({ id }) => !kept.has(id)), ...before.filter(({ id }) => !kept.has(id))].slice(-shownChips))
  }
  useEffect(() => {
    if (leaving.length === 0) return
    const timer = setTimeout(() => setLeaving([]), leavingMs)
    return () => clearTimeout(timer)
  }, [leaving])
  return leaving
}
