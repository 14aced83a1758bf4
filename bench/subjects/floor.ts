// What an application would write by hand for exactly these questions: a Map, views kept by hand, and IndexedDB with one record per row,
// one transaction per burst, one getAll at the start.
import type { Issue, Named } from '../data/issues.ts'
import { answer, type Place } from '../data/places.ts'
import { placesSpace } from '../data/space.ts'
import { openDisk } from '../floor/disk.ts'
import { createViews } from '../floor/views.ts'
import type { Places, PlacesOptions, Subject } from '../subject.ts'

export const subject: Subject = {
  async openTracker({ name, isKept }) {
    const disk = isKept ? await openDisk<Issue>(name) : undefined
    const issuesById = new Map((await disk?.readAll())?.map((issue) => [issue.id, issue]))
    const projectsById = new Map<string, Named>()
    const usersById = new Map<string, Named>()
    const { move, rename, ...watching } = createViews({ issuesById, projectsById, usersById })
    return {
      async load({ issues, projects, users }) {
        for (const issue of issues) issuesById.set(issue.id, issue)
        for (const project of projects) projectsById.set(project.id, project)
        for (const user of users) usersById.set(user.id, user)
        await disk?.write(issues)
      },
      find: (id) => issuesById.get(id),
      ...watching,
      async patch(id, fields) {
        const before = issuesById.get(id) as Issue
        const after = Object.freeze({ ...before, ...fields })
        issuesById.set(id, after)
        move(before, after)
        await disk?.writeSoon(after)
      },
      async renameProject(id, name) {
        projectsById.set(id, { id, name })
        rename(id)
      },
      async close() {
        disk?.close()
      },
    }
  },
  places: {
    open(options) {
      const placesById = new Map<string, Place>()
      return makePlaces(placesById, readPlaces(options, placesById))
    },
    async fetch({ name, url }, onReceived) {
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
  },
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
