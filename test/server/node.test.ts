import { request as httpRequest } from 'node:http'
import { expect, test } from 'vitest'
import { listen, type Listening } from '../../src/server/node.ts'
import { type App, call, serve } from './app.ts'

const headers = { 'content-type': 'application/json', 'x-user': 'u1' }
const envelope = { tidemark: 1, space: 'main', user: 'u1', schema: 2, group: 'g' }

async function withListener(run: (url: string, app: App, listening: Listening) => Promise<void>): Promise<void> {
  const app = serve({ limits: { snapshotRows: 5 } })
  const listening = await listen(app.server)
  try {
    await run(listening.url, app, listening)
  } finally {
    await listening.close()
    await app.server.close()
  }
}

const post = (url: string, path: string, body: unknown, init: RequestInit = {}) =>
  fetch(`${url}/sync/${path}`, { method: 'POST', headers, body: JSON.stringify(body), ...init })

test('G1 G2 G3 push, pull and snapshot work over a socket', async () => {
  await withListener(async (url) => {
    const mutations = Array.from({ length: 50 }, (_, i) => ({
      client: 'c',
      seq: i + 1,
      id: `m${i}`,
      calls: [['addBook', [`b${i}`, 'ü💥']]],
      at: 0,
      schema: 2,
    }))
    const pushed = (await (await post(url, 'push', { ...envelope, mutations })).json()) as { verdicts: unknown[] }
    expect(pushed.verdicts).toHaveLength(50)
    const pulled = (await (await post(url, 'pull', { ...envelope, cursor: null })).json()) as { patches: unknown[] }
    expect(pulled.patches).toHaveLength(50)
    const lines = (await (await post(url, 'snapshot', envelope)).text()).trim().split('\n')
    expect(lines).toHaveLength(52)
    expect(lines[1]).toContain('ü💥')
  })
})

test('§6 a body over the limit gets its 413 and not a torn connection; other methods get a 404', async () => {
  await withListener(async (url) => {
    const response = await post(url, 'push', { ...envelope, mutations: 'x'.repeat(5_000_000) })
    expect([response.status, ((await response.json()) as { error: { code: string } }).error.code]).toEqual([413, 'invalid/too-large'])
    const chunks = new Array(80).fill(new Uint8Array(65_536).fill(32)) as Uint8Array[]
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        const chunk = chunks.pop()
        if (chunk) controller.enqueue(chunk)
        else controller.close()
      },
    })
    const chunked = await post(url, 'push', undefined, { body, duplex: 'half' } as RequestInit)
    expect([chunked.status, ((await chunked.json()) as { error: { code: string } }).error.code]).toEqual([413, 'invalid/too-large'])
    expect((await fetch(`${url}/sync/push`)).status).toBe(404)
    expect((await fetch(`${url}/sync/push`, { method: 'HEAD' })).status).toBe(404)
    expect((await fetch(`${url}/sync/push`, { method: 'OPTIONS' })).status).toBe(404)
  })
})

test('§6 a host or method that the web does not know is a 400, and the listener lives on', async () => {
  await withListener(async (url) => {
    const ask = (options: { method?: string; headers?: Record<string, string>; path?: string }) =>
      new Promise<number | undefined>((resolve, reject) => {
        httpRequest(url, options, (response) => resolve(response.resume().statusCode))
          .on('error', reject)
          .end()
      })
    expect(await ask({ method: 'TRACE' })).toBe(400)
    expect(await ask({ headers: { host: 'a b' } })).toBe(400)
    expect(await ask({ path: '//' })).toBe(404)
    expect((await post(url, 'pull', { ...envelope, cursor: null })).status).toBe(200)
  })
})

test('G9 a poke crosses a socket as soon as it is made, and who hangs up is not listened for any more', async () => {
  await withListener(async (url, app) => {
    const gone = new AbortController()
    const response = await post(url, 'poke', { ...envelope, version: 0 }, { signal: gone.signal })
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    const reader = (response.body as ReadableStream<Uint8Array>).getReader()
    let text = ''
    await call(app, 'u2', 'b').push({ calls: [['addBook', ['b1', 'x']]] })
    while (!text.includes('data: ')) text += new TextDecoder().decode((await reader.read()).value)
    expect(text).toContain('"id":"b1"')
    expect(app.clock.sleepers).toBe(1)
    gone.abort()
    await expect(reader.read()).rejects.toMatchObject({ name: 'AbortError' })
    // the heart stops beating when the last listener has gone
    for (let i = 0; i < 200 && app.clock.sleepers > 0; i++) await app.clock.advance(20_000)
    expect(app.clock.sleepers).toBe(0)
  })
})

test('closing the listener ends what is under way, and frees the port', async () => {
  await withListener(async (url, app, listening) => {
    const response = await post(url, 'poke', { ...envelope, version: 0 })
    const { port } = new URL(url)
    await expect(listen(app.server, { port: Number(port) })).rejects.toMatchObject({ code: 'server/config' })
    const ended = response.text().then(
      () => 'ended',
      () => 'ended',
    )
    await listening.close()
    expect(await ended).toBe('ended')
    const again = await listen(app.server, { port: Number(port) })
    await again.close()
  })
})
