// Replicache: rows under prefixed keys that come by a pull, mutators, subscriptions that scan indexes. Its indexes order by text,
// so a row carries the texts that it is to be found by.
import { type ReadTransaction, Replicache, type WriteTransaction } from 'replicache'
import { type Issue, type Named, statuses, type Tracker } from '../data/issues.ts'
import type { Subject } from '../subject.ts'
import { join, keyById, makeCounts } from './rows.ts'

// an interface is no JSON value to its types
type Plain<Row> = { readonly [Field in keyof Row]: Row[Field] }
type Stored = Plain<Issue> & { readonly byStatus: string; readonly byAssignee: string }

const mutators = {
  async patch(tx: WriteTransaction, [id, fields]: readonly [string, Partial<Issue>]) {
    const issue = await tx.get<Stored>(`issue/${id}`)
    if (issue) await tx.set(`issue/${id}`, toStored({ ...issue, ...fields }))
  },
  renameProject: (tx: WriteTransaction, project: Named) => tx.set(`project/${project.id}`, { ...project }),
}

export const subject: Subject = {
  async openTracker({ name }) {
    let tracker: Tracker | undefined
    const replicache = new Replicache({
      name,
      mutators,
      kvStore: 'mem',
      pullInterval: null,
      indexes: {
        byStatus: { prefix: 'issue/', jsonPointer: '/byStatus' },
        byAssignee: { prefix: 'issue/', jsonPointer: '/byAssignee' },
      },
      puller: async () => {
        const response = { cookie: tracker ? 1 : 0, lastMutationIDChanges: {}, patch: tracker ? toPatch(tracker) : [] }
        return { response, httpRequestInfo: { httpStatusCode: 200, errorMessage: '' } }
      },
    })
    const findTop = (tx: ReadTransaction, limit: number): Promise<readonly Issue[]> =>
      tx.scan<Stored>({ indexName: 'byStatus', prefix: 'open/', limit }).values().toArray()
    return {
      async load(loaded) {
        tracker = loaded
        await replicache.pull({ now: true })
        tracker = undefined
      },
      watchTop(limit, callback) {
        replicache.subscribe((tx) => findTop(tx, limit), callback)
      },
      watchJoined(limit, callback) {
        replicache.subscribe(async (tx) => {
          const top = await findTop(tx, limit)
          const find = (prefix: string, ids: readonly string[]) =>
            Promise.all([...new Set(ids)].map((id) => tx.get<Plain<Named>>(`${prefix}/${id}`)))
          const projects = await find(
            'project',
            top.map(({ projectId }) => projectId),
          )
          const users = await find(
            'user',
            top.map(({ assigneeId }) => assigneeId),
          )
          return join(top, keyById(projects.filter(isThere)), keyById(users.filter(isThere)))
        }, callback)
      },
      watchIssue(id, callback) {
        replicache.subscribe((tx) => tx.get<Stored>(`issue/${id}`), callback)
      },
      watchAssigned(assigneeId, callback) {
        const prefix = `${assigneeId}/open/`
        replicache.subscribe((tx) => tx.scan<Stored>({ indexName: 'byAssignee', prefix }).values().toArray(), callback)
      },
      watchCounts(callback) {
        replicache.subscribe(
          async (tx) => {
            const counts = new Map<string, number>()
            for await (const [byStatus] of tx.scan({ indexName: 'byStatus' }).keys()) {
              const status = byStatus.slice(0, byStatus.indexOf('/'))
              counts.set(status, (counts.get(status) ?? 0) + 1)
            }
            return statuses.map((status) => counts.get(status) ?? 0)
          },
          (counts) => callback(makeCounts(counts)),
        )
      },
      patch: (id, fields) => replicache.mutate.patch([id, fields]),
      renameProject: (id, name) => replicache.mutate.renameProject({ id, name }),
      close: () => replicache.close(),
    }
  },
}

function toPatch({ issues, projects, users }: Tracker) {
  const put = (key: string, value: object) => ({ op: 'put' as const, key, value: value as never })
  return [
    ...issues.map((issue) => put(`issue/${issue.id}`, toStored(issue))),
    ...projects.map((project) => put(`project/${project.id}`, project)),
    ...users.map((user) => put(`user/${user.id}`, user)),
  ]
}

// the last updated first
function toStored(issue: Issue): Stored {
  const age = String(10_000_000_000_000 - issue.updatedAt).padStart(14, '0')
  return { ...issue, byStatus: `${issue.status}/${age}`, byAssignee: `${issue.assigneeId}/${issue.status}/` }
}

function isThere<T>(row: T | undefined): row is T {
  return row !== undefined
}
