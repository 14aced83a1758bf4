import { useStore } from 'tidemark/react'
import { useSignal } from './use-signal.ts'

/** Refused changes, kept with the reason until somebody decides. */
export function Inbox() {
  const { quarantine } = useStore()
  const refused = useSignal(quarantine.list)
  if (refused.length === 0) return <span title="Changes that the server refused">nothing refused</span>
  return (
    <details className="inbox">
      <summary>{refused.length} refused</summary>
      <ul className="floating">
        {refused.map(({ id, calls, message }) => (
          <li key={id}>
            <b>{calls.map(([name]) => name).join(', ')}</b>
            <p>{message}</p>
            <button type="button" className="button" onClick={() => void quarantine.discard(id)}>
              Discard
            </button>
          </li>
        ))}
      </ul>
    </details>
  )
}
