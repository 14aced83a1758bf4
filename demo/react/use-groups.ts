import { useMemo } from 'react'
import { computed, type ReadonlySignal } from 'tidemark'
import { useStore } from 'tidemark/react'
import { type Issue, type Status, statuses } from '../schema.ts'
import { useSignal } from './use-signal.ts'
import { findIssues, sorts, type View } from './view.ts'

const pageSize = 100

/** The issues of one status: how many there are, and from the first those that were scrolled to. */
export interface Group {
  readonly status: Status
  readonly count: number
  readonly issues: readonly Issue[]
  /** Has the issue at `index` among them, and those before it. */
  loadTo(index: number): void
}

/** The issues of a view by status, kept up: one question counts all of them, a window per status holds those that somebody sees. */
export function useGroups(view: View): readonly Group[] {
  const { query } = useStore()
  return useSignal(
    useMemo((): ReadonlySignal<readonly Group[]> => {
      const found = findIssues(query, view)
      const counts = found.groupBy('status').count().live()
      const windows = statuses.map((status) => {
        const sorted = sorts[view.sort].sort(found.where('status', '=', status))
        return { status, window: sorted.limit(pageSize).infinite() }
      })
      return computed(() =>
        windows.map(({ status, window }) => ({
          status,
          count: counts.value.find((group) => group.status === status)?.count ?? 0,
          issues: window.value,
          loadTo(index) {
            while (window.peek().length <= index && window.hasMore.peek()) window.more()
          },
        })),
      )
    }, [query, view]),
  )
}
