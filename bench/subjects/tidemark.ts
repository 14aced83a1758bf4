// Tidemark, used as its guide says.
import { createStore, effect, http } from 'tidemark'
import manifest from '../../package.json' with { type: 'json' }
import { mutators, schema } from '../data/app.ts'
import { type Issue, topCount } from '../data/issues.ts'
import { placesSpace } from '../data/space.ts'
import type { Places, PlacesOptions, Subject } from '../subject.ts'

const rowsPerMutation = 1000

export const subject: Subject = {
  version: manifest.version,
  async openIssues({ name, isKept }) {
    const store = createStore({ name, schema, mutators, persistence: isKept ? 'indexeddb' : 'memory' })
    await store.ready
    const { issues } = store.collections
    return {
      async load(rows: readonly Issue[]) {
        for (let i = 0; i < rows.length; i += rowsPerMutation) await store.mutate.putIssues(rows.slice(i, i + rowsPerMutation))
        await store.sync()
      },
      find: (id) => issues.entity(id).value,
      watchTop(callback) {
        store.query.issues.where('status', '=', 'open').orderBy('updatedAt', 'desc').limit(topCount).live().subscribe(callback)
      },
      patch: (id, fields) => issues.patch(id, fields),
      close: () => store.close(),
    }
  },
  openPlaces: (options) => open(options).places,
  async fetchPlaces(options, onReceived) {
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
