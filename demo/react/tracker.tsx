// The issue tracker of one device: filters, list, detail, and the keys that move through them.
import { useRef, useState } from 'react'
import { useStatus, useStore } from 'tidemark/react'
import { Composer } from './composer.tsx'
import { Filters } from './filters.tsx'
import { Help } from './help.tsx'
import { IssueDetail } from './issue-detail.tsx'
import { IssueList } from './issue-list.tsx'
import { IssueRow, type RowActions } from './issue-row.tsx'
import { Picker } from './picker.tsx'
import { setProperty } from './set-property.ts'
import { FirstRun, Strip } from './strip.tsx'
import { act } from './toast.tsx'
import { useGroups } from './use-groups.ts'
import { useKeys } from './use-keys.ts'
import { everything, isFiltered } from './view.ts'
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
  const groups = useGroups(view)
  const shown = groups.filter(({ status, count }) => count > 0 && (view.status.length === 0 || view.status.includes(status)))

  // the same for as long as the tracker is there: a row is drawn anew when its issue changes, and not before
  const [actions] = useState<RowActions>(() => ({
    open(id) {
      setCursorId(id)
      setOpenId(id)
    },
    select: (id) => setSelected((known) => new Set(known.has(id) ? [...known].filter((one) => one !== id) : [...known, id])),
    chooseStatus(id) {
      setCursorId(id)
      setMenu('status')
    },
    stopEditing: () => setEditingId(undefined),
  }))
  const move = (by: number) => {
    const issues = shown.flatMap((group) => group.issues)
    const index = issues.findIndex(({ id }) => id === cursorId)
    const next = issues[index < 0 ? 0 : Math.min(Math.max(index + by, 0), issues.length - 1)]
    if (!next) return
    setCursorId(next.id)
    if (openId !== undefined) setOpenId(next.id)
  }
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
    x: () => cursorId !== undefined && actions.select(cursorId),
    c: () => setIsComposing(true),
    e: () => setEditingId(cursorId),
    s: () => choose('status'),
    p: () => choose('priority'),
    a: () => choose('assignee'),
    '/': () => search.current?.focus(),
    '?': () => setIsHelping(true),
    Escape: escape,
  })

  return (
    <div className="tracker" ref={root} data-open={openId !== undefined}>
      <div className="tracker-main">
        <Filters view={view} groups={groups} search={search} onChange={setView}>
          <button type="button" className="button primary" onClick={() => setIsComposing(true)}>
            New <kbd>c</kbd>
          </button>
        </Filters>
        <Strip />
        {isComposing && <Composer onCreated={(id) => (setCursorId(id), setIsComposing(false))} onClose={() => setIsComposing(false)} />}
        <IssueList
          groups={shown}
          view={view}
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
        {shown.length === 0 && <Nothing isFiltered={isFiltered(view)} onClear={() => setView({ ...everything, sort: view.sort })} />}
        {menu && <Picker property={menu} onPick={pick} onClose={() => setMenu(undefined)} />}
      </div>
      {openId !== undefined && <IssueDetail id={openId} onOpen={actions.open} onClose={() => setOpenId(undefined)} />}
      {isHelping && <Help onClose={() => setIsHelping(false)} />}
    </div>
  )
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
