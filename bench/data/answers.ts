// What is true of a tracker, by a plain loop for each question.
import type { JoinedIssue, StatusCount } from '../subject.ts'
import type { Issue, Tracker } from './issues.ts'

/** The rows that the main question answers with: open issues, the last updated first. */
export const topCount = 50

/** The answer to the main question, from all open issues or from some of which it is known that they hold it. */
export function findTop(issues: readonly Issue[], count = topCount): readonly Issue[] {
  return issues
    .filter(({ status }) => status === 'open')
    .toSorted((a, b) => b.updatedAt - a.updatedAt)
    .slice(0, count)
}

/** The main question's answer with the rows that each issue names. */
export function findJoined({ issues, projects, users }: Tracker, count = topCount): readonly JoinedIssue[] {
  return findTop(issues, count).map((issue) => ({
    ...issue,
    project: projects.find(({ id }) => id === issue.projectId),
    assignee: users.find(({ id }) => id === issue.assigneeId),
  }))
}

/** The open issues of one assignee. */
export function findAssigned(issues: readonly Issue[], assigneeId: string): readonly Issue[] {
  return issues.filter((issue) => issue.assigneeId === assigneeId && issue.status === 'open')
}

/** How many issues are in each status. */
export function countByStatus(issues: readonly Issue[]): readonly StatusCount[] {
  const counts = new Map<string, number>()
  for (const { status } of issues) counts.set(status, (counts.get(status) ?? 0) + 1)
  return [...counts].map(([status, count]) => ({ status, count }))
}

/** Whether an answer is the expected one, in the same order, told by what the workloads change. */
export function isTop(found: readonly Issue[], expected: readonly Issue[]): boolean {
  return found.length === expected.length && expected.every((issue, i) => isSame(found[i], issue))
}

/** Whether an answer is the expected one, with the names of its projects and assignees. */
export function isJoined(found: readonly JoinedIssue[], expected: readonly JoinedIssue[]): boolean {
  if (!isTop(found, expected)) return false
  return expected.every(
    ({ project, assignee }, i) => found[i]?.project?.name === project?.name && found[i]?.assignee?.name === assignee?.name,
  )
}

/** Whether an answer has the expected issues, in whatever order. */
export function hasSame(found: readonly Issue[], expected: readonly Issue[]): boolean {
  const expectedById = new Map(expected.map((issue) => [issue.id, issue]))
  return found.length === expected.length && found.every((issue) => isSame(expectedById.get(issue.id), issue))
}

/** Whether counts are the expected ones, in whatever order. */
export function isCount(found: readonly StatusCount[], expected: readonly StatusCount[]): boolean {
  const countByStatus = new Map(expected.map(({ status, count }) => [status, count]))
  return found.length === expected.length && found.every(({ status, count }) => countByStatus.get(status) === count)
}

/** Whether two issues are one, told by what the workloads change. */
export function isSame(one: Issue | undefined, other: Issue | undefined): boolean {
  if (one === undefined || other === undefined) return one === other
  return one.id === other.id && one.title === other.title && one.updatedAt === other.updatedAt && one.status === other.status
}
