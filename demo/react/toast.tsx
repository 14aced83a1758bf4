import { signal, TidemarkError, type Writing } from 'tidemark'
import { useSignal } from './use-signal.ts'

const shownMs = 6000
const toasts = signal<readonly { readonly id: number; readonly text: string }[]>([])
let lastId = 0

/** Shows a sentence for a while. */
export function say(text: string): void {
  const id = ++lastId
  const withoutIt = () => toasts.peek().filter((toast) => toast.id !== id)
  toasts.value = [...toasts.peek().filter((toast) => toast.text !== text), { id, text }]
  setTimeout(() => (toasts.value = withoutIt()), shownMs)
}

/** Makes a change; where it is refused, the reason is shown. */
export function act(write: () => Writing): void {
  try {
    write().catch(explain)
  } catch (error) {
    explain(error)
  }
}

/** The sentences that are shown at the moment. */
export function Toasts() {
  return (
    <div className="toasts" role="status" aria-live="polite">
      {useSignal(toasts).map(({ id, text }) => (
        <p key={id} className="toast">
          {text}
        </p>
      ))}
    </div>
  )
}

function explain(error: unknown): void {
  say(error instanceof TidemarkError ? error.message : String(error))
}
