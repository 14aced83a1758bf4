import { memo, useEffect, useRef, useState } from 'react'
import { useEntity, useStore } from 'tidemark/react'
import type { Issue } from '../schema.ts'
import { Avatar, PriorityIcon, StatusIcon } from './icons.tsx'
import { act } from './toast.tsx'
import { isTyping } from './use-keys.ts'
import { priorityNames, statusNames } from './words.ts'

/** What a row tells the tracker. */
export interface RowActions {
  open(id: string): void
  select(id: string): void
  chooseStatus(id: string): void
  stopEditing(): void
}

interface IssueRowProps {
  readonly issue: Issue
  readonly isCursor: boolean
  readonly isSelected: boolean
  readonly isEditing: boolean
  readonly actions: RowActions
}

/** An issue in the list. The dot says that something in it is known to this device alone. */
export const IssueRow = memo(function IssueRow({ issue, isCursor, isSelected, isEditing, actions }: IssueRowProps) {
  const { pending } = useEntity(useStore().collections.issues.entity(issue.id))
  const button = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (isCursor && !isEditing && !isTyping(document.activeElement)) button.current?.focus({ preventScroll: true })
  }, [isCursor, isEditing])
  return (
    <div className="row" data-cursor={isCursor} data-selected={isSelected} data-status={issue.status} data-issue={issue.id}>
      <PendingDot isPending={pending} />
      <input
        type="checkbox"
        className="row-check"
        aria-label={`Select “${issue.title}”`}
        checked={isSelected}
        onChange={() => actions.select(issue.id)}
        tabIndex={-1}
      />
      <span className="row-priority" title={priorityNames[issue.priority]}>
        <PriorityIcon priority={issue.priority} />
      </span>
      <button
        type="button"
        className="icon-button"
        aria-label={`Status: ${statusNames[issue.status]}`}
        onClick={() => actions.chooseStatus(issue.id)}
        tabIndex={-1}
      >
        <StatusIcon status={issue.status} />
      </button>
      {isEditing ? (
        <TitleInput issue={issue} onDone={actions.stopEditing} />
      ) : (
        <button type="button" ref={button} className="row-title" aria-current={isCursor} onClick={() => actions.open(issue.id)}>
          {issue.title || 'Untitled'}
        </button>
      )}
      <Avatar person={issue.assignee} />
    </div>
  )
})

/** Says that something is known to this device alone; its place is kept when it is not there. */
export function PendingDot({ isPending }: { readonly isPending: boolean }) {
  return (
    <span
      className="dot"
      data-pending={isPending}
      role="img"
      aria-label={isPending ? 'Not synced yet' : 'Synced'}
      title={isPending ? 'Only this device knows this so far' : undefined}
    />
  )
}

function TitleInput({ issue, onDone }: { readonly issue: Issue; readonly onDone: () => void }) {
  const store = useStore()
  const [title, setTitle] = useState(issue.title)
  const save = () => {
    if (title !== issue.title) act(() => store.mutate.setTitle(issue.id, title))
    onDone()
  }
  return (
    <input
      className="row-input"
      aria-label="Title"
      autoFocus
      maxLength={200}
      value={title}
      onChange={(event) => setTitle(event.target.value)}
      onFocus={(event) => event.target.select()}
      onBlur={save}
      onKeyDown={(event) => {
        if (event.key === 'Enter') save()
        if (event.key === 'Escape') onDone()
      }}
    />
  )
}
