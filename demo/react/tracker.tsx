// The issue tracker of one device: filters, list, detail, and the keys that move through them.
import { useMemo, useRef, useState } from 'react'
import { useQuery, useStatus, useStore } from 'tidemark/react'
import type { Issue } from '../schema.ts'
import { Composer } from './composer.tsx'
import { everything, Filters, type View } from './filters.tsx'
import { Help } from './help.tsx'
import { IssueDetail } from './issue-detail.tsx'
import { IssueList } from './issue-list.tsx'
import { IssueRow } from './issue-row.tsx'
import { Picker } from './picker.tsx'
import { setProperty } from './set-property.ts'
import { statuses } from '../schema.ts'
import { FirstRun, Strip } from './strip.tsx'
import { act } from './toast.tsx'
import { useKeys } from './use-keys.ts'
import type { Property } from './words.ts'

const none: ReadonlySet<string> = new Set()

/** Harbour, as one person sees it. */
export function Tracker() {
  const store = useStore()
  const root = useRef<HTMLDivElement>(null)
  const search = useRef<HTMLInputElement>(null)
  const [view, setView] = useState(everything)
  const [cursorId, setCursorId] = useState<string>()
  const [openId, setOpenId] = useState<string>()
  const [editingId, setEditingId] = useState<string>()
  const [selected, setSelected] = useState(none)
  const [menu, setMenu] = useState<Property>()
  const [isComposing, setIsComposing] = useState(false)
  const [isHelping, setIsHelping] = useState(false)
  const issues = useIssues(view)

  const open = (id: string) => {
    setCursorId(id)
    setOpenId(id)
  }
  const move = (by: number) => {
    const index = issues.findIndex(({ id }) => id === cursorId)
    const next = issues[index < 0 ? 0 : Math.min(Math.max(index + by, 0), issues.length - 1)]
    if (!next) return
    setCursorId(next.id)
    if (openId !== undefined) setOpenId(next.id)
  }
  const select = (id: string) => setSelected(new Set(selected.has(id) ? [...selected].filter((one) => one !== id) : [...selected, id]))
  const choose = (property: Property) => (cursorId !== undefined || selected.size > 0) && setMenu(property)
  const pick = (index: number) => {
    const targets = selected.size > 0 ? [...selected] : cursorId === undefined ? [] : [cursorId]
    if (menu) for (const id of targets) act(() => setProperty(store, menu, { id, index }))
    setMenu(undefined)
    setSelected(none)
  }
  const escape = () => {
    if (selected.size > 0) setSelected(none)
    else setOpenId(undefined)
  }

  useKeys(root, {
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    x: () => cursorId !== undefined && select(cursorId),
    c: () => setIsComposing(true),
    e: () => setEditingId(cursorId),
    s: () => choose('status'),
    p: () => choose('priority'),
    a: () => choose('assignee'),
    '/': () => search.current?.focus(),
    '?': () => setIsHelping(true),
    Escape: escape,
  })

  const actions = {
    open,
    select,
    chooseStatus: (id: string) => {
      setCursorId(id)
      setMenu('status')
    },
    stopEditing: () => setEditingId(undefined),
  }
  return (
    <div className="tracker" ref={root} data-open={openId !== undefined}>
      <div className="tracker-main">
        <div className="toolbar">
          <Filters view={view} search={search} onChange={setView} />
          <button type="button" className="button primary" onClick={() => setIsComposing(true)}>
            New <kbd>c</kbd>
          </button>
        </div>
        <Strip />
        {isComposing && <Composer onCreated={(id) => (setCursorId(id), setIsComposing(false))} onClose={() => setIsComposing(false)} />}
        <IssueList
          issues={issues}
          cursorId={cursorId}
          renderRow={(issue) => (
            <IssueRow
              issue={issue}
              isCursor={issue.id === cursorId}
              isSelected={selected.has(issue.id)}
              isEditing={issue.id === editingId}
              actions={actions}
            />
          )}
        />
        {issues.length === 0 && <Nothing isFiltered={view.text !== '' || view.statuses.length > 0} onClear={() => setView(everything)} />}
        {menu && <Picker property={menu} onPick={pick} onClose={() => setMenu(undefined)} />}
      </div>
      {openId !== undefined && <IssueDetail id={openId} onOpen={open} onClose={() => setOpenId(undefined)} />}
      {isHelping && <Help onClose={() => setIsHelping(false)} />}
    </div>
  )
}

// Statuses and order are the query's; the text, which may stand anywhere in a title, is looked for in its answer.
function useIssues({ statuses: wanted, text, sort }: View): readonly Issue[] {
  const { query } = useStore()
  const all = wanted.length > 0 ? query.issues.where('status', 'in', wanted) : query.issues
  const { data } = useQuery(all.orderBy(sort, sort === 'title' ? 'asc' : 'desc'))
  return useMemo(() => {
    const needle = text.trim().toLowerCase()
    const found = needle === '' ? data : data.filter(({ title }) => title.toLowerCase().includes(needle))
    return statuses.flatMap((status) => found.filter((issue) => issue.status === status))
  }, [data, text])
}

function Nothing({ isFiltered, onClear }: { readonly isFiltered: boolean; readonly onClear: () => void }) {
  const { phase } = useStatus()
  if (phase === 'opening' || phase === 'loading') return <FirstRun />
  if (!isFiltered) return <p className="empty">No issues yet. Press c to write the first one.</p>
  return (
    <p className="empty">
      Nothing matches.{' '}
      <button type="button" className="button" onClick={onClear}>
        Show everything
      </button>
    </p>
  )
}
