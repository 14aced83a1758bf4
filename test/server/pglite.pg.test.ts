import { build } from 'esbuild'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import type { Database, StoredRow } from '../../src/server/database.ts'
import { pglite } from '../../src/server/pglite.ts'
import { describeDatabase } from '../contract/database.ts'

const home = mkdtempSync(join(tmpdir(), 'tidemark-pglite-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))

describeDatabase(() => pglite())

test('HV15 a folder keeps rows, epoch and secret, and belongs to one database at a time', async () => {
  const folder = join(home, 'data')
  const first = pglite(folder)
  await first.write('main', (writer) => writer.write({ version: 1, rows: [row], removed: [], departures: [], clients: [], verdicts: [] }))
  const kept = await lookAt(first)
  const second = pglite(folder)
  await expect(second.secret()).rejects.toMatchObject({ code: 'server/datadir-locked', details: { pid: process.pid } })
  await first.close()
  expect(existsSync(`${folder}.lock`)).toBe(false)

  expect(await lookAt(second)).toEqual(kept)
  expect(kept.rows).toEqual([row])
  await second.close()
  await expect(second.secret()).rejects.toMatchObject({ code: 'misuse/closed' })
})

test('a folder that cannot be read is refused, left as it is, and unlocked', async () => {
  const folder = join(home, 'data')
  writeFileSync(join(folder, 'global', 'pg_control'), 'not this')
  const db = pglite(folder)
  await expect(db.secret()).rejects.toMatchObject({ code: 'server/datadir-corrupt' })
  expect(existsSync(`${folder}.lock`)).toBe(false)
  await db.close()
})

test('HV15 a process that is killed while it writes leaves every write that it was told of, whole, and its folder to the next', async () => {
  const folder = join(home, 'killed')
  const child = fork(await buildWriter(), [folder], { execArgv: [] })
  let told = 0
  await new Promise<void>((resolve) => {
    child.on('message', (version) => {
      told = Number(version)
      if (told === 25) resolve()
    })
  })
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(existsSync(`${folder}.lock`)).toBe(true)

  const db = pglite(folder)
  const { head, rows } = await lookAt(db)
  expect(head.version).toBeGreaterThanOrEqual(told)
  expect(rows.map((one) => [one.id, one.version])).toEqual(
    Array.from({ length: head.version }, (_, i) => [`b${String(i + 1).padStart(4, '0')}`, i + 1]),
  )
  await db.close()
})

// Node 20 runs no TypeScript: the writer is one file of JavaScript, with PGlite where it is installed
async function buildWriter(): Promise<string> {
  const outfile = join(home, 'writer.mjs')
  const installed = import.meta.resolve('@electric-sql/pglite')
  const contents = `
    import { pglite } from './pglite.ts'
    const db = pglite(process.argv[2])
    for (let version = 1; ; version++) {
      const id = 'b' + String(version).padStart(4, '0')
      const row = { collection: 'books', id, audience: 'shared', version, value: { id } }
      await db.write('main', (writer) => writer.write({ version, rows: [row], removed: [], departures: [], clients: [], verdicts: [] }))
      process.send(version)
    }`
  await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL('../../src/server', import.meta.url)) },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    plugins: [
      {
        name: 'pglite where it is installed',
        setup: ({ onResolve }) => onResolve({ filter: /^@electric-sql\/pglite$/ }, () => ({ path: installed, external: true })),
      },
    ],
  })
  return outfile
}

const row: StoredRow = { collection: 'books', id: 'a', audience: 'shared', version: 1, value: { id: 'a', title: 'é 🌊' } }

async function lookAt(db: Database) {
  const secret = await db.secret()
  return db.read('main', async (reader) => ({ secret, head: await reader.head(), rows: await reader.select({ from: 'books' }) }))
}
