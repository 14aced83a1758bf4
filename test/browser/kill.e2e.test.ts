// A browser that is killed while it writes: its whole process group, at a random moment, on a real disk. ROUNDS sets how often.
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { expect, test } from 'vitest'
import { CHROMIUM_ARGS, findChromium } from '../../scripts/chromium.mjs'

const rounds = Number(process.env.ROUNDS ?? 4)

test(
  'E6 T50 L7 a browser killed while it writes has, when it opens again, every mutation that it called durable, and no torn step',
  async () => {
    const site = await openSite()
    const profile = await mkdtemp(join(tmpdir(), 'tidemark-kill-'))
    let browser: Browser | undefined
    try {
      for (let round = 0; round < rounds; round++) {
        const told = site.listen()
        browser = openBrowser(profile, `${site.url}#write`)
        await told.first('committed')
        await new Promise((resolve) => setTimeout(resolve, 100 + Math.random() * 900))
        await browser.kill()
        const before = told.all()
        const heard = site.listen()
        browser = openBrowser(profile, site.url)
        const found = (await heard.first('found')) as Found
        await browser.kill()
        check(before, found, round)
      }
    } finally {
      await browser?.kill()
      await site.close()
      await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
    }
  },
  60_000 + rounds * 20_000,
)

interface Found {
  readonly cursor: number
  readonly confirmed: Readonly<Record<string, number>>
  readonly rows: number
  readonly texts: readonly string[]
  readonly queue: readonly string[]
  readonly quarantine: readonly string[]
  readonly instance: string
  readonly errors: readonly string[]
}

interface Committed {
  readonly cursor: number
  readonly client: string
  readonly settled: number
  readonly refused: string
}

function check(told: readonly Told[], found: Found, round: number): void {
  const all = <T>(what: string): T[] => told.filter((one) => one.what === what).map(({ value }) => value as T)
  const committed = all<Committed>('committed')
  const last = committed.at(-1) as Committed
  const durable = all<string[]>('durable').flat()
  const [start] = all<Found>('found')
  const where = `round ${round}: ${durable.length} durable, cursor ${last.cursor}, found at ${found.cursor}`
  expect(durable.length, where).toBeGreaterThan(0)
  expect(found.errors, where).toEqual([])
  if (round > 0) expect(found.instance, where).toBe(start?.instance)
  // Steps are written one after another: at most the one that was under way is there unheard.
  expect([last.cursor, last.cursor + 1], where).toContain(found.cursor)
  // Rows, cursor and outcomes are of one step.
  expect([found.rows, found.texts], where).toEqual([20, [`step ${found.cursor}`]])
  const settled = last.settled + 3 * (found.cursor - last.cursor)
  expect(found.confirmed[last.client], where).toBe(settled)
  // Every durable mutation is in the queue, or was settled by a step; the refused ones are in quarantine.
  const numberOf = (id: string): number => Number(id.split(' ')[1])
  const missing = durable.filter((id) => numberOf(id) > settled && !found.queue.includes(id))
  expect(missing, where).toEqual([])
  expect(
    found.queue.filter((id) => id.startsWith(last.client) && numberOf(id) <= settled),
    where,
  ).toEqual([])
  expect(
    committed.filter(({ refused }) => !found.quarantine.includes(refused)),
    where,
  ).toEqual([])
}

interface Told {
  readonly what: string
  readonly value: unknown
}

interface Site {
  readonly url: string
  /** Begins to listen, and forgets what was told before. */
  listen(): { all(): readonly Told[]; first(what: string): Promise<unknown> }
  close(): Promise<void>
}

// Serves the page, and hears what it tells.
async function openSite(): Promise<Site> {
  const entry = fileURLToPath(new URL('./kill-page.ts', import.meta.url))
  const { outputFiles } = await build({ entryPoints: [entry], bundle: true, format: 'esm', target: 'es2022', write: false })
  const script = outputFiles[0]?.text ?? ''
  let told: Told[] = []
  let onTold: (() => void) | undefined
  const server = createServer((request, response) => {
    if (request.method === 'POST') {
      readBody(request).then(
        (body) => {
          told.push({ what: (request.url ?? '').slice(1), value: JSON.parse(body) })
          response.end()
          onTold?.()
        },
        () => response.destroy(),
      )
    } else if (request.url === '/page.js') response.writeHead(200, { 'content-type': 'text/javascript' }).end(script)
    else response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><script type="module" src="/page.js"></script>')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    listen() {
      told = []
      const mine = told
      const find = (what: string) => mine.find((one) => one.what === what)
      return {
        all: () => [...mine],
        first: (what) =>
          new Promise((resolve) => {
            const look = (): void => {
              const found = find(what)
              if (found) resolve(found.value)
            }
            onTold = look
            look()
          }),
      }
    },
    close: () => new Promise((resolve) => (server.close(() => resolve()), server.closeAllConnections())),
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of request) body += String(chunk)
  return body
}

interface Browser {
  kill(): Promise<void>
}

// In a process group of its own, so that all its processes die at once.
function openBrowser(profile: string, url: string): Browser {
  const path = findChromium()
  if (!path) throw new Error('There is no Chromium; see docs/contributing.md.')
  const args = [...CHROMIUM_ARGS, '--headless=new', `--user-data-dir=${profile}`, '--no-default-browser-check', url]
  const browser = spawn(path, args, { detached: true, stdio: 'ignore' })
  const ended = new Promise<void>((resolve) => browser.once('exit', () => resolve()))
  return {
    async kill() {
      if (browser.pid !== undefined && browser.exitCode === null && browser.signalCode === null) process.kill(-browser.pid, 'SIGKILL')
      await ended
    },
  }
}
