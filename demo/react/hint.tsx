import { useState } from 'react'
import { useStatus } from 'tidemark/react'
import type { Device } from './device.ts'
import { useSignal } from './use-signal.ts'

const seenKey = 'harbour:hint-seen'
const steps = ['Take A offline', 'Change something in both', 'Bring A back']

/** Three steps for a first visit, ticked off as they are done; closed once, it is gone for good. */
export function Hint({ device }: { readonly device: Device }) {
  const [isSeen, setIsSeen] = useState(localStorage.getItem(seenKey) !== null)
  const done = useSteps(device)
  if (isSeen) return null
  const close = () => {
    localStorage.setItem(seenKey, 'yes')
    setIsSeen(true)
  }
  return (
    <aside className="hint" aria-label="First steps">
      <ol>
        {steps.map((step, i) => (
          <li key={step} data-done={i < done} aria-current={i === done ? 'step' : undefined}>
            {step}
          </li>
        ))}
      </ol>
      <span className="hint-word">{done === steps.length ? 'Both show the same again.' : ''}</span>
      <button type="button" className="button quiet" onClick={close}>
        {done === steps.length ? 'Done' : 'Do not show again'}
      </button>
    </aside>
  )
}

// How many steps are done; it only goes up.
function useSteps(device: Device): number {
  const { online } = useSignal(device.network)
  const { pending } = useStatus()
  const [done, setDone] = useState(0)
  const now = !online ? (pending > 0 ? 2 : 1) : done === 2 && pending === 0 ? 3 : 0
  if (now > done) setDone(now)
  return done
}
