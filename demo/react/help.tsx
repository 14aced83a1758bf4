import { useEffect, useRef } from 'react'

const keys = [
  ['j k', 'move down and up'],
  ['Enter', 'open'],
  ['c', 'create an issue'],
  ['e', 'edit the title in place'],
  ['x', 'select, for several at once'],
  ['s p a', 'set status, priority, assignee'],
  ['/', 'search'],
  ['Esc', 'close, or select nothing'],
  ['?', 'this list'],
] as const

/** The list of keys. */
export function Help({ onClose }: { readonly onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  return (
    <dialog
      ref={dialog}
      className="floating help"
      aria-label="Keys"
      onClose={onClose}
      onClick={(event) => event.target === event.currentTarget && onClose()}
    >
      <h2>Keys</h2>
      <dl>
        {keys.map(([key, meaning]) => (
          <div key={key}>
            <dt>
              {key.split(' ').map((one) => (
                <kbd key={one}>{one}</kbd>
              ))}
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <button type="button" className="button" onClick={onClose}>
        Close
      </button>
    </dialog>
  )
}
