// What `npm start` says with a DATABASE_URL.
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { spawnDemo } from '../../demo/spawn.mjs'
import { startPostgres } from '../kit/postgres.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

test('two demos keep their data in the one PostgreSQL that DATABASE_URL names, and it outlives them', async () => {
  const postgres = await startPostgres()
  closing.push(postgres.stop)
  const url = Object.assign(new URL(await postgres.createDatabase()), { password: 'hush' }).href
  const folder = mkdtempSync(join(tmpdir(), 'harbour-postgres-'))
  closing.push(() => rmSync(folder, { recursive: true, force: true }))
  const first = await spawnDemo(join(folder, 'a'), { DATABASE_URL: url })
  closing.push(first.stop)
  const second = await spawnDemo(join(folder, 'b'), { DATABASE_URL: url })
  closing.push(second.stop)
  expect(await push(first.url, 'i-new')).toEqual([expect.objectContaining({ status: 'applied' })])
  expect(await countIssues(second.url)).toBe(201)
  expect(existsSync(join(folder, 'a', 'db'))).toBe(false)
  expect(await Promise.all([first.stop(), second.stop()])).toEqual([0, 0])
  const { host, pathname } = new URL(url)
  for (const demo of [first, second]) {
    expect(demo.output()).toContain(`Its data is in postgres://postgres@${host}${pathname}.`)
    expect(demo.output()).not.toContain('hush')
  }

  const third = await spawnDemo(join(folder, 'c'), { DATABASE_URL: url })
  closing.push(third.stop)
  expect(await countIssues(third.url)).toBe(201)
})

async function push(url: string, id: string): Promise<unknown> {
  const issue = { id, title: 'Tide' }
  const mutation = { client: 'c', seq: 1, id: `m ${id}`, calls: [['createIssue', [issue]]], at: Date.now(), schema: 1 }
  const answer = (await (await ask(`${url}/sync/push`, { mutations: [mutation] })).json()) as { readonly verdicts: unknown }
  return answer.verdicts
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
