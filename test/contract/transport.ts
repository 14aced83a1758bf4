// What every transport to a backend that answers requests keeps, whatever carries them: `http` over a real socket, and `memory`.
import { expect, test } from 'vitest'
import type { TidemarkError } from '../../src/errors.ts'
import type { PullRequest } from '../../src/protocol/pull.ts'
import type { PushRequest } from '../../src/protocol/push.ts'
import type { SnapshotRow } from '../../src/protocol/snapshot.ts'
import type { SnapshotPart, Transport } from '../../src/transport/transport.ts'
import { createVirtualClock, type VirtualClock } from '../kit/clock.ts'

/** Answers the requests of one test. */
export type Handler = (request: Request) => Response | Promise<Response>

/** Puts a transport before a handler: the clock is the test's. */
export type OpenRig = (handler: Handler, clock: VirtualClock) => Promise<{ readonly transport: Transport; close(): Promise<void> }>

export const envelope = { tidemark: 1, space: 'main', user: null, schema: 1, group: 'g' } as const
export const answer = { tidemark: 1, epoch: 'e', version: 3, now: 1000 } as const
export const pushRequest: PushRequest = {
  ...envelope,
  mutations: [{ client: 'c', seq: 1, id: 'm', calls: [['setTitle', ['a', 'é 🌊']]], at: 5, schema: 1 }],
}
export const pullRequest: PullRequest = { ...envelope, cursor: null }
const pushAnswer = { ...answer, verdicts: [{ client: 'c', seq: 1, status: 'applied' }] }
const pullAnswer = {
  ...answer,
  from: null,
  cursor: 'k',
  patches: [{ op: 'put', collection: 'notes', id: 'a', value: { id: 'a', title: 'é 🌊' } }],
  confirmed: { c: 1 },
  refused: [],
  more: false,
}
const wake = { epoch: 'e', now: 1000, wake: true }
const range = { epoch: 'e', now: 1000, min: 4, max: 5, patches: [{ op: 'del', collection: 'notes', id: 'a' }], confirmed: {}, refused: [] }

/** Runs the suite against one carrier. */
export function testTransport(name: string, openRig: OpenRig): void {
  const check = (title: string, handler: Handler, run: (transport: Transport, clock: VirtualClock) => Promise<void>): void => {
    test(`${name}: ${title}`, async () => {
      const clock = createVirtualClock()
      const rig = await openRig(handler, clock)
      try {
        await run(rig.transport, clock)
      } finally {
        await rig.close()
      }
    })
  }

  const echoed: { path: string; method: string; body: unknown }[] = []
  check(
    'N1 a push and a pull carry their messages and bring their answers',
    async (request) => {
      const { pathname } = new URL(request.url)
      echoed.push({ path: pathname.slice(pathname.lastIndexOf('/')), method: request.method, body: await request.json() })
      return Response.json(pathname.endsWith('/push') ? pushAnswer : pullAnswer)
    },
    async (transport) => {
      expect(await transport.push(pushRequest, never())).toEqual(pushAnswer)
      expect(await transport.pull(pullRequest, never())).toEqual(pullAnswer)
      expect(echoed).toEqual([
        { path: '/push', method: 'POST', body: pushRequest },
        { path: '/pull', method: 'POST', body: pullRequest },
      ])
    },
  )

  check(
    'the same push twice at once gets an answer each',
    () => Response.json(pushAnswer),
    async (transport) => {
      expect(await Promise.all([transport.push(pushRequest, never()), transport.push(pushRequest, never())])).toEqual([
        pushAnswer,
        pushAnswer,
      ])
    },
  )

  const rows = Array.from({ length: 1203 }, (_, i): SnapshotRow => ['notes', { id: `n${i}`, title: `é 🌊 ${i}` }])
  check(
    'T53 a snapshot comes as its head, rows in batches, its foot',
    () => ndjson([head, ...rows, foot]),
    async (transport) => {
      const parts = await collect(transport.snapshot(envelope, never()))
      expect(parts[0]).toEqual({ head })
      expect(parts.at(-1)).toEqual({ foot })
      expect(parts.length).toBeLessThan(8)
      expect(parts.flatMap((part) => ('rows' in part ? part.rows : []))).toEqual(rows)
    },
  )

  check(
    'HN2 a snapshot without its foot throws, however much of it came',
    () => ndjson([head, ...rows]),
    async (transport) => {
      const parts: SnapshotPart[] = []
      await expectCode(collect(transport.snapshot(envelope, never()), parts), 'unreachable/not-tidemark')
      expect(parts.some((part) => 'foot' in part)).toBe(false)
    },
  )

  check(
    'HN2 a snapshot whose connection breaks throws',
    () => ndjson([head, ...rows], 'break'),
    async (transport) => {
      await expectCode(collect(transport.snapshot(envelope, never())), 'unreachable/offline')
    },
  )

  check(
    'HN2 a pull whose connection breaks half-way throws',
    () => new Response(streamOf(JSON.stringify(pullAnswer).slice(0, 40), 'break'), { headers: { 'content-type': 'application/json' } }),
    async (transport) => {
      await expectCode(transport.pull(pullRequest, never()), 'unreachable/offline')
    },
  )

  check(
    'HN3 a pull that is cut and looks whole throws',
    () => json(JSON.stringify(pullAnswer).slice(0, 40)),
    async (transport) => {
      await expectCode(transport.pull(pullRequest, never()), 'unreachable/not-tidemark')
    },
  )

  const failures: [title: string, response: () => Response, expected: object][] = [
    ['HN4 a marked 401', () => failure(401, { code: 'auth/required' }), { code: 'auth/required' }],
    ['HN5 a marked 403', () => failure(403, { code: 'auth/forbidden-space' }), { code: 'auth/forbidden-space' }],
    ['HN5 an unmarked 403', () => new Response('no', { status: 403 }), { code: 'unreachable/not-tidemark', details: { status: 403 } }],
    ['HN6 a marked 409', () => failure(409, { code: 'outdated/epoch-changed' }), { code: 'outdated/epoch-changed' }],
    ['HN7 a marked 413', () => failure(413, { code: 'invalid/too-large' }), { code: 'invalid/too-large' }],
    [
      'HN8 a 429',
      () => failure(429, { code: 'unreachable/rate-limited', retryAfterMs: 7000 }),
      { code: 'unreachable/rate-limited', retryAfterMs: 7000 },
    ],
    ['HN9 a 500', () => new Response('oops', { status: 500 }), { code: 'unreachable/server-error' }],
    ['HN3 a portal’s page', () => html(200), { code: 'unreachable/not-tidemark' }],
    [
      'HN3 a portal’s redirect',
      () => new Response(null, { status: 302, headers: { location: '/login' } }),
      { code: 'unreachable/not-tidemark' },
    ],
  ]
  for (const [title, response, expected] of failures)
    check(`${title} fails each kind of call alike`, response, async (transport) => {
      const calls = [
        transport.push(pushRequest, never()),
        transport.pull(pullRequest, never()),
        collect(transport.snapshot(envelope, never())),
        collect(mustSubscribe(transport, never())),
      ]
      for (const call of calls) await expect(call).rejects.toMatchObject(expected)
    })

  check(
    'a pull ends when its signal aborts, though the server never answers',
    () => new Promise<Response>(() => undefined),
    async (transport) => {
      const leaving = new AbortController()
      const pull = transport.pull(pullRequest, leaving.signal)
      leaving.abort()
      await expectCode(pull, 'unreachable/offline')
      await expectCode(transport.pull(pullRequest, leaving.signal), 'unreachable/offline')
    },
  )

  const asked = makeBell()
  check(
    'HN14 a pull that is never answered ends by itself after its time-out',
    () => {
      asked.ring()
      return new Promise<Response>(() => undefined)
    },
    async (transport, clock) => {
      const pull = transport.pull(pullRequest, never())
      const ended = expectCode(pull, 'unreachable/timeout')
      await asked.heard
      await clock.advance(30_000)
      await ended
    },
  )

  check(
    'pokes come as they are sent, comments between them, until the stream ends',
    () => events([': hello', '', `data: ${JSON.stringify(wake)}`, '', ':', `data: ${JSON.stringify(range)}`, '', '']),
    async (transport) => {
      expect(await collect(mustSubscribe(transport, never()))).toEqual([wake, range])
    },
  )

  const left = makeBell()
  check(
    'leaving a stream of pokes closes it, and the server hears of it',
    () => events([`data: ${JSON.stringify(wake)}`, '', ''], { open: true, onCancel: left.ring }),
    async (transport) => {
      const leaving = new AbortController()
      const pokes = mustSubscribe(transport, leaving.signal)[Symbol.asyncIterator]()
      expect(await pokes.next()).toEqual({ done: false, value: wake })
      const next = pokes.next()
      leaving.abort()
      await expectCode(next, 'unreachable/offline')
      await left.heard
    },
  )

  check(
    'HN12 a stream of pokes that is silent for 60 s is dead',
    () => events([`data: ${JSON.stringify(wake)}`, '', ''], { open: true }),
    async (transport, clock) => {
      const pokes = mustSubscribe(transport, never())[Symbol.asyncIterator]()
      expect(await pokes.next()).toEqual({ done: false, value: wake })
      const next = pokes.next()
      const ended = expectCode(next, 'unreachable/timeout')
      await clock.advance(60_000)
      await ended
    },
  )

  check(
    'a poke of another shape ends the stream',
    () => events(['data: {"wake":true}', '', '']),
    async (transport) => {
      await expectCode(collect(mustSubscribe(transport, never())), 'unreachable/not-tidemark')
    },
  )
}

/** The items of a stream; those before a failure are in `into`. */
export async function collect<T>(items: AsyncIterable<T>, into: T[] = []): Promise<T[]> {
  for await (const item of items) into.push(item)
  return into
}

/** Expects a failure with a code. */
export async function expectCode(call: Promise<unknown>, code: TidemarkError['code']): Promise<void> {
  await expect(call).rejects.toMatchObject({ name: 'TidemarkError', code })
}

/** A signal that nobody aborts. */
export function never(): AbortSignal {
  return new AbortController().signal
}

/** The pokes of a transport that has them. */
export function mustSubscribe(transport: Transport, signal: AbortSignal): AsyncIterable<unknown> {
  if (!transport.subscribe) throw new Error('This transport has no pokes.')
  return transport.subscribe({ ...envelope, version: 0 }, signal)
}

// as our server says it
function failure(status: number, error: object, headers: Record<string, string> = {}): Response {
  return Response.json({ tidemark: 1, error: { message: 'It says why. Do this next.', ...error } }, { status, headers })
}

const head = { ...answer, from: null, total: 1203 }
const foot = { cursor: 'k' }

function json(text: string): Response {
  return new Response(text, { headers: { 'content-type': 'application/json' } })
}

function html(status: number): Response {
  return new Response('<html>Welcome to the hotel</html>', { status, headers: { 'content-type': 'text/html' } })
}

function ndjson(lines: readonly unknown[], end: 'close' | 'break' = 'close'): Response {
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
  return new Response(streamOf(text, end), { headers: { 'content-type': 'application/x-ndjson' } })
}

// in pieces of an odd length, so that characters are cut too
function streamOf(text: string, end: 'close' | 'break'): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text)
  let at = 0
  return new ReadableStream({
    pull(controller) {
      if (at < bytes.length) controller.enqueue(bytes.slice(at, (at += 4093)))
      else if (end === 'close') controller.close()
      else controller.error(new Error('the backend fell over'))
    },
  })
}

function events(
  lines: readonly string[],
  { open = false, onCancel = () => undefined }: { open?: boolean; onCancel?: () => void } = {},
): Response {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(lines.join('\n')))
      if (!open) controller.close()
    },
    cancel: onCancel,
  })
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
}

function makeBell(): { readonly heard: Promise<void>; ring(): void } {
  let ring = (): void => undefined
  const heard = new Promise<void>((resolve) => (ring = resolve))
  return { heard, ring: () => ring() }
}
