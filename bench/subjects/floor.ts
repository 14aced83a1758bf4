// What an application would write by hand for exactly these questions: a Map, an ordered list kept by splicing, and IndexedDB with one record per row,
// one transaction per burst, one getAll at the start.
import { type Issue, topCount } from '../data/issues.ts'
import { answer, type Place } from '../data/places.ts'
import { placesSpace } from '../data/space.ts'
import type { Places, PlacesOptions, Subject } from '../subject.ts'

export const subject: Subject = {
  version: '1',
  async openIssues({ name, isKept }) {
    const disk = isKept ? await openDisk<Issue>(name) : undefined
    const issuesById = new Map((await disk?.readAll())?.map((issue) => [issue.id, issue]))
    const top = makeTop()
    for (const issue of issuesById.values()) top.move(undefined, issue)
    return {
      async load(issues) {
        for (const issue of issues) issuesById.set(issue.id, issue)
        top.fill(issuesById.values())
        await disk?.write(issues)
      },
      find: (id) => issuesById.get(id),
      watchTop(callback) {
        top.watch(callback)
      },
      async patch(id, fields) {
        const before = issuesById.get(id) as Issue
        const after = Object.freeze({ ...before, ...fields })
        issuesById.set(id, after)
        top.move(before, after)
        await disk?.writeSoon(after)
      },
      async close() {
        disk?.close()
      },
    }
  },
  openPlaces(options) {
    const placesById = new Map<string, Place>()
    return makePlaces(placesById, readPlaces(options, placesById))
  },
  async fetchPlaces({ name, url }, onReceived) {
    const body = JSON.stringify({ tidemark: 1, space: placesSpace, user: null, schema: 1, group: 'floor' })
    const response = await fetch(`${url}/snapshot`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    const lines = (await response.text()).trim().split('\n').slice(1, -1)
    onReceived()
    const places = lines.map((line) => (JSON.parse(line) as readonly [string, Place])[1])
    const placesById = new Map(places.map((place) => [place.id, place]))
    const disk = await openDisk<Place>(name)
    await disk.write(places)
    disk.close()
    return makePlaces(placesById, Promise.resolve())
  },
}

// The open issues, the last updated first. Only what touches the window is told.
function makeTop() {
  const open: Issue[] = []
  let callback: ((issues: readonly Issue[]) => void) | undefined
  const placeOf = ({ updatedAt }: Issue): number => {
    let [low, high] = [0, open.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((open[middle] as Issue).updatedAt > updatedAt) low = middle + 1
      else high = middle
    }
    return low
  }
  const tell = (): void => callback?.(open.slice(0, topCount))
  return {
    fill(issues: Iterable<Issue>) {
      open.length = 0
      for (const issue of issues) if (issue.status === 'open') open.push(issue)
      open.sort((a, b) => b.updatedAt - a.updatedAt)
      tell()
    },
    move(before: Issue | undefined, after: Issue) {
      let first = Infinity
      if (before?.status === 'open') {
        first = placeOf(before)
        if (after.status === 'open' && after.updatedAt === before.updatedAt) open[first] = after
        else open.splice(first, 1)
      }
      if (after.status === 'open' && !(before?.status === 'open' && after.updatedAt === before.updatedAt)) {
        const place = placeOf(after)
        open.splice(place, 0, after)
        first = Math.min(first, place)
      }
      if (first < topCount) tell()
    },
    watch(next: (issues: readonly Issue[]) => void) {
      callback = next
      tell()
    },
  }
}

function makePlaces(placesById: ReadonlyMap<string, Place>, whole: Promise<unknown>): Places {
  return {
    whole,
    watch(question, callback) {
      void whole.then(() => callback(answer(placesById.values(), question)))
    },
    count: () => placesById.size,
    close: async () => {},
  }
}

async function readPlaces({ name }: PlacesOptions, placesById: Map<string, Place>): Promise<void> {
  const disk = await openDisk<Place>(name)
  for (const place of await disk.readAll()) placesById.set(place.id, place)
  disk.close()
}

// One record per row; all that is written in one turn goes into one transaction.
async function openDisk<Row extends { readonly id: string }>(name: string) {
  const opening = indexedDB.open(`floor ${name}`, 1)
  opening.onupgradeneeded = () => opening.result.createObjectStore('rows', { keyPath: 'id' })
  const database = await resultOf(opening)
  let burst: { readonly rowsById: Map<string, Row>; readonly written: Promise<void> } | undefined
  const write = (rows: Iterable<Row>): Promise<void> =>
    new Promise((resolve, reject) => {
      const transaction = database.transaction('rows', 'readwrite', { durability: 'relaxed' })
      const store = transaction.objectStore('rows')
      for (const row of rows) store.put(row)
      transaction.oncomplete = () => resolve()
      transaction.onabort = () => reject(transaction.error ?? new Error('the transaction was aborted'))
    })
  const makeBurst = () => {
    const rowsById = new Map<string, Row>()
    const written = Promise.resolve().then(() => {
      burst = undefined
      return write(rowsById.values())
    })
    return { rowsById, written }
  }
  return {
    write,
    writeSoon(row: Row) {
      burst ??= makeBurst()
      burst.rowsById.set(row.id, row)
      return burst.written
    },
    readAll: () => resultOf<Row[]>(database.transaction('rows').objectStore('rows').getAll()),
    close: () => database.close(),
  }
}

function resultOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error ?? new Error('the request failed'))
  })
}
