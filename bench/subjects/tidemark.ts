// Tidemark, used as its guide says.
import { createStore, effect, http } from 'tidemark'
import { mutators, schema } from '../data/app.ts'
import { placesSpace } from '../data/space.ts'
import type { Places, PlacesOptions, Subject } from '../subject.ts'

const rowsPerMutation = 1000

export const subject: Subject = {
  async openTracker({ name, isKept }) {
    const store = createStore({ name, schema, mutators, persistence: isKept ? 'indexeddb' : 'memory' })
    await store.ready
    const { issues, projects } = store.collections
    const open = store.query.issues.where('status', '=', 'open')
    const findTop = (count: number) => open.orderBy('updatedAt', 'desc').limit(count)
    return {
      async load(tracker) {
        await store.mutate.putNames([...tracker.projects], [...tracker.users])
        for (let i = 0; i < tracker.issues.length; i += rowsPerMutation)
          await store.mutate.putIssues(tracker.issues.slice(i, i + rowsPerMutation))
        await store.sync()
      },
      find: (id) => issues.entity(id).value,
      watchTop(count, callback) {
        findTop(count).live().subscribe(callback)
      },
      watchJoined(count, callback) {
        findTop(count).with('project').with('assignee').live().subscribe(callback)
      },
      watchIssue(id, callback) {
        store.query.issues.single(id).live().subscribe(callback)
      },
      watchAssigned(assigneeId, callback) {
        open.where('assigneeId', '=', assigneeId).live().subscribe(callback)
      },
      watchCounts(callback) {
        store.query.issues.groupBy('status').count().live().subscribe(callback)
      },
      patch: (id, fields) => issues.patch(id, fields),
      renameProject: (id, name) => projects.patch(id, { name }),
      close: () => store.close(),
    }
  },
  places: {
    open: (options) => open(options).places,
    async fetch(options, onReceived) {
      const { store, places } = open(options)
      await new Promise<void>((resolve) => {
        let isReceived = false
        const stop = effect(() => {
          const { phase, progress } = store.status.value
          if (!isReceived && progress && progress.total > 0 && progress.received === progress.total) {
            isReceived = true
            onReceived()
          }
          // one microtask later, when `stop` is there
          if (phase === 'ready') void Promise.resolve().then(() => [stop(), resolve()])
        })
      })
      return places
    },
  },
}

function open({ name, url }: PlacesOptions) {
  const store = createStore({ name, schema, mutators, space: placesSpace, transport: http({ url }) })
  const places: Places = {
    whole: store.ready,
    watch({ country, prefix, limit }, callback) {
      const found = store.query.places.where('country', '=', country).where('name', 'startsWith', prefix)
      found.orderBy('name').limit(limit).live().subscribe(callback)
    },
    count: () => store.query.places.read().length,
    close: () => store.close(),
  }
  return { store, places }
}
