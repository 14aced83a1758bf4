import type { RefObject } from 'react'
import { useQuery, useStore } from 'tidemark/react'
import { type Status, statuses } from '../schema.ts'
import { StatusIcon } from './icons.tsx'
import { statusNames } from './words.ts'

/** Which issues are shown, and in what order within their status. */
export interface View {
  readonly statuses: readonly Status[]
  readonly text: string
  readonly sort: 'priority' | 'createdAt' | 'title'
}

/** All issues. */
export const everything: View = { statuses: [], text: '', sort: 'priority' }

interface FiltersProps {
  readonly view: View
  readonly search: RefObject<HTMLInputElement | null>
  readonly onChange: (view: View) => void
}

/** The line above the list: text, a chip for each status with its live count, order. */
export function Filters({ view, search, onChange }: FiltersProps) {
  const toggle = (status: Status) =>
    onChange({
      ...view,
      statuses: view.statuses.includes(status) ? view.statuses.filter((one) => one !== status) : [...view.statuses, status],
    })
  return (
    <div className="filters" role="search">
      <input
        ref={search}
        type="search"
        className="search"
        aria-label="Search titles"
        placeholder="Search"
        value={view.text}
        onChange={(event) => onChange({ ...view, text: event.target.value })}
        onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
      />
      <div className="chips" role="group" aria-label="Status">
        {statuses.map((status) => (
          <StatusChip key={status} status={status} isOn={view.statuses.includes(status)} onToggle={() => toggle(status)} />
        ))}
      </div>
      <select
        className="sort"
        aria-label="Order"
        value={view.sort}
        onChange={(event) => onChange({ ...view, sort: event.target.value as View['sort'] })}
      >
        <option value="priority">By priority</option>
        <option value="createdAt">Newest first</option>
        <option value="title">By title</option>
      </select>
    </div>
  )
}

function StatusChip({ status, isOn, onToggle }: { readonly status: Status; readonly isOn: boolean; readonly onToggle: () => void }) {
  const { data } = useQuery(useStore().query.issues.where('status', '=', status))
  return (
    <button type="button" className="chip" aria-pressed={isOn} onClick={onToggle} title={statusNames[status]}>
      <StatusIcon status={status} />
      <span className="chip-name">{statusNames[status]}</span>
      <span className="count">{data.length}</span>
    </button>
  )
}
