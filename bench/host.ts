// What the page talks to: its own files, the truth about the places, and the reference server that has them. And what the command
// that runs it needs of the bench's own code.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createServer, type Database, memoryDatabase } from 'tidemark/server'
import { listen } from 'tidemark/server/node'
import { pglite } from 'tidemark/server/pglite'
import { PROTOCOL_VERSION } from 'tidemark/protocol'
import { readPlaces } from '../demo/places.ts'
import { mutators, schema } from './data/app.ts'
import { findTruth, type Place } from './data/places.ts'
import { placesSpace } from './data/space.ts'
import { workloads } from './workloads.ts'

const placesPerMutation = 1000

export { makeReport } from './report/report.ts'
export { summarise } from './report/summary.ts'

/** The plan of all workloads, for a command that runs them. */
export const plan = workloads.map(({ prepare, steps, ...told }) => ({ ...told, isPrepared: prepare !== undefined, steps: steps.length }))

/** What is served. */
export interface HostOptions {
  /** Where the bundles of the page are. */
  readonly bundles: string
  /** The bundles that a subject's page needs at once, so that they are fetched before its clock begins. */
  readonly preloadBySubject: Readonly<Record<string, readonly string[]>>
  /** The database that is filled with places; none is filled without. */
  readonly server: 'memory' | 'pglite' | undefined
  readonly places: number
  /** An empty folder for a database on disk. */
  readonly folder: string
}

/** Serves one workload. The headers isolate the page, so that its clock counts in microseconds. */
export async function openHost({ bundles, preloadBySubject, server, places: count, folder }: HostOptions) {
  const places = server === undefined ? [] : takeEvenly(await readPlaces(), count)
  const truth = findTruth(places)
  const database = server === 'pglite' ? pglite(folder) : memoryDatabase()
  const sync = await openSync(database, places)
  const answer = async (request: Request): Promise<Response> => {
    const { pathname, searchParams } = new URL(request.url)
    if (pathname.startsWith('/sync/')) return sync.fetch(request)
    if (pathname === '/truth') return Response.json(truth)
    if (pathname === '/') return reply(makePage(preloadBySubject[searchParams.get('subject') ?? ''] ?? []), 'text/html')
    if (/^\/[\w.-]+\.js$/.test(pathname)) return reply(await readFile(join(bundles, pathname)), 'text/javascript')
    return new Response(undefined, { status: 404 })
  }
  const listening = await listen({ fetch: answer })
  return {
    // a name of its own: some libraries do more work on a page from plain localhost, for whoever debugs it
    url: listening.url.replace('127.0.0.1', 'bench.localhost'),
    async close() {
      await listening.close()
      await sync.close()
    },
  }
}

// fewer than all are from all over the world, too
function takeEvenly(places: readonly Place[], count: number): readonly Place[] {
  return places.filter((_, i) => Math.floor((i * count) / places.length) !== Math.floor(((i + 1) * count) / places.length))
}

async function openSync(database: Database, places: readonly Place[]) {
  const server = createServer({ schema, mutators, database, authorize: 'anyone' })
  const ask = async (path: string, message: object): Promise<string> => {
    const envelope = { tidemark: PROTOCOL_VERSION, space: placesSpace, user: null, schema: schema.version, group: 'filler' }
    const body = JSON.stringify({ ...envelope, ...message })
    const request = { method: 'POST', headers: { 'content-type': 'application/json' }, body }
    return (await server.fetch(new Request(`http://bench.invalid/sync/${path}`, request))).text()
  }
  for (let i = 0, seq = 1; i < places.length; i += placesPerMutation, seq++) {
    const calls = [['putPlaces', [places.slice(i, i + placesPerMutation)]]]
    const mutation = { client: 'filler', seq, id: `filler-${seq}`, calls, at: Date.now(), schema: schema.version }
    const answer = await ask('push', { mutations: [mutation] })
    if (!answer.includes('"applied"')) throw new Error(`The server could not be filled: ${answer.slice(0, 300)}`)
  }
  // whoever comes first would find the server cold
  if (places.length > 0) for (let i = 0; i < 2; i++) await ask('snapshot', {})
  return server
}

function reply(body: string | Uint8Array<ArrayBuffer>, type: string): Response {
  const isolating = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' }
  return new Response(body, { headers: { 'content-type': type, 'cache-control': 'no-cache', ...isolating } })
}

// The script begins when its bundles are there: what is measured is our code, not the fetching of it.
function makePage(bundles: readonly string[]): string {
  const links = bundles.map((name) => `<link rel="modulepreload" href="/${name}">`)
  return `<!doctype html><meta charset="utf-8"><title>bench</title><link rel="icon" href="data:,">${links.join('')}
<script>addEventListener('load', () => { globalThis.begun = import('/page.js') })</script>`
}
