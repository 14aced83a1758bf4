// Requests that are almost right: one that is, with a few of its parts dropped, doubled, moved, retyped or made hostile.
import * as v from 'valibot'
import { expect, test } from 'vitest'
import { isErrorCode } from '../../src/errors.ts'
import { failureSchema } from '../../src/protocol/failure.ts'
import type { PullPage } from '../../src/protocol/pull.ts'
import { pullAnswerSchema } from '../../src/protocol/pull.ts'
import { pushAnswerSchema } from '../../src/protocol/push.ts'
import type { Database } from '../../src/server/database.ts'
import { memoryDatabase } from '../../src/server/memory.ts'
import { createRng, type Rng } from '../kit/rng.ts'
import { call, serve } from './app.ts'

const seeds = Array.from({ length: 10 }, (_, i) => i + 1)
const requestsPerSeed = 200

test.each(seeds)(
  'HX5 HX8 hostile requests get a coded answer, change nothing where they fail, and are told no secret (seed %i)',
  async (seed) => {
    const rng = createRng(seed)
    const { database, writes } = counted(memoryDatabase({ randomBytes: (count) => rng.bytes(count) }))
    const app = serve({ database, audiences: (tx) => (tx.user === 'u9' ? ['team:red'] : []) })
    await call(app, 'u9', 'TAINT group').push({ client: 'TAINT client', id: 'TAINT id', calls: [['putTask', ['hidden', 'red', 'TAINT']]] })
    await call(app, 'u9', 'a').push({ calls: [['join', ['TAINT', 'red']]] })
    const messages = await makeMessages(app, rng)
    const inherited = Object.getOwnPropertyNames(Object.prototype).sort()

    for (let i = 0; i < requestsPerSeed; i++) {
      const request = makeRequest(rng, { messages, i })
      const said = `seed ${seed}, request ${i}: ${request.path} ${request.text.slice(0, 2000)}`
      const before = writes()
      const response = await app.server.fetch(toRequest(request))
      if (response.headers.get('content-type') === 'text/event-stream') {
        await response.body?.cancel()
        continue
      }
      const text = await response.text()
      expect(text, said).not.toContain('TAINT')
      expect(response.status, `${said} → ${text}`).toBeLessThan(500)
      if (response.status !== 200) {
        expect(isErrorCode(v.parse(failureSchema, JSON.parse(text)).error.code), said).toBe(true)
        expect(writes(), said).toBe(before)
      } else if (request.path === 'pull') v.parse(pullAnswerSchema, JSON.parse(text))
      else if (request.path === 'push') {
        const { verdicts } = v.parse(pushAnswerSchema, JSON.parse(text))
        const written = writes()
        const again = v.parse(pushAnswerSchema, await (await app.server.fetch(toRequest(request))).json())
        expect(again.verdicts, `${said}, said again`).toEqual(verdicts)
        expect(writes(), `${said}, said again`).toBe(written)
      }
      expect(Object.getOwnPropertyNames(Object.prototype).sort(), said).toEqual(inherited)
    }
    await app.server.close()
  },
)

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

interface Sent {
  readonly path: string
  readonly text: string
  readonly type: string
  readonly user: string
}

const paths = ['push', 'pull', 'snapshot', 'poke']
const names = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'then',
  '',
  '\u0000',
  '\ud800',
  '\uffff',
  '%00',
  "'; --",
]
const texts = [...names, 'u1', 'u9', 'shared', 'server', 'x'.repeat(256), 'x'.repeat(257), '€'.repeat(256), 'x'.repeat(20_000)]
const numbers = [0, 1, -1, 0.5, 2 ** 31, 2 ** 53 - 1, 2 ** 53, 1e21, -1e300, 5e-324]
// what JSON.stringify would not write
const rawByMark = new Map([
  ['@huge', '1e400'],
  ['@minus zero', '-0'],
  ['@deep', `${'['.repeat(20_000)}${']'.repeat(20_000)}`],
  ['@many', `[${'{},'.repeat(2000)}0]`],
])
const values: readonly Json[] = [null, true, false, [], {}, [[]], [null], ...texts, ...numbers, ...rawByMark.keys()]

function makeRequest(rng: Rng, { messages, i }: { readonly messages: Readonly<Record<string, MakeMessage>>; readonly i: number }): Sent {
  const path = rng.pick(paths)
  let message = structuredClone(messages[rng.chance(0.9) ? path : rng.pick(paths)]?.(i)) as Json
  for (let left = rng.int(0, 3); left > 0; left--) message = mutate(rng, message)
  let text = JSON.stringify(message)
  for (const [mark, raw] of rawByMark) text = text.replaceAll(JSON.stringify(mark), raw)
  if (rng.chance(0.05)) text = text.slice(0, rng.int(0, text.length))
  if (rng.chance(0.05)) text = rng.shuffle(text.slice(0, 400).split('')).join('')
  const type = rng.chance(0.95) ? 'application/json' : rng.pick(['text/plain', '', 'application/json, text/plain', 'multipart/form-data'])
  return { path, text, type, user: rng.chance(0.95) ? 'u1' : rng.pick(['u9', 'nobody', 'reader']) }
}

// Each of these happens at a place drawn from all places of the message.
function mutate(rng: Rng, message: Json): Json {
  const places = listPlaces(message)
  const { parent, key, value } = rng.pick(places)
  if (parent === undefined) return rng.chance(0.1) ? rng.pick(values) : message
  const other = rng.pick(places)
  const edits = [
    () => void Reflect.deleteProperty(parent, key),
    () => setOwn(parent, key, rng.pick(values)),
    () => setOwn(parent, key, rng.pick(numbers)),
    () => setOwn(parent, key, structuredClone(other.value)),
    () => typeof value === 'string' && setOwn(parent, key, alter(rng, value)),
    () => setOwn(parent, rng.pick(names), rng.pick([rng.pick(values), { polluted: true }])),
    () => Array.isArray(parent) && parent.splice(Number(key), 0, structuredClone(parent[Number(key)] as Json)),
    () => Array.isArray(parent) && parent.reverse(),
  ]
  rng.pick(edits)()
  return message
}

// one character is another, is there twice, or is gone
function alter(rng: Rng, text: string): string {
  const at = rng.int(0, text.length)
  return text.slice(0, at) + rng.pick(['', 'A', '.', '\uffff', text.charAt(at).repeat(2)]) + text.slice(at + 1)
}

interface Place {
  readonly parent: object | undefined
  readonly key: string
  readonly value: Json
}

function listPlaces(value: Json, parent?: object, key = ''): Place[] {
  const children = typeof value === 'object' && value !== null ? Object.entries(value) : []
  return [{ parent, key, value }, ...children.flatMap(([name, child]) => listPlaces(child, value as object, name))]
}

// `object.__proto__ = …` would set another thing than a field of that name
function setOwn(object: object, key: string, value: Json): void {
  Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true })
}

type MakeMessage = (i: number) => Json

async function makeMessages(app: ReturnType<typeof serve>, rng: Rng): Promise<Readonly<Record<string, MakeMessage>>> {
  const caller = call(app)
  await caller.push({ calls: [['addBook', ['b1', 'one']]] }, { calls: [['addBook', ['b2', 'two']]] })
  const { cursor, epoch } = (await caller.pull({ limit: 1 })) as PullPage
  const envelope = { ...caller.envelope(), epoch } as { [key: string]: Json }
  const makeMutation = (i: number, n: number): Json => ({
    ...{ client: `c${i}`, seq: n + 1, id: `m${i}.${n}`, at: 1_000, schema: 2, attempt: 1 },
    calls: rng.chance(0.8) ? [rng.pick(calls)] : [rng.pick(calls), rng.pick(calls)],
    ...(rng.chance(0.3) ? { needs: [`m${i}.${n - 1}`] } : {}),
  })
  return {
    push: (i) => ({ ...envelope, mutations: Array.from({ length: rng.int(1, 6) }, (_, n) => makeMutation(i, n)) }),
    pull: () => ({ ...envelope, cursor: rng.chance(0.5) ? cursor : null, limit: 5 }),
    snapshot: () => ({ ...envelope, ...(rng.chance(0.5) ? { cursor } : {}) }),
    poke: () => ({ ...envelope, version: 1 }),
  }
}

const calls: readonly Json[] = [
  ['books.insert', [{ id: 'b3', title: 'three', pages: 3 }]],
  ['books.patch', ['b1', { title: 'One' }, { unset: ['note'] }]],
  ['books.remove', ['b2']],
  ['tasks.patch', ['hidden', { title: 'seen' }]],
  ['addBook', ['b2', 'two']],
  ['addPages', ['b1', 5]],
  ['addThenThrow', ['b5', 'b6']],
  ['sumPages', ['b4']],
  ['readAll', []],
  ['stamp', ['b7']],
  ['badRow', ['b8']],
  ['putTask', ['t1', 'blue', 'x']],
  ['forbidden', ['b9']],
]

function toRequest({ path, text, type, user }: Sent): Request {
  const init = { method: 'POST', headers: { 'content-type': type, 'x-user': user }, body: text }
  return new Request(`http://server/sync/${path}`, init)
}

function counted(database: Database): { readonly database: Database; readonly writes: () => number } {
  let writes = 0
  return {
    writes: () => writes,
    database: {
      ...database,
      write: (space, run) =>
        database.write(space, (writer) =>
          run({
            ...writer,
            write: (batch) => {
              writes++
              return writer.write(batch)
            },
          }),
        ),
    },
  }
}
