// The app that the tests of the server serve: its schema, its mutators, and a caller who speaks the protocol by hand.
import { webcrypto } from 'node:crypto'
import * as v from 'valibot'
import { defineMutators, mutator } from '../../src/mutator/mutator.ts'
import type { FailureBody } from '../../src/protocol/failure.ts'
import type { Mutation } from '../../src/protocol/mutation.ts'
import type { Patch } from '../../src/protocol/patch.ts'
import type { PullAnswer, PullPage, PullRequest } from '../../src/protocol/pull.ts'
import type { PushAnswer } from '../../src/protocol/push.ts'
import { collection } from '../../src/schema/collection.ts'
import { defineSchema } from '../../src/schema/schema.ts'
import type { AnyRow } from '../../src/schema/row.ts'
import type { Database, SpaceReader } from '../../src/server/database.ts'
import { createServer, type Server } from '../../src/server/handler.ts'
import { memoryDatabase } from '../../src/server/memory.ts'
import type { ServerOptions } from '../../src/server/setup.ts'
import type { ServerWorld } from '../../src/server/world.ts'
import { createVirtualClock, type VirtualClock } from '../kit/clock.ts'
import { createRng } from '../kit/rng.ts'

const Book = v.object({ id: v.string(), title: v.string(), pages: v.number(), note: v.optional(v.string()) })
const Task = v.object({ id: v.string(), team: v.string(), title: v.string() })
const Member = v.object({ id: v.string(), user: v.string(), team: v.string() })

export const schema = defineSchema({
  version: 2,
  collections: {
    books: collection(Book, { crud: true }),
    tasks: collection(Task, { crud: true, audience: (task) => `team:${task.team}` }),
    members: collection(Member, { audience: 'server' }),
  },
})

/** How often each mutator ran. */
export const runs = new Map<string, number>()
const counted = (name: string): void => void runs.set(name, (runs.get(name) ?? 0) + 1)

export const mutators = defineMutators(schema, {
  addBook: mutator([v.string(), v.string()], (tx, id, title) => {
    counted('addBook')
    tx.books.insert({ id, title: title.trim(), pages: 0 })
  }),
  addPages: mutator([v.string(), v.number()], (tx, id, more) => {
    const book = tx.books.get(id)
    if (!book) return tx.reject('no-such-book', 'There is no such book. Choose another one.')
    tx.books.patch(id, { pages: book.pages + more })
  }),
  addThenThrow: mutator([v.string(), v.string()], (tx, a, b) => {
    tx.books.insert({ id: a, title: 'a', pages: 1 })
    tx.books.insert({ id: b, title: 'b', pages: 2 })
    throw new Error(`secret of ${tx.tasks.get('t1')?.title}`)
  }),
  editTwiceAndRemove: mutator([v.string()], (tx, id) => {
    tx.books.patch(id, { pages: 1 })
    tx.books.patch(id, { pages: 2 })
    tx.books.remove(id)
  }),
  addAndRemove: mutator([v.string()], (tx, id) => {
    tx.books.insert({ id, title: 'brief', pages: 0 })
    tx.books.patch(id, { pages: 9 })
    tx.books.remove(id)
  }),
  sumPages: mutator([v.string()], (tx, id) => {
    const thick = tx.books.where('pages', '>=', 1).orderBy('pages', 'desc').limit(2).read()
    tx.books.put({ id, title: thick.map((book) => book.id).join(), pages: thick.reduce((sum, book) => sum + book.pages, 0) })
  }),
  readAll: mutator([], (tx) => {
    tx.books.read()
  }),
  readForEver: mutator([], (tx) => {
    for (let i = 0; ; i++) tx.books.get(`b${i}`)
  }),
  stamp: mutator([v.string()], (tx, id) => {
    tx.books.put({ id, title: `${tx.newId()} ${tx.onServer} ${tx.user}`, pages: tx.authoredAt })
  }),
  badRow: mutator([v.string()], (tx, id) => {
    tx.books.put({ id, title: 'x', pages: 'many' as unknown as number })
  }),
  putTask: mutator([v.string(), v.string(), v.string()], (tx, id, team, title) => {
    tx.tasks.put({ id, team, title })
  }),
  removeTask: mutator([v.string()], (tx, id) => {
    tx.tasks.remove(id)
  }),
  join: mutator([v.string(), v.string()], (tx, user, team) => {
    tx.members.put({ id: `${user}.${team}`, user, team })
  }),
  part: mutator([v.string(), v.string()], (tx, user, team) => {
    tx.members.remove(`${user}.${team}`)
  }),
  forbidden: mutator([v.string()], (tx, id) => {
    tx.books.put({ id, title: 'forbidden', pages: 0 })
  }),
  onlyLong: mutator([v.string()], (tx, id) => {
    tx.books.patch(id, { title: 'long' })
  }),
})

export type AppOptions = Partial<
  Omit<ServerOptions<(typeof schema)['collections'], (typeof mutators)['mutators']>, 'schema' | 'mutators' | 'world'>
>

/** A server at work, with its clock, its database and its log. */
export interface App {
  readonly server: Server
  readonly database: Database
  readonly clock: VirtualClock
  readonly world: ServerWorld
  readonly reported: unknown[]
  /** All that the database holds of a space, as text. */
  dump(space?: string): Promise<string>
}

/** The app over a database in memory. Callers say who they are by the header `x-user`; `'nobody'` is nobody. */
export function serve(options: AppOptions = {}): App {
  const clock = createVirtualClock(1_000_000)
  const rng = createRng(1)
  const reported: unknown[] = []
  const world: ServerWorld = {
    clock,
    randomBytes: (count) => rng.bytes(count),
    subtle: webcrypto.subtle,
    report: (error) => void reported.push(error),
  }
  const database = options.database ?? memoryDatabase(world)
  const server = createServer({
    schema,
    mutators,
    authorize: (tx, name) => name !== 'forbidden' && tx.user !== 'reader',
    ...options,
    database,
    world,
    authenticate:
      options.authenticate ?? ((request) => (request.headers.get('x-user') === 'nobody' ? null : { user: request.headers.get('x-user') })),
  })
  return { server, database, clock, world, reported, dump: (space = 'main') => database.read(space, dump) }
}

async function dump(reader: SpaceReader): Promise<string> {
  const rows = await Promise.all(Object.keys(schema.collections).map((from) => reader.select({ from })))
  const groups = ['g', 'g1', 'g2', 'a', 'b']
  const outcomes = await Promise.all(groups.map((group) => Promise.all([reader.group(group), reader.outcomes(group, 0)])))
  return JSON.stringify([await reader.head(), rows, outcomes])
}

/** One device of one user. */
export interface Caller {
  readonly group: string
  readonly user: string | null
  post(path: string, message: unknown, init?: RequestInit): Promise<Response>
  push(...mutations: readonly Partial<Mutation>[]): Promise<PushAnswer>
  pull(request?: Partial<PullRequest>): Promise<PullAnswer>
  /** Pulls until there is no more, into its base, and remembers the cursor. */
  sync(request?: Partial<PullRequest>): Promise<PullPage>
  readonly base: Map<string, { readonly value: AnyRow; readonly audience: string | undefined }>
  cursor: string | null
  envelope(): Record<string, unknown>
}

/** Speaks for one device of a user. Mutations get the next sequence number of client `c.<group>`, and an id, where none are given. */
export function call(app: App, user: string | null = 'u1', group = 'g'): Caller {
  let seq = 0
  const envelope = () => ({ tidemark: 1, space: 'main', user, schema: 2, group })
  const headers: Record<string, string> = { 'content-type': 'application/json', ...(user === null ? {} : { 'x-user': user }) }
  const post = (path: string, message: unknown, init: RequestInit = {}) =>
    app.server.fetch(new Request(`http://server/sync/${path}`, { method: 'POST', headers, body: JSON.stringify(message), ...init }))
  const ask = async <T>(path: string, message: unknown): Promise<T> => {
    const response = await post(path, message)
    const body = (await response.json()) as unknown
    if (!response.ok) throw Object.assign(new Error(`${response.status} ${(body as FailureBody).error.code}`), { response, body })
    return body as T
  }
  const caller: Caller = {
    group,
    user,
    post,
    envelope,
    base: new Map(),
    cursor: null,
    push: (...mutations) => {
      const complete = mutations.map((mutation): Mutation => {
        const given = mutation.seq ?? ++seq
        return { client: `c.${group}`, seq: given, id: `m.${group}.${given}`, calls: [], at: 0, schema: 2, ...mutation }
      })
      return ask('push', { ...envelope(), mutations: complete })
    },
    pull: (request = {}) => ask('pull', { ...envelope(), cursor: caller.cursor, ...request }),
    async sync(request = {}) {
      const patches: Patch[] = []
      let cursor = caller.cursor
      for (let i = 0; i < 1000; i++) {
        const page = await caller.pull({ cursor, ...request })
        if ('reset' in page) throw new Error(`reset ${page.reset}`)
        if (page.from !== cursor) throw new Error('an answer to another question')
        patches.push(...page.patches)
        cursor = page.cursor
        if (page.more) continue
        applyPatches(caller.base, patches)
        caller.cursor = cursor
        return { ...page, patches }
      }
      throw new Error('no end of pages')
    },
  }
  return caller
}

/** What a client does with patches. */
export function applyPatches(base: Caller['base'], patches: readonly Patch[]): void {
  for (const patch of patches) {
    if (patch.op === 'put') base.set(`${patch.collection}/${patch.id}`, { value: patch.value as AnyRow, audience: patch.audience })
    else if (patch.op === 'del') {
      const key = `${patch.collection}/${patch.id}`
      if (base.get(key)?.audience === patch.audience) base.delete(key)
    } else for (const [key, { audience }] of base) if (audience === patch.audience) base.delete(key)
  }
}

/** The statuses, with the codes of what is not applied. */
export function summary({ verdicts }: PushAnswer): string[] {
  return verdicts.map(({ status, code }) => (code === undefined ? status : `${status} ${code}`))
}

/** The lines of a stream's JSON. */
export async function readLines(response: Response): Promise<unknown[]> {
  const text = await response.text()
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as unknown)
}
