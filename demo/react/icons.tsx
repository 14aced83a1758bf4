// Small drawings: each says by its shape what its colour says too.
import type { Person, Priority, Status } from '../schema.ts'
import { personNames } from './words.ts'

/** How far an issue is: a ring that fills. */
export function StatusIcon({ status }: { readonly status: Status }) {
  return (
    <svg className={`icon status-${status}`} viewBox="0 0 16 16" aria-hidden="true">
      <circle
        cx="8"
        cy="8"
        r="6"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.7"
        strokeDasharray={status === 'backlog' ? '2.2 2.2' : undefined}
      />
      {status === 'doing' && <path d="M8 5a3 3 0 0 1 0 6z" fill="currentColor" stroke="currentColor" strokeWidth="1" />}
      {status === 'done' && <circle cx="8" cy="8" r="6" fill="currentColor" />}
      {status === 'done' && (
        <path
          d="m5.3 8.2 1.9 1.9 3.6-4"
          fill="none"
          className="icon-inverse"
          strokeWidth="1.7"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
      )}
    </svg>
  )
}

/** How urgent an issue is: bars that rise. */
export function PriorityIcon({ priority }: { readonly priority: Priority }) {
  if (priority === 4)
    return (
      <svg className="icon priority-urgent" viewBox="0 0 16 16" aria-hidden="true">
        <rect x="1.5" y="1.5" width="13" height="13" rx="3" fill="currentColor" />
        <path d="M8 4.5v4" className="icon-inverse" strokeWidth="1.8" strokeLinecap="round" />
        <circle cx="8" cy="11.3" r="1" className="icon-inverse-fill" />
      </svg>
    )
  return (
    <svg className="icon priority" viewBox="0 0 16 16" aria-hidden="true">
      {[1, 2, 3].map((bar) =>
        priority === 0 ? (
          <rect key={bar} x={bar * 4 - 2} y="7.5" width="3" height="1.5" rx="0.5" fill="currentColor" opacity="0.6" />
        ) : (
          <rect
            key={bar}
            x={bar * 4 - 2}
            y={13 - bar * 3}
            width="3"
            height={bar * 3}
            rx="1"
            fill="currentColor"
            opacity={bar <= priority ? 1 : 0.3}
          />
        ),
      )}
    </svg>
  )
}

/** Whose issue it is: an initial, or an empty ring. */
export function Avatar({ person }: { readonly person: Person | null }) {
  if (person === null) return <span className="avatar avatar-nobody" title="Nobody" />
  return (
    <span className={`avatar avatar-${person}`} title={personNames[person]}>
      <span aria-hidden="true">{personNames[person][0]}</span>
      <span className="unseen">{personNames[person]}</span>
    </span>
  )
}
