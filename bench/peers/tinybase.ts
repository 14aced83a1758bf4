// TinyBase: a store of tables without a persister, a query for each question, results sorted and cut by the queries' own paging.
import { createQueries, createStore, type Row } from 'tinybase'
import type { Issue, Named, Tracker } from '../data/issues.ts'
import type { JoinedIssue, StatusCount, Subject } from '../subject.ts'

const fields = ['title', 'status', 'priority', 'projectId', 'assigneeId', 'createdAt', 'updatedAt', 'estimate'] as const

export const subject: Subject = {
  async openTracker() {
    const store = createStore()
    const queries = createQueries(store)
    const watchOpen = (limit: number, toRow: (id: string, row: Row) => Issue, callback: (issues: readonly Issue[]) => void): void => {
      const tell = (): void => {
        const ids = queries.getResultSortedRowIds('open', 'updatedAt', true, 0, limit)
        callback(ids.map((id) => toRow(id, queries.getResultRow('open', id))))
      }
      queries.addResultTableListener('open', tell)
      tell()
    }
    return {
      async load({ issues, projects, users }: Tracker) {
        store.transaction(() => {
          store.setTable('issues', toTable(issues))
          store.setTable('projects', toTable(projects))
          store.setTable('users', toTable(users))
        })
      },
      watchTop(limit, callback) {
        queries.setQueryDefinition('open', 'issues', ({ select, where }) => {
          for (const field of fields) select(field)
          where('status', 'open')
        })
        watchOpen(limit, toIssue, callback)
      },
      watchJoined(limit, callback) {
        queries.setQueryDefinition('open', 'issues', ({ select, join, where }) => {
          for (const field of fields) select(field)
          select('projects', 'name').as('project')
          select('users', 'name').as('assignee')
          join('projects', 'projectId')
          join('users', 'assigneeId')
          where('status', 'open')
        })
        watchOpen(limit, toJoined, callback as (issues: readonly Issue[]) => void)
      },
      watchIssue(id, callback) {
        const tell = (): void => callback(store.hasRow('issues', id) ? toIssue(id, store.getRow('issues', id)) : undefined)
        store.addRowListener('issues', id, tell)
        tell()
      },
      watchAssigned(assigneeId, callback) {
        const query = `assigned ${assigneeId}`
        queries.setQueryDefinition(query, 'issues', ({ select, where }) => {
          for (const field of fields) select(field)
          where('assigneeId', assigneeId)
          where('status', 'open')
        })
        const tell = (): void => callback(Object.entries(queries.getResultTable(query)).map(([id, row]) => toIssue(id, row)))
        queries.addResultTableListener(query, tell)
        tell()
      },
      watchCounts(callback) {
        queries.setQueryDefinition('counts', 'issues', ({ select, group }) => {
          select('status')
          select('createdAt')
          group('createdAt', 'count').as('count')
        })
        const tell = (): void => callback(Object.values(queries.getResultTable('counts')) as unknown as readonly StatusCount[])
        queries.addResultTableListener('counts', tell)
        tell()
      },
      patch: async (id, changed) => store.setPartialRow('issues', id, changed),
      renameProject: async (id, name) => store.setCell('projects', id, 'name', name),
      close: async () => queries.destroy() as unknown as void,
    }
  },
}

function toTable(rows: readonly (Issue | Named)[]): Record<string, Row> {
  return Object.fromEntries(rows.map(({ id, ...row }) => [id, row]))
}

function toIssue(id: string, row: Row): Issue {
  return { id, ...row } as unknown as Issue
}

function toJoined(id: string, { project, assignee, ...row }: Row): JoinedIssue {
  return { ...toIssue(id, row), project: { name: project as string }, assignee: { name: assignee as string } }
}
