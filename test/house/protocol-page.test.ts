// The examples of docs/protocol.md are what the server says: the exchange is held again, in a world that stands still, and the page must have each part of it.
import { readFileSync } from 'node:fs'
import * as v from 'valibot'
import { expect, test } from 'vitest'
import { collection } from '../../src/schema/collection.ts'
import { defineSchema } from '../../src/schema/schema.ts'
import { defineMutators, mutator } from '../../src/mutator/mutator.ts'
import { createServer } from '../../src/server/handler.ts'
import { memoryDatabase } from '../../src/server/memory.ts'
import { systemWorld } from '../../src/server/world.ts'
import { root } from './sources.ts'

const page = readFileSync(`${root}docs/protocol.md`, 'utf8')
const now = 1_700_000_000_000

const schema = defineSchema({
  version: 1,
  collections: {
    books: collection(v.object({ id: v.string(), title: v.string() })),
    tasks: collection(v.object({ id: v.string(), team: v.string(), title: v.string() }), {
      audience: ({ team }) => `team:${team}`,
    }),
  },
})
const mutators = defineMutators(schema, {
  addBook: mutator([v.string(), v.string()], (tx, id, title) => tx.books.insert({ id, title })),
  rename: mutator([v.string(), v.string()], (tx, id, title) => {
    if (!tx.books.has(id)) tx.reject('gone', 'This book was removed. Choose another.')
    tx.books.patch(id, { title })
  }),
  removeBook: mutator([v.string()], (tx, id) => tx.books.remove(id)),
  addTask: mutator([v.string(), v.string(), v.string()], (tx, id, team, title) => tx.tasks.put({ id, team, title })),
})

function serve() {
  const randomBytes = (count: number): Uint8Array => new Uint8Array(count).fill(7)
  return createServer({
    schema,
    mutators,
    database: memoryDatabase({ randomBytes }),
    authenticate: (request) => {
      const [, user] = /^Bearer (\w+)$/.exec(request.headers.get('authorization') ?? '') ?? []
      return user === undefined ? null : { user }
    },
    audiences: (tx) => (tx.user === 'eve' ? null : ['team:red']),
    authorize: 'anyone',
    world: { ...systemWorld, clock: { now: () => now, sleep: (_, signal) => untilAborted(signal) }, randomBytes },
  })
}

const untilAborted = (signal?: AbortSignal): Promise<void> => new Promise((resolve) => signal?.addEventListener('abort', () => resolve()))
const envelope = { tidemark: 1, space: 'main', user: 'ann', schema: 1 }
const of = (seq: number, name: string, ...args: readonly string[]) => ({
  client: 'c1',
  seq,
  id: `m${seq}`,
  calls: [[name, args]],
  at: now,
  schema: 1,
})

interface Body {
  readonly epoch?: string
  readonly cursor?: string
}

function makeAsk(server: ReturnType<typeof serve>) {
  const shown: string[] = []
  const post = (path: string, message: object, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
    server.fetch(
      new Request(`http://test.invalid/sync/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: 'Bearer ann', ...headers },
        body: JSON.stringify(message),
      }),
    )
  const say = async (path: string, message: object): Promise<Body> => (await post(path, message)).json() as Promise<Body>
  const show = async (path: string, message: object, headers: Readonly<Record<string, string>> = {}): Promise<Body> => {
    const response = await post(path, message, headers)
    const body = (await response.json()) as Body
    shown.push(`POST /sync/${path}\n${layOut(message)}\n\n${response.status}\n${layOut(body)}`)
    return body
  }
  return { post, say, show, shown }
}

// cursors are long, and nobody but the server reads them: the page has `cursor-1` for the first, and so on
function shortenCursors(texts: readonly string[]): string[] {
  const cursors = new Set<string>()
  const shorten = (cursor: string): string => `"cursor-${[...cursors.add(cursor)].indexOf(cursor) + 1}"`
  return texts.map((text) => text.replaceAll(/"[\w-]{40,}\.[\w-]{40,}"/g, shorten))
}

function findMissing(texts: readonly string[]): string[] {
  return shortenCursors(texts).filter((text) => !page.includes(`\`\`\`\n${text}\n\`\`\``))
}

// one member a line, and one item of a list of objects
function layOut(value: object): string {
  const members = Object.entries(value).map(([key, member]) => `  ${JSON.stringify(key)}: ${layOutMember(member)}`)
  return `{\n${members.join(',\n')}\n}`
}

function layOutMember(member: unknown): string {
  if (!Array.isArray(member) || member.length === 0) return JSON.stringify(member)
  return `[\n${member.map((item) => `    ${JSON.stringify(item)}`).join(',\n')}\n  ]`
}

async function readEvents(response: Response, count: number): Promise<string> {
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  const decoder = new TextDecoder()
  let text = ''
  while (text.split('\n\n').length <= count) text += decoder.decode((await reader.read()).value, { stream: true })
  await reader.cancel()
  return text.trimEnd()
}

test('the exchange that the page of the protocol shows is what the server says', async () => {
  const server = serve()
  const { post, say, show, shown } = makeAsk(server)
  const push = { ...envelope, group: 'g1', mutations: [of(1, 'addBook', 'b1', 'Kim'), of(2, 'rename', 'b9', 'Emma')] }
  const { epoch } = await show('push', push)
  await show('push', { ...envelope, epoch, group: 'g1', mutations: [of(1, 'addBook', 'b1', 'Kim'), of(4, 'removeBook', 'b1')] })
  await say('push', { ...envelope, epoch, group: 'g1', mutations: [of(3, 'addTask', 't1', 'red', 'Paint')] })
  const first = await show('pull', { ...envelope, epoch, group: 'g1', cursor: null, limit: 1 })
  const second = await say('pull', { ...envelope, epoch, group: 'g1', cursor: first.cursor, limit: 1 })
  await say('push', { ...envelope, epoch, group: 'g1', mutations: [of(4, 'removeBook', 'b1')] })
  await show('pull', { ...envelope, epoch, group: 'g1', cursor: second.cursor })
  await show('pull', { ...envelope, epoch: 'other', group: 'g1', cursor: second.cursor })

  const asked = { ...envelope, epoch, group: 'g2' }
  const snapshot = await post('snapshot', asked)
  shown.push(`POST /sync/snapshot\n${layOut(asked)}\n\n${snapshot.status}\n${(await snapshot.text()).trimEnd()}`)

  const listened = { ...envelope, epoch, group: 'g1', version: 2 }
  const stream = await post('poke', listened)
  await post('push', { ...envelope, epoch, group: 'g1', mutations: [of(5, 'addBook', 'b2', 'Emma')] })
  shown.push(`POST /sync/poke\n${layOut(listened)}\n\n${stream.status}\n${await readEvents(stream, 3)}`)
  expect(findMissing(shown)).toEqual([])
  await server.close()
})

test('the failures that the page of the protocol shows are what the server says', async () => {
  const server = serve()
  const { show, shown } = makeAsk(server)
  const pull = { ...envelope, group: 'g1', cursor: null }
  await show('pull', { ...pull, limit: 0 })
  await show('pull', { ...pull, user: 'bob' })
  await show('pull', { ...pull, user: 'eve' }, { authorization: 'Bearer eve' })
  await show('pull', { ...pull, schema: 2 })
  await show('pull', { ...pull, tidemark: 2 })
  await show('pulls', pull)
  expect(findMissing(shown)).toEqual([])
  await server.close()
})
