import type { ReactNode, RefObject } from 'react'
import { statuses } from '../schema.ts'
import { Avatar, PriorityIcon, StatusIcon } from './icons.tsx'
import type { Group } from './use-groups.ts'
import { everything, isFiltered, sorts, type View } from './view.ts'
import { choices, statusNames } from './words.ts'

interface FiltersProps {
  readonly view: View
  /** All groups, for their counts. */
  readonly groups: readonly Group[]
  readonly search: RefObject<HTMLInputElement | null>
  readonly onChange: (view: View) => void
  /** What else stands in the first line. */
  readonly children: ReactNode
}

/** The lines above the list: text and order, and a chip for each value that one may narrow by. */
export function Filters({ view, groups, search, onChange, children }: FiltersProps) {
  const set = (change: Partial<View>) => onChange({ ...view, ...change })
  return (
    <div className="filters" role="search">
      <div className="toolbar">
        <input
          ref={search}
          type="search"
          className="search"
          aria-label="Search titles"
          placeholder="Search"
          value={view.text}
          onChange={(event) => set({ text: event.target.value })}
          onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
        />
        <select
          className="sort"
          aria-label="Order"
          value={view.sort}
          onChange={(event) => set({ sort: event.target.value as View['sort'] })}
        >
          {Object.entries(sorts).map(([key, { name }]) => (
            <option key={key} value={key}>
              {name}
            </option>
          ))}
        </select>
        {children}
      </div>
      <div className="toolbar">
        <Chips
          label="Status"
          values={statuses.map((status) => [status, statusNames[status]])}
          chosen={view.status}
          onChange={(status) => set({ status })}
        >
          {(status, name) => (
            <>
              <StatusIcon status={status} />
              <span className="chip-name">{name}</span>
              <span className="count">{groups.find((group) => group.status === status)?.count}</span>
            </>
          )}
        </Chips>
        <Chips label="Priority" values={choices.priority} chosen={view.priority} onChange={(priority) => set({ priority })}>
          {(priority) => <PriorityIcon priority={priority} />}
        </Chips>
        <Chips label="Assignee" values={choices.assignee} chosen={view.assignee} onChange={(assignee) => set({ assignee })}>
          {(person) => <Avatar person={person} />}
        </Chips>
        <button
          type="button"
          className="button quiet clear"
          hidden={!isFiltered(view)}
          onClick={() => set({ ...everything, sort: view.sort })}
        >
          Clear
        </button>
      </div>
    </div>
  )
}

interface ChipsProps<V> {
  readonly label: string
  readonly values: readonly (readonly [value: V, name: string])[]
  /** None of them: all. */
  readonly chosen: readonly V[]
  readonly onChange: (chosen: readonly V[]) => void
  readonly children: (value: V, name: string) => ReactNode
}

function Chips<V>({ label, values, chosen, onChange, children }: ChipsProps<V>) {
  const toggle = (value: V) => onChange(chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value])
  return (
    <div className="chips" role="group" aria-label={label}>
      {values.map(([value, name]) => (
        <button key={name} type="button" className="chip" aria-pressed={chosen.includes(value)} title={name} onClick={() => toggle(value)}>
          {children(value, name)}
        </button>
      ))}
    </div>
  )
}
