// A hand-written incremental view for each question that is asked, and one dispatch for each change.
import type { Issue, Named } from '../data/issues.ts'
import type { JoinedIssue, StatusCount, TrackerStore } from '../subject.ts'
import { makeTop } from './top.ts'

type Watching = Pick<TrackerStore, 'watchTop' | 'watchJoined' | 'watchIssue' | 'watchAssigned' | 'watchCounts'>

/** The rows of a tracker, in memory. */
interface Rows {
  readonly issuesById: ReadonlyMap<string, Issue>
  readonly projectsById: ReadonlyMap<string, Named>
  readonly usersById: ReadonlyMap<string, Named>
}

/** Views over rows, none of which has a cost before it is watched. */
export function createViews({ issuesById, projectsById, usersById }: Rows) {
  const movers: ((before: Issue, after: Issue) => void)[] = []
  const renamed: ((projectId: string) => void)[] = []
  const watchersById = new Map<string, (issue: Issue) => void>()
  const assignedById = new Map<string, ReturnType<typeof makeAssigned>>()
  const watching: Watching = {
    watchTop(count, callback) {
      movers.push(makeTop(issuesById.values(), count, callback).move)
    },
    watchJoined(count, callback) {
      const join = makeJoin(projectsById, usersById)
      const top = makeTop(issuesById.values(), count, (found) => callback(found.map(join)))
      movers.push(top.move)
      renamed.push((id) => top.first().some(({ projectId }) => projectId === id) && top.tell())
    },
    watchIssue(id, callback) {
      watchersById.set(id, callback)
      callback(issuesById.get(id))
    },
    watchAssigned(assigneeId, callback) {
      if (assignedById.size === 0) for (const [id, issues] of groupOpen(issuesById.values())) assignedById.set(id, makeAssigned(issues))
      const assigned = assignedById.get(assigneeId) ?? makeAssigned([])
      assignedById.set(assigneeId, assigned)
      assigned.watch(callback)
    },
    watchCounts(callback) {
      movers.push(makeCounts(issuesById.values(), callback))
    },
  }
  return {
    ...watching,
    move(before: Issue, after: Issue) {
      for (const mover of movers) mover(before, after)
      watchersById.get(after.id)?.(after)
      assignedById.get(before.assigneeId)?.move(before, before.assigneeId === after.assigneeId ? after : undefined)
      if (before.assigneeId !== after.assigneeId) assignedById.get(after.assigneeId)?.move(undefined, after)
    },
    rename(projectId: string) {
      for (const tell of renamed) tell(projectId)
    },
  }
}

// a row is joined anew only where it, its project or its assignee is another one
function makeJoin(projectsById: ReadonlyMap<string, Named>, usersById: ReadonlyMap<string, Named>) {
  const joinedByIssue = new WeakMap<Issue, JoinedIssue>()
  return (issue: Issue): JoinedIssue => {
    const [project, assignee] = [projectsById.get(issue.projectId), usersById.get(issue.assigneeId)]
    const known = joinedByIssue.get(issue)
    if (known && known.project === project && known.assignee === assignee) return known
    const joined = { ...issue, project, assignee }
    joinedByIssue.set(issue, joined)
    return joined
  }
}

function groupOpen(issues: Iterable<Issue>): Map<string, Issue[]> {
  const groups = new Map<string, Issue[]>()
  for (const issue of issues) {
    if (issue.status !== 'open') continue
    const group = groups.get(issue.assigneeId)
    if (group) group.push(issue)
    else groups.set(issue.assigneeId, [issue])
  }
  return groups
}

function makeAssigned(issues: readonly Issue[]) {
  const openById = new Map(issues.map((issue) => [issue.id, issue]))
  let callback: ((issues: readonly Issue[]) => void) | undefined
  return {
    watch(next: (issues: readonly Issue[]) => void) {
      callback = next
      next([...openById.values()])
    },
    move(before: Issue | undefined, after: Issue | undefined) {
      const isGone = before?.status === 'open' && after?.status !== 'open' && openById.delete(before.id)
      if (after?.status === 'open') openById.set(after.id, after)
      if (isGone || after?.status === 'open') callback?.([...openById.values()])
    },
  }
}

function makeCounts(issues: Iterable<Issue>, callback: (counts: readonly StatusCount[]) => void) {
  const counts = new Map<string, number>()
  const add = (status: string, by: number): void => {
    const count = (counts.get(status) ?? 0) + by
    if (count === 0) counts.delete(status)
    else counts.set(status, count)
  }
  const tell = (): void => callback(Array.from(counts, ([status, count]) => ({ status, count })))
  for (const { status } of issues) add(status, 1)
  tell()
  return (before: Issue, after: Issue): void => {
    if (before.status === after.status) return
    add(before.status, -1)
    add(after.status, 1)
    tell()
  }
}
