import { useState } from 'react'
import { useStore } from 'tidemark/react'
import { newId } from 'tidemark'
import { act } from './toast.tsx'

/** Where a new issue is written: its id is made here, so that it is the same on every device from the first moment. */
export function Composer({ onCreated, onClose }: { readonly onCreated: (id: string) => void; readonly onClose: () => void }) {
  const store = useStore()
  const [title, setTitle] = useState('')
  const create = (event: React.FormEvent) => {
    event.preventDefault()
    if (title.trim() === '') return
    const id = newId()
    act(() => store.mutate.createIssue({ id, title: title.trim() }))
    onCreated(id)
  }
  return (
    <form className="composer" onSubmit={create} onKeyDown={(event) => event.key === 'Escape' && onClose()}>
      <input
        autoFocus
        aria-label="Title of the new issue"
        placeholder="What is to be done?"
        maxLength={200}
        value={title}
        onChange={(event) => setTitle(event.target.value)}
      />
      <button type="submit" className="button primary" disabled={title.trim() === ''}>
        Create
      </button>
      <button type="button" className="button quiet" onClick={onClose}>
        Cancel
      </button>
    </form>
  )
}
