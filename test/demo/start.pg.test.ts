// What `npm start` says: this needs no browser.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { spawnDemo } from '../../demo/spawn.mjs'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

test('the demo starts on a taken port’s neighbour, serves page and streams, and a second start over its folder names its address', async () => {
  const folder = makeFolder()
  const port = await takePort()
  const demo = await spawnDemo(folder, { PORT: String(port) })
  closing.push(demo.stop)
  expect(demo.output()).toContain(`Port ${port} is taken`)
  expect(demo.url).not.toBe(`http://localhost:${port}`)
  const page = await (await fetch(demo.url)).text()
  expect(page).toContain('<link rel="stylesheet" href="/style.css"')
  for (const path of ['/app?as=grace', '/places']) expect(await (await fetch(demo.url + path)).text()).toBe(page)
  expect((await fetch(`${demo.url}/style.css`, { headers: { accept: 'text/css' } })).headers.get('content-type')).toContain('text/css')
  expect(await firstChunk(`${demo.url}/sync/poke`)).not.toBe('')

  const second = start({ DATA_DIR: folder, PORT: '0' })
  expect(second.status).toBe(1)
  expect(second.stderr.trim().split('\n')).toHaveLength(1)
  expect(second.stderr).toContain('server/datadir-locked')
  expect(second.stderr).toContain(demo.url)

  expect(await demo.stop()).toBe(0)
  const third = await spawnDemo(folder)
  closing.push(third.stop)
  expect(await countIssues(third.url)).toBe(200)
})

test('the demo does not ignore a DATABASE_URL or a PORT that it cannot use', () => {
  const folder = makeFolder()
  for (const [url, shown] of [
    ['postgres://harbour:hush@127.0.0.1:1/harbour?password=hush', 'postgres://harbour@127.0.0.1:1/harbour'],
    ['mysql://harbour:hush@localhost/harbour', 'mysql://harbour@localhost/harbour'],
    ['hush', 'not a URL'],
  ] as const) {
    const withDatabase = start({ DATA_DIR: folder, DATABASE_URL: url })
    expect([withDatabase.status, withDatabase.stderr.trim().split('\n')]).toEqual([1, [expect.stringContaining('server/config')]])
    expect(withDatabase.stderr).toContain(`DATABASE_URL (${shown}) cannot be used`)
    expect(withDatabase.stderr + withDatabase.stdout).not.toContain('hush')
  }
  const withPort = start({ DATA_DIR: folder, PORT: 'many' })
  expect([withPort.status, withPort.stderr]).toEqual([1, expect.stringContaining('PORT is not a port: many')])
})

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'harbour-start-'))
  closing.push(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

function takePort(): Promise<number> {
  const server = createServer()
  closing.push(() => server.close())
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)))
}

function start(env: Readonly<Record<string, string>>) {
  const { NODE_ENV: _, ...inherited } = process.env
  return spawnSync(process.execPath, ['demo/start.mjs'], { env: { ...inherited, ...env }, encoding: 'utf8', timeout: 50_000 })
}

// the stream stays open: what has come of it proves that nobody holds it back
async function firstChunk(url: string): Promise<string> {
  const { body } = await ask(url, { version: 0 })
  const reader = body?.getReader()
  const chunk = await reader?.read()
  await reader?.cancel()
  return new TextDecoder().decode(chunk?.value)
}

async function countIssues(url: string): Promise<number> {
  const lines = (await (await ask(`${url}/sync/snapshot`, {})).text()).trim().split('\n')
  return lines.length - 2
}

function ask(url: string, message: object): Promise<Response> {
  const headers = { 'content-type': 'application/json', authorization: 'Bearer linus' }
  const body = JSON.stringify({ tidemark: 1, space: 'main', user: 'linus', schema: 1, group: 'test', ...message })
  return fetch(url, { method: 'POST', headers, body })
}
