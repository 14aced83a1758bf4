// Harbour's server: the reference server over a database, 200 issues to begin with, and the world's places on demand.
import { createServer, type Database } from 'tidemark/server'
import { PROTOCOL_VERSION } from 'tidemark/protocol'
import { mutators } from './mutators.ts'
import { people, type Place, schema } from './schema.ts'
import { seedIssues } from './seed.ts'

/** Places that one mutation of the import carries. */
const placesPerMutation = 1000
const importer = 'importer'

/** What answers under `/sync` and `/demo`. */
export interface Harbour {
  readonly fetch: (request: Request) => Promise<Response>
  /** Ends all streams and closes the database. */
  readonly close: () => Promise<void>
}

/** Opens Harbour over a database. The first issues are pushed at every start: the server applies a mutation once, however often it hears of it. */
export async function openHarbour(database: Database, readPlaces: () => Promise<readonly Place[]>): Promise<Harbour> {
  const server = createServer({ schema, mutators, database, authenticate, authorize })
  const push = makePush(server.fetch)
  await push(
    'main',
    1,
    seedIssues().map((issue) => ['createIssue', [issue]]),
  )
  return {
    fetch: async (request) => {
      const { pathname } = new URL(request.url)
      return pathname === '/demo/places' ? fillPlaces(request) : server.fetch(request)
    },
    close: () => server.close(),
  }

  // GET asks how many places there are, POST fills the space `places` and tells how far it is, a line of JSON a step.
  async function fillPlaces(request: Request): Promise<Response> {
    if (request.method !== 'POST') return Response.json({ done: await countPlaces(server.fetch) })
    const places = await readPlaces()
    const batches = Array.from({ length: Math.ceil(places.length / placesPerMutation) }, (_, i) =>
      places.slice(i * placesPerMutation, (i + 1) * placesPerMutation),
    )
    const lines = async function* () {
      for (const [i, batch] of batches.entries()) {
        await push('places', i + 1, [['putPlaces', [batch]]])
        yield `${JSON.stringify({ done: Math.min((i + 1) * placesPerMutation, places.length), total: places.length })}\n`
      }
    }
    return new Response(toStream(lines()), { headers: { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' } })
  }
}

const isSignedIn = (tx: { readonly user: string | null }) => tx.user !== null
const authorize = {
  createIssue: isSignedIn,
  setTitle: isSignedIn,
  setDescription: isSignedIn,
  setStatus: isSignedIn,
  setPriority: isSignedIn,
  setAssignee: isSignedIn,
  putPlaces: (tx: { readonly user: string | null }) => tx.user === importer,
  'places.*': isSignedIn,
}

/** Believes whoever says a name: Harbour is a demo. Yours checks a session or a token here. */
async function authenticate(request: Request): Promise<{ user: string } | null> {
  const user = [...people, importer].find((name) => request.headers.get('authorization') === `Bearer ${name}`)
  return user === undefined ? null : { user }
}

type Fetch = (request: Request) => Promise<Response>
type Calls = readonly (readonly [name: string, args: readonly unknown[]])[]

// Nothing but the protocol: any program that can POST can do this.
function makePush(fetch: Fetch): (space: string, seq: number, calls: Calls) => Promise<void> {
  return async (space, seq, calls) => {
    const client = `import-${space}`
    const at = Date.now()
    const mutation = { client, seq, id: `${client}-${seq}`, calls, at, schema: schema.version }
    const answer = await fetch(ask('push', space, { group: client, mutations: [mutation] }))
    const { verdicts } = (await answer.json()) as { verdicts?: readonly { status: string; code?: string; message?: string }[] }
    if (verdicts?.[0]?.status !== 'applied')
      throw new Error(`The import of ${space} stopped at ${seq}: ${answer.status} ${JSON.stringify(verdicts)}`)
  }
}

async function countPlaces(fetch: Fetch): Promise<number> {
  const { body } = await fetch(ask('snapshot', 'places', { group: 'import-places' }))
  const reader = body!.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  for (let part = await reader.read(); !part.done && !text.includes('\n'); part = await reader.read()) text += part.value
  await reader.cancel()
  return (JSON.parse(text.split('\n')[0] as string) as { total: number }).total
}

function ask(path: string, space: string, message: object): Request {
  return new Request(`http://harbour.invalid/sync/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${importer}` },
    body: JSON.stringify({ tidemark: PROTOCOL_VERSION, space, user: importer, schema: schema.version, ...message }),
  })
}

function toStream(lines: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await lines.next()
      if (done) controller.close()
      else controller.enqueue(encoder.encode(value))
    },
    async cancel() {
      await lines.return(undefined)
    },
  })
}
