// SignalDB: collections with an index on each field that a query asks by, cursors in the effects of a signals library.
import { batch, effect, signal, untracked } from '@preact/signals-core'
import { Collection, createIndex, createReactivityAdapter } from '@signaldb/core'
import { type Issue, type Named, statuses } from '../data/issues.ts'
import type { Subject } from '../subject.ts'
import { join, keyById, makeCounts } from './rows.ts'

// as its documentation writes one for a library of signals
const reactivity = createReactivityAdapter({
  create() {
    const revision = signal(0)
    return {
      depend: () => void revision.value,
      notify: () => void (revision.value = untracked(() => revision.value) + 1),
    }
  },
})

export const subject: Subject = {
  async openTracker() {
    const issues = new Collection<Issue, string>({ reactivity, indices: [createIndex('status'), createIndex('assigneeId')] })
    const projects = new Collection<Named, string>({ reactivity })
    const users = new Collection<Named, string>({ reactivity })
    const findTop = (limit: number) => issues.find({ status: 'open' }, { sort: { updatedAt: -1 }, limit })
    return {
      async load(tracker) {
        Collection.batch(() => {
          for (const issue of tracker.issues) issues.insert({ ...issue })
          for (const project of tracker.projects) projects.insert({ ...project })
          for (const user of tracker.users) users.insert({ ...user })
        })
      },
      watchTop(limit, callback) {
        watch([() => findTop(limit)], ([top]) => callback(top.fetch()))
      },
      watchJoined(limit, callback) {
        watch([() => findTop(limit), () => projects.find(), () => users.find()], ([top, named, people]) =>
          callback(join(top.fetch(), keyById(named.fetch()), keyById(people.fetch()))),
        )
      },
      watchIssue(id, callback) {
        watch([() => issues.find({ id })], ([found]) => callback(found.fetch()[0]))
      },
      watchAssigned(assigneeId, callback) {
        watch([() => issues.find({ assigneeId, status: 'open' })], ([found]) => callback(found.fetch()))
      },
      watchCounts(callback) {
        watch(
          statuses.map((status) => () => issues.find({ status })),
          (counted) => callback(makeCounts(counted.map((cursor) => cursor.count()))),
        )
      },
      patch: async (id, fields) => batch(() => issues.updateOne({ id }, { $set: fields })),
      renameProject: async (id, name) => batch(() => projects.updateOne({ id }, { $set: { name } })),
      close: async () => void (await Promise.all([issues.dispose(), projects.dispose(), users.dispose()])),
    }
  },
}

interface Closing {
  cleanup(): void
}

// a library of signals cannot clean the cursors up by itself
function watch<Cursors extends readonly Closing[]>(
  open: { readonly [I in keyof Cursors]: () => Cursors[I] },
  tell: (cursors: Cursors) => void,
): void {
  effect(() => {
    const cursors = open.map((one) => one()) as unknown as Cursors
    tell(cursors)
    return () => cursors.forEach((cursor) => cursor.cleanup())
  })
}
