// Everything that can happen to the data: shared by the page, which runs it at once, and the server, which has the last word.
import * as v from 'valibot'
import { defineMutators, mutator, type Tx } from 'tidemark'
import { assignee, description, place, priority, schema, status, title } from './schema.ts'

const id = v.string()
const newIssue = v.object({
  id,
  title,
  description: v.optional(description, ''),
  status: v.optional(status, 'todo'),
  priority: v.optional(priority, 0),
  assignee: v.optional(assignee, null),
  parentId: v.optional(v.nullable(id), null),
})

export const mutators = defineMutators(schema, {
  createIssue: mutator(newIssue, (tx, issue) => {
    tx.issues.insert({ ...issue, createdAt: tx.authoredAt })
    if (issue.parentId !== null && issue.status !== 'done') mustStayOpen(tx, issue.parentId)
  }),
  setTitle: mutator([id, title], (tx, issueId, value) => {
    tx.issues.patch(issueId, { title: value })
  }),
  setDescription: mutator([id, description], (tx, issueId, value) => {
    tx.issues.patch(issueId, { description: value })
  }),
  setPriority: mutator([id, priority], (tx, issueId, value) => {
    tx.issues.patch(issueId, { priority: value })
  }),
  setAssignee: mutator([id, assignee], (tx, issueId, value) => {
    tx.issues.patch(issueId, { assignee: value })
  }),
  setStatus: mutator([id, status], (tx, issueId, value) => {
    const open = value === 'done' ? tx.issues.where('parentId', '=', issueId).where('status', '!=', 'done').count().read() : 0
    if (open > 0)
      tx.reject('open-sub-issues', `“${tx.issues.get(issueId)?.title}” has ${count(open)}. Close ${open === 1 ? 'it' : 'them'} first.`)
    tx.issues.patch(issueId, { status: value })
  }),
  /** Adds places to the world, or puts them back as they were. */
  putPlaces: mutator([v.array(place)], (tx, places) => {
    for (const one of places) tx.places.put(one)
  }),
})

function mustStayOpen(tx: Tx<typeof schema>, parentId: string): void {
  if (tx.issues.get(parentId)?.status === 'done') tx.reject('closed-parent', 'That issue is closed. Open it again before adding to it.')
}

function count(open: number): string {
  return open === 1 ? 'an open sub-issue' : `${open} open sub-issues`
}
