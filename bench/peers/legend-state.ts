// Legend-State: one observable of rows by id; what is derived is computed from the raw rows, as its guide to performance says.
import { observable, observe } from '@legendapp/state'
import { type Issue, type Named, statuses } from '../data/issues.ts'
import type { Subject } from '../subject.ts'
import { join, makeCounts } from './rows.ts'

type Writable<Row> = { -readonly [Field in keyof Row]: Row[Field] }

export const subject: Subject = {
  async openTracker() {
    const state$ = observable({
      issues: {} as Record<string, Writable<Issue>>,
      projects: {} as Record<string, Writable<Named>>,
      users: {} as Record<string, Writable<Named>>,
    })
    const findTop = (limit: number): readonly Issue[] =>
      Object.values(state$.issues.get())
        .filter(({ status }) => status === 'open')
        .sort((a, b) => b.updatedAt - a.updatedAt)
        .slice(0, limit)
    return {
      async load({ issues, projects, users }) {
        state$.set({ issues: toRecord(issues), projects: toRecord(projects), users: toRecord(users) })
      },
      watchTop(limit, callback) {
        watch(() => findTop(limit), callback)
      },
      watchJoined(limit, callback) {
        const toMap = (rows: Record<string, Named>) => ({ get: (id: string) => rows[id] }) as ReadonlyMap<string, Named>
        watch(() => join(findTop(limit), toMap(state$.projects.get()), toMap(state$.users.get())), callback)
      },
      watchIssue(id, callback) {
        watch(() => state$.issues[id]?.get(), callback)
      },
      watchAssigned(assigneeId, callback) {
        watch(
          () => Object.values(state$.issues.get()).filter((issue) => issue.assigneeId === assigneeId && issue.status === 'open'),
          callback,
        )
      },
      watchCounts(callback) {
        watch(() => {
          const counts = new Map<string, number>()
          for (const { status } of Object.values(state$.issues.get())) counts.set(status, (counts.get(status) ?? 0) + 1)
          return makeCounts(statuses.map((status) => counts.get(status) ?? 0))
        }, callback)
      },
      patch: async (id, fields) => state$.issues[id]?.assign(fields),
      renameProject: async (id, name) => state$.projects[id]?.name.set(name),
      close: async () => {},
    }
  },
}

// its rows are edited in place, so it is given copies
function toRecord<Row extends { readonly id: string }>(rows: readonly Row[]): Record<string, Writable<Row>> {
  return Object.fromEntries(rows.map((row) => [row.id, { ...row }]))
}

function watch<T>(compute: () => T, callback: (answer: T) => void): void {
  observe(() => callback(compute()))
}
