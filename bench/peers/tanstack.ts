// TanStack DB: local-only collections, indexed as its queries need (`autoIndex`, with the index that it names for much writing), and live query collections.
import {
  BTreeIndex,
  type Context,
  count,
  createCollection,
  createLiveQueryCollection,
  eq,
  type InitialQueryBuilder,
  localOnlyCollectionOptions,
  type QueryBuilder,
} from '@tanstack/db'
import type { Issue, Named } from '../data/issues.ts'
import type { JoinedIssue, StatusCount, Subject } from '../subject.ts'

export const subject: Subject = {
  async openTracker() {
    let { issues, projects, users } = makeCollections([], [], [])
    const top = (q: InitialQueryBuilder, limit: number) =>
      q
        .from({ issue: issues })
        .where(({ issue }) => eq(issue.status, 'open'))
        .orderBy(({ issue }) => issue.updatedAt, 'desc')
        .limit(limit)
    return {
      async load(tracker) {
        ;({ issues, projects, users } = makeCollections(tracker.issues, tracker.projects, tracker.users))
        await Promise.all([issues.preload(), projects.preload(), users.preload()])
      },
      watchTop(limit, callback) {
        watch((q) => top(q, limit), callback)
      },
      watchJoined(limit, callback) {
        watch<JoinedIssue>(
          (q) =>
            q
              .from({ issue: issues })
              .where(({ issue }) => eq(issue.status, 'open'))
              .leftJoin({ project: projects }, ({ issue, project }) => eq(issue.projectId, project.id))
              .leftJoin({ assignee: users }, ({ issue, assignee }) => eq(issue.assigneeId, assignee.id))
              .orderBy(({ issue }) => issue.updatedAt, 'desc')
              .limit(limit)
              .select(({ issue, project, assignee }) => ({ ...issue, project, assignee })),
          callback,
        )
      },
      watchIssue(id, callback) {
        watch<Issue>(
          (q) =>
            q
              .from({ issue: issues })
              .where(({ issue }) => eq(issue.id, id))
              .findOne(),
          ([found]) => callback(found),
        )
      },
      watchAssigned(assigneeId, callback) {
        watch(
          (q) =>
            q
              .from({ issue: issues })
              .where(({ issue }) => eq(issue.assigneeId, assigneeId))
              .where(({ issue }) => eq(issue.status, 'open')),
          callback,
        )
      },
      watchCounts(callback) {
        watch<StatusCount>(
          (q) =>
            q
              .from({ issue: issues })
              .groupBy(({ issue }) => issue.status)
              .select(({ issue }) => ({ status: issue.status, count: count(issue.id) })),
          callback,
        )
      },
      patch: (id, fields) => issues.update(id, (draft) => void Object.assign(draft, fields)).isPersisted.promise,
      renameProject: (id, name) => projects.update(id, (draft) => void Object.assign(draft, { name })).isPersisted.promise,
      close: () => issues.cleanup(),
    }
  },
}

function makeCollections(issues: readonly Issue[], projects: readonly Named[], users: readonly Named[]) {
  return { issues: makeCollection(issues), projects: makeCollection(projects), users: makeCollection(users) }
}

function makeCollection<Row extends { readonly id: string }>(rows: readonly Row[]) {
  const kept = { initialData: [...rows], autoIndex: 'eager' as const, defaultIndexType: BTreeIndex }
  return createCollection(localOnlyCollectionOptions<Row, string>({ getKey: ({ id }) => id, ...kept }))
}

// what its framework bindings do: subscribe, and read the whole answer at each change
function watch<Row>(query: (q: InitialQueryBuilder) => QueryBuilder<Context>, callback: (rows: readonly Row[]) => void): void {
  const live = createLiveQueryCollection(query)
  const tell = (): void => callback(live.toArray as unknown as readonly Row[])
  live.subscribeChanges(tell)
  void live.toArrayWhenReady().then(tell)
}
