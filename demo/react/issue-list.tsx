// The list: virtual, grouped by status. It knows neither keys nor menus: what a row does is the tracker's.
import { useVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, useEffect, useMemo, useRef } from 'react'
import { type Issue, type Status, statuses } from '../schema.ts'
import { StatusIcon } from './icons.tsx'
import { statusNames } from './words.ts'

const rowHeight = 36

interface IssueListProps {
  /** In the order in which they are shown: by status, then as the tracker sorts. */
  readonly issues: readonly Issue[]
  /** The row that is to be in sight. */
  readonly cursorId: string | undefined
  readonly renderRow: (issue: Issue) => ReactNode
}

/** All issues of an answer; only rows in sight are in the page. */
export function IssueList({ issues, cursorId, renderRow }: IssueListProps) {
  const scroller = useRef<HTMLDivElement>(null)
  const entries = useMemo(() => withHeads(issues), [issues])
  // oxlint-disable-next-line react/incompatible-library -- we use no compiler that would have to know
  const virtual = useVirtualizer({
    count: entries.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => entries[index]?.key ?? index,
    overscan: 12,
    scrollPaddingStart: rowHeight,
  })

  const cursorIndex = cursorId === undefined ? -1 : entries.findIndex(({ key }) => key === cursorId)
  useEffect(() => {
    if (cursorIndex >= 0) virtual.scrollToIndex(cursorIndex, { align: 'auto' })
  }, [cursorIndex, virtual])

  return (
    <div className="list" ref={scroller}>
      <div role="list" aria-label="Issues" className="list-rows" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ key, index, start }) => {
          const entry = entries[index]
          return (
            <div
              key={key}
              role="listitem"
              aria-setsize={entries.length}
              aria-posinset={index + 1}
              className="list-slot"
              style={{ transform: `translateY(${start}px)` }}
            >
              {entry?.issue ? renderRow(entry.issue) : entry && <GroupHead status={entry.status} count={entry.count} />}
            </div>
          )
        })}
      </div>
    </div>
  )
}

function GroupHead({ status, count }: { readonly status: Status; readonly count: number }) {
  return (
    <div className="group-head">
      <StatusIcon status={status} />
      <span>{statusNames[status]}</span>
      <span className="count">{count}</span>
    </div>
  )
}

/** An issue, or the head of a group. */
interface Entry {
  readonly key: string
  readonly status: Status
  readonly count: number
  readonly issue?: Issue
}

function withHeads(issues: readonly Issue[]): readonly Entry[] {
  return statuses.flatMap((status) => {
    const group = issues.filter((issue) => issue.status === status)
    if (group.length === 0) return []
    return [{ key: status, status, count: group.length }, ...group.map((issue) => ({ key: issue.id, status, count: 0, issue }))]
  })
}
