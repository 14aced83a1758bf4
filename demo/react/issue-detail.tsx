// One issue in full: what one types is saved as one types, there is no Save button.
import { newId } from 'tidemark'
import { useEntity, useQuery, useStore } from 'tidemark/react'
import type { Issue } from '../schema.ts'
import { StatusIcon } from './icons.tsx'
import { PendingDot } from './issue-row.tsx'
import { setProperty } from './set-property.ts'
import { act } from './toast.tsx'
import { useDraft } from './use-draft.ts'
import { choices, type Property } from './words.ts'

interface IssueDetailProps {
  readonly id: string
  readonly onOpen: (id: string) => void
  readonly onClose: () => void
}

/** The panel beside the list; on a phone it lies over it. */
export function IssueDetail({ id, onOpen, onClose }: IssueDetailProps) {
  const { query, collections } = useStore()
  const { data: issue } = useQuery(
    query.issues
      .with('parent')
      .with('parts', (parts) => parts.orderBy('createdAt'))
      .single(id),
  )
  const { pending } = useEntity(collections.issues.entity(id))
  return (
    <aside className="detail" aria-label="Issue">
      <header className="detail-head">
        <button type="button" className="button quiet" onClick={onClose}>
          <span aria-hidden="true">←</span> Issues
        </button>
        <span className="detail-sync">
          <PendingDot isPending={pending} />
          {pending ? 'Only on this device so far' : 'Synced'}
        </span>
      </header>
      {issue ? <Fields key={id} issue={issue} onOpen={onOpen} /> : <p className="empty">This issue is not here any more.</p>}
    </aside>
  )
}

/** An issue with what it is a part of, and its parts. */
interface Relative extends Issue {
  readonly parent: Issue | undefined
  readonly parts: readonly Issue[]
}

function Fields({ issue, onOpen }: { readonly issue: Relative; readonly onOpen: (id: string) => void }) {
  const { mutate } = useStore()
  const title = useDraft(issue.title, (text) => act(() => mutate.setTitle(issue.id, text)))
  const description = useDraft(issue.description, (text) => act(() => mutate.setDescription(issue.id, text)))
  return (
    <div className="detail-body">
      <textarea
        className="detail-title"
        aria-label="Title"
        rows={1}
        maxLength={200}
        value={title.text}
        onChange={(event) => title.type(event.target.value.replaceAll('\n', ' '))}
        onBlur={title.commit}
      />
      <dl className="properties">
        <Choice property="status" label="Status" issue={issue} />
        <Choice property="priority" label="Priority" issue={issue} />
        <Choice property="assignee" label="Assignee" issue={issue} />
      </dl>
      <textarea
        className="detail-description"
        aria-label="Description"
        placeholder="Add a description …"
        rows={5}
        maxLength={20_000}
        value={description.text}
        onChange={(event) => description.type(event.target.value)}
        onBlur={description.commit}
      />
      <Family issue={issue} onOpen={onOpen} />
      <p className="detail-foot">
        Created {new Date(issue.createdAt).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })}
      </p>
    </div>
  )
}

function Choice({ property, label, issue }: { readonly property: Property; readonly label: string; readonly issue: Issue }) {
  const store = useStore()
  const options: readonly (readonly [value: unknown, name: string])[] = choices[property]
  const index = options.findIndex(([value]) => value === issue[property])
  return (
    <div className="property">
      <dt>{label}</dt>
      <dd>
        <select
          aria-label={label}
          value={index}
          onChange={(event) => act(() => setProperty(store, property, { id: issue.id, index: Number(event.target.value) }))}
        >
          {options.map(([, name], i) => (
            <option key={name} value={i}>
              {name}
            </option>
          ))}
        </select>
      </dd>
    </div>
  )
}

function Family({ issue: { id: parentId, parent, parts }, onOpen }: { readonly issue: Relative; readonly onOpen: (id: string) => void }) {
  const { mutate } = useStore()
  const add = () => {
    const id = newId()
    act(() => mutate.createIssue({ id, title: '', parentId }))
    onOpen(id)
  }
  return (
    <section className="family">
      {parent && (
        <p className="family-parent">
          Part of <LinkTo issue={parent} onOpen={onOpen} />
        </p>
      )}
      <h3>
        Sub-issues{' '}
        {parts.length > 0 && (
          <span className="count">
            {parts.filter(({ status }) => status === 'done').length} of {parts.length} done
          </span>
        )}
      </h3>
      {parts.map((part) => (
        <LinkTo key={part.id} issue={part} onOpen={onOpen} />
      ))}
      <button type="button" className="button quiet" onClick={add}>
        + Add a sub-issue
      </button>
    </section>
  )
}

function LinkTo({ issue, onOpen }: { readonly issue: Issue; readonly onOpen: (id: string) => void }) {
  return (
    <button type="button" className="family-link" onClick={() => onOpen(issue.id)}>
      <StatusIcon status={issue.status} />
      {issue.title || 'Untitled'}
    </button>
  )
}
