// What several adapters do alike, as an application over such a store would.
import { type Issue, type Named, statuses } from '../data/issues.ts'
import type { JoinedIssue, StatusCount } from '../subject.ts'

/** Rows in parts, where a store wants them so. */
export function* inParts<T>(rows: readonly T[], size: number): Generator<readonly T[]> {
  for (let i = 0; i < rows.length; i += size) yield rows.slice(i, i + size)
}

/** Rows by their id. */
export function keyById<T extends { readonly id: string }>(rows: Iterable<T>): Map<string, T> {
  const rowsById = new Map<string, T>()
  for (const row of rows) rowsById.set(row.id, row)
  return rowsById
}

/** Issues with the rows that they name. */
export function join(
  issues: readonly Issue[],
  projectsById: ReadonlyMap<string, Named>,
  usersById: ReadonlyMap<string, Named>,
): JoinedIssue[] {
  return issues.map((issue) => ({ ...issue, project: projectsById.get(issue.projectId), assignee: usersById.get(issue.assigneeId) }))
}

/** Counts in the order of `statuses`, as an answer has them: none of nothing. */
export function makeCounts(counts: readonly number[]): readonly StatusCount[] {
  return statuses.flatMap((status, i) => (counts[i] ? [{ status, count: counts[i] }] : []))
}
