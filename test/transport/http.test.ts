import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { toNodeHandler } from 'srvx/node'
import { expect, test } from 'vitest'
import { TidemarkError } from '../../src/errors.ts'
import { http, type HttpOptions } from '../../src/transport/http.ts'
import { answer, envelope, expectCode, never, pullRequest, testTransport } from '../contract/transport.ts'
import { createVirtualClock } from '../kit/clock.ts'

testTransport('http', async (handler, clock) => {
  const server = createServer(toNodeHandler(handler) as RequestListener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    transport: http({ url: `http://127.0.0.1:${port}/sync/` })({ clock, fetch: (url, init) => fetch(url, init) }),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
})

test('HN15 every request is a POST that no cache keeps and no redirect moves', async () => {
  const seen: (string | RequestInit)[] = []
  const transport = connect({ url: '/sync/' }, async (url, init) => {
    seen.push(url, init)
    return Response.json(page)
  })
  await transport.pull(pullRequest, never())
  expect(seen).toMatchObject([
    '/sync/pull',
    { method: 'POST', cache: 'no-store', redirect: 'manual', headers: { 'content-type': 'application/json' } },
  ])
})

test('headers are asked for anew before each request', async () => {
  let asked = 0
  const seen: unknown[] = []
  const options = { url: '/', headers: async () => ({ authorization: `Bearer ${++asked}` }) }
  const transport = connect(options, async (_, init) => {
    seen.push((init.headers as Record<string, string>)['authorization'])
    return Response.json(page)
  })
  await transport.pull(pullRequest, never())
  await transport.pull(pullRequest, never())
  expect(seen).toEqual(['Bearer 1', 'Bearer 2'])
})

test.each([
  ['is refused', new Error('refresh token expired'), 'auth/required'],
  ['has no network', new TypeError('fetch failed'), 'unreachable/offline'],
  ['knows better', new TidemarkError('unreachable/busy'), 'unreachable/busy'],
] as const)('HN4 headers whose refresh %s fail the call as what that means', async (_, thrown, code) => {
  const transport = connect({ url: '/', headers: () => Promise.reject(thrown) }, async () => Response.json(page))
  await expectCode(transport.pull(pullRequest, never()), code)
})

test('headers that never come are under the time-out too', async () => {
  const clock = createVirtualClock()
  const transport = connect(
    { url: '/', timeoutMs: 5000, headers: () => new Promise(() => undefined) },
    async () => Response.json(page),
    clock,
  )
  const pull = expectCode(transport.pull(pullRequest, never()), 'unreachable/timeout')
  await clock.advance(5000)
  await pull
})

test('HN14 a slow answer that goes on is waited for; one that stands still is not', async () => {
  const clock = createVirtualClock()
  const text = JSON.stringify(page)
  const drip = (pauseMs: number) =>
    connect(
      { url: '/', timeoutMs: 1000 },
      async () => new Response(slowly(text, pauseMs), { headers: { 'content-type': 'application/json' } }),
      clock,
    )
  const slowly = (text: string, pauseMs: number) => {
    let at = 0
    return new ReadableStream<Uint8Array>({
      async pull(controller) {
        await clock.sleep(pauseMs)
        if (at < text.length) controller.enqueue(new TextEncoder().encode(text.slice(at, (at += 10))))
        else controller.close()
      },
    })
  }
  const slow = drip(900).pull(pullRequest, never())
  await clock.advance(60_000)
  expect(await slow).toEqual(page)
  const stalled = expectCode(drip(1001).pull(pullRequest, never()), 'unreachable/timeout')
  await clock.advance(60_000)
  await stalled
})

test('a reader that takes its time over a snapshot is no silence of the server', async () => {
  const clock = createVirtualClock()
  const lines = [{ ...answer, from: null, total: 1 }, ['notes', { id: 'a' }], { cursor: 'k' }].map((line) => `${JSON.stringify(line)}\n`)
  const transport = connect(
    { url: '/' },
    async () => new Response(lines.join(''), { headers: { 'content-type': 'application/x-ndjson' } }),
    clock,
  )
  const parts: string[] = []
  const read = async (): Promise<void> => {
    for await (const part of transport.snapshot(envelope, never())) {
      parts.push(...Object.keys(part))
      await clock.sleep(300_000)
    }
  }
  const reading = read()
  await clock.advance(1_000_000)
  await reading
  expect(parts).toEqual(['head', 'rows', 'foot'])
})

test('no timer and no listener is left when a call is over', async () => {
  const clock = createVirtualClock()
  const transport = connect({ url: '/' }, async () => Response.json(page), clock)
  await transport.pull(pullRequest, never())
  expect(clock.sleepers).toBe(0)
})

test('the world’s fetch gives way to the one in the options; pokes can be left out', async () => {
  const transport = connect({ url: '/', poke: 'none', fetch: async () => Response.json(page) }, () =>
    Promise.reject(new Error('not this one')),
  )
  expect(await transport.pull(pullRequest, never())).toEqual(page)
  expect(transport.subscribe).toBeUndefined()
})

test.each([{ url: '' }, { url: 7 }, {}, { url: '/', timeoutMs: 0 }, { url: '/', timeoutMs: Number.NaN }, { url: '/', poke: 'websocket' }])(
  'options %o are refused at once',
  (options) => {
    expect(() => http(options as HttpOptions)).toThrow(expect.objectContaining({ code: 'misuse/options' }))
  },
)

const page = { ...answer, from: null, cursor: 'k', patches: [], confirmed: {}, refused: [], more: false }

function connect(options: HttpOptions, fetch: (url: string, init: RequestInit) => Promise<Response>, clock = createVirtualClock()) {
  return http(options)({ clock, fetch })
}
