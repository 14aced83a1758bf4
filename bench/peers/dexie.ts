// Dexie: compound indexes for the questions, and liveQuery. It has no memory of its own: every answer comes from IndexedDB.
import { Dexie, liveQuery, type Table } from 'dexie'
import { type Issue, type Named, statuses } from '../data/issues.ts'
import type { Subject } from '../subject.ts'
import { inParts, join, keyById, makeCounts } from './rows.ts'

export const subject: Subject = {
  async openTracker({ name }) {
    const database = new Dexie(name) as Dexie & {
      readonly issues: Table<Issue, string>
      readonly projects: Table<Named, string>
      readonly users: Table<Named, string>
    }
    database.version(1).stores({ issues: 'id, [status+updatedAt], [assigneeId+status], status', projects: 'id', users: 'id' })
    await database.open()
    const { issues, projects, users } = database
    const findTop = (limit: number) =>
      issues.where('[status+updatedAt]').between(['open', Dexie.minKey], ['open', Dexie.maxKey]).reverse().limit(limit).toArray()
    return {
      async load(tracker) {
        for (const part of inParts(tracker.issues, 10_000)) await issues.bulkAdd(part)
        await projects.bulkAdd(tracker.projects)
        await users.bulkAdd(tracker.users)
      },
      watchTop(limit, callback) {
        watch(() => findTop(limit), callback)
      },
      watchJoined(limit, callback) {
        watch(async () => {
          const top = await findTop(limit)
          const find = async (rows: Table<Named, string>, ids: readonly string[]) =>
            keyById((await rows.bulkGet([...new Set(ids)])).filter((row) => row !== undefined))
          const [projectsById, usersById] = await Promise.all([
            find(
              projects,
              top.map(({ projectId }) => projectId),
            ),
            find(
              users,
              top.map(({ assigneeId }) => assigneeId),
            ),
          ])
          return join(top, projectsById, usersById)
        }, callback)
      },
      watchIssue(id, callback) {
        watch(() => issues.get(id), callback)
      },
      watchAssigned(assigneeId, callback) {
        watch(() => issues.where({ assigneeId, status: 'open' }).toArray(), callback)
      },
      watchCounts(callback) {
        watch(
          () => Promise.all(statuses.map((status) => issues.where({ status }).count())),
          (counts) => callback(makeCounts(counts)),
        )
      },
      patch: (id, fields) => issues.update(id, fields),
      renameProject: (id, name) => projects.update(id, { name }),
      close: async () => database.close(),
    }
  },
}

function watch<T>(ask: () => Promise<T>, callback: (answer: T) => void): void {
  liveQuery(ask).subscribe({ next: callback, error: (error) => reportError(error) })
}
