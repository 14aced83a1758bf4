// The list: virtual, grouped by status. It knows neither keys nor menus: what a row does is the tracker's.
import { useVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, useEffect, useLayoutEffect, useRef } from 'react'
import type { Issue } from '../schema.ts'
import { StatusIcon } from './icons.tsx'
import type { Group } from './use-groups.ts'
import type { View } from './view.ts'
import { statusNames } from './words.ts'

const rowHeight = 36

interface IssueListProps {
  readonly groups: readonly Group[]
  /** What they are the answer to: a new question is shown from its top. */
  readonly view: View
  /** The row that is to be in sight. */
  readonly cursorId: string | undefined
  readonly renderRow: (issue: Issue) => ReactNode
}

/** All issues of some groups: each has its place, those in sight are loaded and in the page. */
export function IssueList({ groups, view, cursorId, renderRow }: IssueListProps) {
  const scroller = useRef<HTMLDivElement>(null)
  // oxlint-disable-next-line react/incompatible-library -- we use no compiler that would have to know
  const virtual = useVirtualizer({
    count: groups.reduce((sum, { count }) => sum + 1 + count, 0),
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => slotAt(groups, index).key,
    overscan: 12,
    scrollPaddingStart: rowHeight,
  })
  const slots = virtual.getVirtualItems().map((item) => ({ ...item, ...slotAt(groups, item.index) }))
  // before the browser paints: nobody sees an empty place
  useLayoutEffect(() => {
    for (const { group, at, issue } of slots) if (at >= 0 && !issue) group?.loadTo(at)
  })

  useEffect(() => {
    scroller.current?.scrollTo(0, 0)
  }, [view])
  const cursorIndex = indexOf(groups, cursorId)
  useEffect(() => {
    if (cursorIndex >= 0) virtual.scrollToIndex(cursorIndex, { align: 'auto' })
  }, [cursorIndex, virtual])

  return (
    <div className="list" ref={scroller}>
      <div role="list" aria-label="Issues" className="list-rows" style={{ height: virtual.getTotalSize() }}>
        {slots.map(({ key, index, start, group, issue, at }) => (
          <div
            key={key}
            role="listitem"
            aria-setsize={virtual.options.count}
            aria-posinset={index + 1}
            className="list-slot"
            style={{ transform: `translateY(${start}px)` }}
          >
            {issue ? renderRow(issue) : group && at < 0 && <GroupHead {...group} />}
          </div>
        ))}
      </div>
    </div>
  )
}

function GroupHead({ status, count }: Group) {
  return (
    <div className="group-head">
      <StatusIcon status={status} />
      <span>{statusNames[status]}</span>
      <span className="count">{count}</span>
    </div>
  )
}

// A place in the list: the head of a group is before its first issue.
interface Slot {
  readonly key: string
  readonly at: number
  readonly group?: Group
  readonly issue?: Issue | undefined
}

function slotAt(groups: readonly Group[], index: number): Slot {
  let at = index - 1
  for (const group of groups) {
    const issue = group.issues[at]
    if (at < group.count) return { key: issue?.id ?? `${group.status} ${at}`, at, group, issue }
    at -= group.count + 1
  }
  return { key: String(index), at }
}

function indexOf(groups: readonly Group[], id: string | undefined): number {
  let start = 1
  for (const { count, issues } of groups) {
    const at = id === undefined ? -1 : issues.findIndex((issue) => issue.id === id)
    if (at >= 0) return start + at
    start += count + 1
  }
  return -1
}
