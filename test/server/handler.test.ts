import * as v from 'valibot'
import { expect, test } from 'vitest'
import { TidemarkError } from '../../src/errors.ts'
import { failureSchema } from '../../src/protocol/failure.ts'
import { defineMutators } from '../../src/mutator/mutator.ts'
import { defineSchema } from '../../src/schema/schema.ts'
import { createServer } from '../../src/server/handler.ts'
import { type App, call, mutators, schema, serve } from './app.ts'

const mutation = { client: 'c.g', seq: 1, id: 'm1', calls: [['addBook', ['b1', 'x']]], at: 0, schema: 2 }
const envelope = { tidemark: 1, space: 'main', user: 'u1', schema: 2, group: 'g' }
const push = { ...envelope, mutations: [mutation] }
const pull = { ...envelope, cursor: null }

interface Bad {
  readonly path?: string
  readonly method?: string
  readonly type?: string | null
  readonly user?: string
  readonly body?: unknown
  /** The body as it is sent, where it is not JSON. */
  readonly raw?: BodyInit
  readonly code: string
  readonly status: number
}

const bytes = (...codes: number[]) => new Uint8Array(codes)
const request400 = { code: 'invalid/request', status: 400 }

const table: Record<string, Bad> = {
  'no such path': { path: 'nothing', body: push, code: 'invalid/request', status: 404 },
  'a path that is a name of Object': { path: 'constructor', body: push, code: 'invalid/request', status: 404 },
  'an empty path': { path: '', body: push, code: 'invalid/request', status: 404 },
  'another method': { method: 'PUT', body: push, code: 'invalid/request', status: 404 },
  'a GET': { method: 'GET', code: 'invalid/request', status: 404 },
  'no content type': { type: null, raw: bytes(123, 125), ...request400 },
  'text/plain, as a form of another site would send it': { type: 'text/plain', body: push, ...request400 },
  'a type that only begins like ours': { type: 'application/jsonp', body: push, ...request400 },
  'no body': { raw: '', ...request400 },
  'not JSON': { raw: '{"tidemark":1', ...request400 },
  'not UTF-8': { raw: bytes(34, 0xff, 0xfe, 34), ...request400 },
  'deep nesting': { raw: '['.repeat(100_000), ...request400 },
  null: { body: null, ...request400 },
  'a list': { body: [push], ...request400 },
  'no mark': { body: { ...push, tidemark: undefined }, ...request400 },
  'a mark that is no version': { body: { ...push, tidemark: '1' }, ...request400 },
  'another version of the protocol': { body: { tidemark: 2 }, code: 'outdated/protocol', status: 426 },
  'no space': { body: { ...push, space: undefined }, ...request400 },
  'an empty space': { body: { ...push, space: '' }, ...request400 },
  'a space of 257 characters': { body: { ...push, space: 'x'.repeat(257) }, ...request400 },
  'a space with NUL': { body: { ...push, space: 'a\u0000b' }, ...request400 },
  'a list for a space': { body: { ...push, space: ['main'] }, ...request400 },
  'no user': { body: { ...push, user: undefined }, ...request400 },
  'another user than the one who is signed in': { body: { ...push, user: 'u2' }, code: 'auth/required', status: 401 },
  'signed out, while somebody is signed in': { body: { ...push, user: null }, code: 'auth/required', status: 401 },
  nobody: { user: 'nobody', body: push, code: 'auth/required', status: 401 },
  'no group': { body: { ...push, group: undefined }, ...request400 },
  'no schema': { body: { ...push, schema: undefined }, ...request400 },
  'a negative schema': { body: { ...push, schema: -1 }, ...request400 },
  'a push of a newer schema': { body: { ...push, schema: 3 }, code: 'outdated/schema', status: 409 },
  'a mutation of a newer schema': { body: { ...push, mutations: [{ ...mutation, schema: 3 }] }, code: 'outdated/schema', status: 409 },
  'a push of another epoch': { body: { ...push, epoch: 'other' }, code: 'outdated/epoch-changed', status: 409 },
  'a pull of an older schema': { path: 'pull', body: { ...pull, schema: 1 }, code: 'outdated/schema', status: 409 },
  'a pull of a newer schema': { path: 'pull', body: { ...pull, schema: 3 }, code: 'outdated/schema', status: 409 },
  'a snapshot of an older schema': { path: 'snapshot', body: { ...envelope, schema: 1 }, code: 'outdated/schema', status: 409 },
  'a poke of an older schema': { path: 'poke', body: { ...envelope, schema: 1, version: 0 }, code: 'outdated/schema', status: 409 },
  'mutations that are no list': { body: { ...push, mutations: {} }, ...request400 },
  'sequence number 0': { body: { ...push, mutations: [{ ...mutation, seq: 0 }] }, ...request400 },
  'a broken sequence number': { body: { ...push, mutations: [{ ...mutation, seq: 1.5 }] }, ...request400 },
  'a sequence number beyond the safe ones': { raw: JSON.stringify(push).replace('"seq":1', '"seq":9007199254740993'), ...request400 },
  'a time that is no number': { raw: JSON.stringify(push).replace('"at":0', '"at":1e400'), ...request400 },
  'a call that is no pair': { body: { ...push, mutations: [{ ...mutation, calls: [['addBook']] }] }, ...request400 },
  'a call without a name': { body: { ...push, mutations: [{ ...mutation, calls: [['', []]] }] }, ...request400 },
  'too many calls': {
    body: { ...push, mutations: [{ ...mutation, calls: Array.from({ length: 1001 }, () => ['addBook', []]) }] },
    ...request400,
  },
  'a client of 257 characters': { body: { ...push, mutations: [{ ...mutation, client: 'x'.repeat(257) }] }, ...request400 },
  'too many mutations': {
    body: { ...push, mutations: Array.from({ length: 101 }, (_, i) => ({ ...mutation, seq: i + 1, id: `m${i}` })) },
    code: 'invalid/too-large',
    status: 413,
  },
  'a push over 2 MB': {
    body: { ...push, mutations: [{ ...mutation, calls: [['addBook', ['b1', 'x'.repeat(2_100_000)]]] }] },
    code: 'invalid/too-large',
    status: 413,
  },
  'a pull over 64 kB': { path: 'pull', body: { ...pull, cursor: 'x'.repeat(65_000) }, code: 'invalid/too-large', status: 413 },
  'a cursor that is too long': { path: 'pull', body: { ...pull, cursor: 'x'.repeat(17_000) }, ...request400 },
  'an empty cursor': { path: 'pull', body: { ...pull, cursor: '' }, ...request400 },
  'a cursor that is not ours': { path: 'pull', body: { ...pull, cursor: 'abcd.efgh' }, ...request400 },
  'no cursor at all': { path: 'pull', body: envelope, ...request400 },
  'a limit of 0': { path: 'pull', body: { ...pull, limit: 0 }, ...request400 },
  'a snapshot from a cursor that is not ours': { path: 'snapshot', body: { ...envelope, cursor: 'abcd.efgh' }, ...request400 },
  'a poke without a version': { path: 'poke', body: envelope, ...request400 },
}

test.each(Object.entries(table))('§6 %s is answered with its code, and nothing changes', async (_, bad) => {
  const app = serve()
  await call(app, 'u1', 'a').push({ calls: [['addBook', ['before', 'x']]] })
  const before = await app.dump()
  const response = await send(app, bad)
  const body = v.parse(failureSchema, await response.json())
  expect({ status: response.status, code: body.error.code }).toEqual({ status: bad.status, code: bad.code })
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(response.headers.get('content-type')).toBe('application/json')
  expect(await app.dump()).toBe(before)
  expect(app.reported).toEqual([])
})

function send(app: App, { path = 'push', method = 'POST', type = 'application/json', user = 'u1', body, raw }: Bad): Promise<Response> {
  const headers = new Headers({ 'x-user': user })
  if (type !== null) headers.set('content-type', type)
  const init = method === 'GET' ? {} : { body: raw ?? JSON.stringify(body) }
  return app.server.fetch(new Request(`http://server/sync/${path}`, { method, headers, ...init }))
}

test('what is good is answered well, with whatever parameters of its type', async () => {
  const app = serve()
  expect((await send(app, { body: push, type: 'application/json; charset=utf-8', ...request400 })).status).toBe(200)
  const response = await send(app, { path: 'pull?x=1', body: pull, ...request400 })
  expect(response.status).toBe(200)
  expect(response.headers.get('cache-control')).toBe('no-store')
})

test('an older client may push, and may not pull', async () => {
  const app = serve()
  expect((await send(app, { body: { ...push, schema: 1, mutations: [{ ...mutation, schema: 1 }] }, ...request400 })).status).toBe(200)
  expect((await send(app, { path: 'pull', body: { ...pull, schema: 1 }, ...request400 })).status).toBe(409)
})

test('HV9 a body is read no further than its limit, whatever length it claims', async () => {
  const app = serve()
  let sent = 0
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += 65_536
      controller.enqueue(new Uint8Array(65_536).fill(32))
    },
  })
  const headers = { 'content-type': 'application/json', 'x-user': 'u1' }
  const init = { method: 'POST', headers, body: endless, duplex: 'half' } as RequestInit
  const response = await app.server.fetch(new Request('http://server/push', init))
  expect(response.status).toBe(413)
  expect(sent).toBeLessThan(2_500_000)
})

test('a body that breaks off is the sender’s failure, not ours', async () => {
  const app = serve()
  const torn = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(new Error('torn')) })
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: torn, duplex: 'half' } as RequestInit
  expect((await app.server.fetch(new Request('http://server/push', init))).status).toBe(400)
})

test('HX18 an unexpected failure is a coded 500 that says nothing of itself, and the log has it', async () => {
  const app = serve({
    authenticate: () => {
      throw new Error('TAINT password')
    },
  })
  const response = await send(app, { body: push, ...request400 })
  const text = await response.text()
  expect(response.status).toBe(500)
  expect(JSON.parse(text)).toMatchObject({ tidemark: 1, error: { code: 'unreachable/server-error' } })
  expect(text).not.toContain('TAINT')
  expect(app.reported).toMatchObject([{ message: 'TAINT password' }])
})

test('a busy database is 503 with Retry-After, and so is one that its operator has to put right', async () => {
  const plain = serve()
  const failing = (error: TidemarkError) =>
    serve({ database: { ...plain.database, write: () => Promise.reject(error), read: () => Promise.reject(error) } })
  const busy = await send(failing(new TidemarkError('unreachable/busy', { retryAfterMs: 2500 })), { body: push, ...request400 })
  expect([busy.status, busy.headers.get('retry-after'), await busy.json()]).toMatchObject([
    503,
    '3',
    { error: { code: 'unreachable/busy', retryAfterMs: 2500 } },
  ])
  const broken = failing(new TidemarkError('server/datadir-corrupt', { message: 'TAINT path' }))
  const response = await send(broken, { path: 'pull', body: pull, ...request400 })
  const text = await response.text()
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '30'])
  expect(text).not.toContain('TAINT')
  expect(broken.reported).toHaveLength(1)
  const limited = await send(failing(new TidemarkError('unreachable/rate-limited')), {
    path: 'poke',
    body: { ...envelope, version: 0 },
    ...request400,
  })
  expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '1'])
})

test('without authenticate all are anonymous', async () => {
  const { world, database } = serve()
  const server = createServer({ schema, mutators, database, world, authorize: 'anyone' })
  const ask = (user: string | null) =>
    server.fetch(
      new Request('http://server/pull', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...pull, user }),
      }),
    )
  expect((await ask(null)).status).toBe(200)
  expect((await ask('u1')).status).toBe(401)
})

test('a server whose parts do not fit does not start', () => {
  const { world, database } = serve()
  const other = defineSchema({ version: 1, collections: {} })
  const wrong = [
    { schema: other, mutators, authorize: 'anyone' },
    { schema, mutators: defineMutators(other, {}), authorize: 'anyone' },
    { schema, mutators, authorize: 'everyone' },
    { schema, mutators },
  ]
  for (const options of wrong)
    expect(() => createServer({ ...options, database, world } as never)).toThrow(expect.objectContaining({ code: 'server/config' }))
})

test('audiences that answer with anything but names are the operator’s to put right, and let nobody in', async () => {
  for (const audiences of [() => 'shared', () => [''], () => [5], async () => [], () => undefined] as never[]) {
    const app = serve({ audiences })
    expect((await send(app, { path: 'pull', body: pull, ...request400 })).status).toBe(503)
    expect(app.reported).toMatchObject([{ code: 'server/config' }])
  }
})

test('the audience of the server is nobody’s, even where audiences grant it', async () => {
  const app = serve({ audiences: () => ['server'] })
  const caller = call(app)
  await caller.push({ calls: [['join', ['u9', 'TAINT']]] })
  expect((await caller.sync()).patches).toEqual([])
})

test('N11 the server’s core runs where there is no Node: none of its files imports a module of it', async () => {
  const { readSources } = await import('../house/sources.ts')
  const files = new Map(readSources('src').map((source) => [source.path, source.references]))
  const seen = new Set<string>()
  const visit = (path: string): string[] => {
    if (seen.has(path)) return []
    seen.add(path)
    return (files.get(path) ?? []).flatMap(({ target, isPackage }) => (isPackage ? [target] : visit(target)))
  }
  expect([...new Set(visit('src/server/index.ts'))].filter((name) => name.startsWith('node:'))).toEqual([])
  expect(seen.size).toBeGreaterThan(20)
})
