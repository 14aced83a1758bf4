// What one may ask of the list of issues: everything but the grouping, which is the list's.
import type { Person, Priority, Status } from '../schema.ts'
import type { HarbourStore } from './device.ts'

/** Which issues are shown, and in what order within their status. Where no value of a property is chosen, all are. */
export interface View {
  readonly status: readonly Status[]
  readonly priority: readonly Priority[]
  readonly assignee: readonly (Person | null)[]
  readonly text: string
  readonly sort: keyof typeof sorts
}

/** All issues. */
export const everything: View = { status: [], priority: [], assignee: [], text: '', sort: 'priority' }

/** Whether a view leaves issues out. */
export function isFiltered({ status, priority, assignee, text }: View): boolean {
  return status.length + priority.length + assignee.length > 0 || text.trim() !== ''
}

/** The orders that one may choose from. */
export const sorts = {
  priority: { name: 'By priority', sort: (issues: Issues) => issues.orderBy('priority', 'desc').orderBy('createdAt', 'desc') },
  newest: { name: 'Newest first', sort: (issues: Issues) => issues.orderBy('createdAt', 'desc') },
  oldest: { name: 'Oldest first', sort: (issues: Issues) => issues.orderBy('createdAt') },
  title: { name: 'By title', sort: (issues: Issues) => issues.orderBy('title') },
  assignee: { name: 'By assignee', sort: (issues: Issues) => issues.orderBy('assignee', 'asc', 'last').orderBy('priority', 'desc') },
} as const

/** The issues of a view, of every status. */
export function findIssues({ issues }: HarbourStore['query'], { priority, assignee, text }: View): Issues {
  let found: Issues = issues
  if (priority.length > 0) found = found.where('priority', 'in', priority)
  if (assignee.length > 0) found = found.where('assignee', 'in', assignee)
  return text.trim() === '' ? found : found.where('title', 'ilike', `%${literally(text.trim())}%`)
}

/** A text as it is, within a pattern of `like` or `ilike`. */
export function literally(text: string): string {
  return text.replaceAll(/[\\%_]/g, '\\$&')
}

type Issues = HarbourStore['query']['issues']
