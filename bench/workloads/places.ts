import { mainQuestion, type Place, type PlaceQuestion, type PlacesTruth } from '../data/places.ts'
import type { Places, PlacesSubject, Subject } from '../subject.ts'
import { mustEqual, type Step, type Workload } from '../workload.ts'

const all = 171_075
const options = { name: 'places', url: '/sync' }
const question = '“country is IT, name starts with San, by name, first 50”'

/** W10: the first load of the world's places, over HTTP, from a server whose database is in memory. */
export const firstLoad: Workload = {
  name: 'W10',
  about: `a new store takes the snapshot of the world's places over HTTP; until all are kept, and a reload shows them; the server is createServer() over memoryDatabase()`,
  rows: [all],
  isForAll: false,
  plot: { over: 'rows', metric: 'durable (ms)' },
  server: 'memory',
  steps: [fetchPlaces, mustBeKept],
}

/** W10 over embedded Postgres. */
export const firstLoadFromPglite: Workload = {
  ...firstLoad,
  name: 'W10-pglite',
  about: 'the same; the server is createServer() over pglite()',
  server: 'pglite',
}

/** W2: a reload with the world's places on disk. */
export const reload: Workload = {
  name: 'W2',
  about: `a reload with the world's places on disk; from the script's start to the first right answer to ${question}, and until every row can be asked for`,
  rows: [all],
  isForAll: false,
  plot: { over: 'rows', metric: 'first right answer (ms)' },
  server: 'memory',
  prepare: fetchPlaces,
  steps: [openPlaces],
}

async function fetchPlaces({ subject }: Parameters<Step>[0]): ReturnType<Step> {
  const begun = performance.now()
  let received = 0
  const places = await mustKeepPlaces(subject).fetch(options, () => (received = performance.now()))
  const kept = performance.now()
  await mustBeRight(places, await fetchTruth())
  await places.close()
  return { 'last byte (ms)': received - begun, 'durable (ms)': kept - begun }
}

async function mustBeKept({ subject }: Parameters<Step>[0]): ReturnType<Step> {
  const places = mustKeepPlaces(subject).open(options)
  await places.whole
  await mustBeRight(places, await fetchTruth())
  await places.close()
  return {}
}

async function openPlaces({ subject, startedAt }: Parameters<Step>[0]): ReturnType<Step> {
  const places = mustKeepPlaces(subject).open(options)
  const heard: { readonly at: number; readonly found: readonly Place[] }[] = []
  places.watch(mainQuestion, (found) => heard.push({ at: performance.now(), found }))
  await places.whole
  const wholeAt = performance.now()
  const truth = await fetchTruth()
  const expected = JSON.stringify(truth.answers[0]?.[1])
  const right = heard.find(({ found }) => JSON.stringify(found.map(toPlain)) === expected)
  if (!right) throw new Error(`${question} was not answered rightly when every row could be asked for`)
  await mustBeRight(places, truth)
  await places.close()
  return { 'first right answer (ms)': right.at - startedAt, 'every row (ms)': wholeAt - startedAt }
}

function mustKeepPlaces({ places }: Subject): PlacesSubject {
  if (!places) throw new Error('This subject keeps no places')
  return places
}

async function mustBeRight(places: Places, { count, answers }: PlacesTruth): Promise<void> {
  mustEqual(places.count(), count, 'the number of places')
  for (const [asked, expected] of answers)
    mustEqual((await ask(places, asked)).map(toPlain), expected, `the answer to ${JSON.stringify(asked)}`)
}

function ask(places: Places, asked: PlaceQuestion): Promise<readonly Place[]> {
  return new Promise((resolve) => places.watch(asked, resolve))
}

// fields in one order, however a store keeps them
function toPlain({ id, name, country, admin1, lat, lng }: Place): Place {
  return { id, name, country, admin1, lat, lng }
}

async function fetchTruth(): Promise<PlacesTruth> {
  return (await (await fetch('/truth')).json()) as PlacesTruth
}
