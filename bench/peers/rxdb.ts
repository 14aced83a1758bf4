// RxDB: schemas with the indexes that the queries want, which it is told to take, observed queries, and joins and counts by RxJS.
import { createRxDatabase, type MangoQuerySelector, type RxCollection, type RxJsonSchema, type RxStorage } from 'rxdb'
import { combineLatest, map } from 'rxjs'
import { type Issue, type Named, statuses } from '../data/issues.ts'
import type { Subject } from '../subject.ts'
import { inParts, join, keyById, makeCounts } from './rows.ts'

// index keys are padded to the greatest length, so it is no longer than it must be
const key = { type: 'string', maxLength: 10 } as const
const whole = { type: 'number', minimum: 0, maximum: 10_000_000_000_000, multipleOf: 1 } as const

const issueSchema: RxJsonSchema<Issue> = {
  version: 0,
  primaryKey: 'id',
  type: 'object',
  properties: {
    id: key,
    title: { type: 'string' },
    status: key,
    priority: { type: 'number' },
    projectId: key,
    assigneeId: key,
    createdAt: { type: 'number' },
    updatedAt: whole,
    estimate: { type: 'number' },
  },
  required: ['id', 'title', 'status', 'priority', 'projectId', 'assigneeId', 'createdAt', 'updatedAt', 'estimate'],
  indexes: [
    ['status', 'updatedAt'],
    ['assigneeId', 'status'],
  ],
}

const namedSchema: RxJsonSchema<Named> = {
  version: 0,
  primaryKey: 'id',
  type: 'object',
  properties: { id: key, name: { type: 'string' } },
  required: ['id', 'name'],
}

interface Collections {
  readonly issues: RxCollection<Issue>
  readonly projects: RxCollection<Named>
  readonly users: RxCollection<Named>
}

/** The subject over one of RxDB's storages. */
export function makeRxdb<Internals, Options>(storage: RxStorage<Internals, Options>): Subject {
  return {
    async openTracker({ name }) {
      const database = await createRxDatabase<{ [Name in keyof Collections]: Collections[Name] }>({ name, storage, multiInstance: false })
      await database.addCollections({ issues: { schema: issueSchema }, projects: { schema: namedSchema }, users: { schema: namedSchema } })
      const { issues, projects, users } = database
      const findTop = (limit: number) => {
        const selector: MangoQuerySelector<Issue> = { status: { $eq: 'open' } }
        return issues.find({ selector, sort: [{ updatedAt: 'desc' }], limit, index: ['status', 'updatedAt'] })
      }
      return {
        async load(tracker) {
          for (const part of inParts(tracker.issues, 5000)) mustInsert(await issues.bulkInsert([...part]))
          mustInsert(await projects.bulkInsert([...tracker.projects]))
          mustInsert(await users.bulkInsert([...tracker.users]))
        },
        watchTop(limit, callback) {
          findTop(limit).$.subscribe(callback)
        },
        watchJoined(limit, callback) {
          const rows = (found: RxCollection<Named>) => found.find().$.pipe(map(keyById))
          const all = combineLatest([findTop(limit).$, rows(projects), rows(users)])
          all.subscribe(([top, projectsById, usersById]) =>
            callback(
              join(
                top.map((one) => one.toJSON()),
                projectsById,
                usersById,
              ),
            ),
          )
        },
        watchIssue(id, callback) {
          issues.findOne(id).$.subscribe((found) => callback(found ?? undefined))
        },
        watchAssigned(assigneeId, callback) {
          const selector: MangoQuerySelector<Issue> = { assigneeId: { $eq: assigneeId }, status: { $eq: 'open' } }
          issues.find({ selector, index: ['assigneeId', 'status'] }).$.subscribe(callback)
        },
        watchCounts(callback) {
          const counts = statuses.map((status) => issues.count({ selector: { status: { $eq: status } }, index: ['status', 'updatedAt'] }).$)
          combineLatest(counts).subscribe((found) => callback(makeCounts(found)))
        },
        patch: async (id, fields) => (await issues.findOne(id).exec())?.incrementalPatch(fields),
        renameProject: async (id, name) => (await projects.findOne(id).exec())?.incrementalPatch({ name }),
        async close() {
          await database.close()
        },
      }
    },
  }
}

function mustInsert({ error }: { readonly error: readonly unknown[] }): void {
  if (error.length > 0) throw new Error(`RxDB did not take ${error.length} rows: ${JSON.stringify(error[0]).slice(0, 200)}`)
}
