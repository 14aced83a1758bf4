import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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

const row: StoredRow = { collection: 'books', id: 'a', audience: 'shared', version: 1, value: { id: 'a', title: 'é 🌊' } }

async function lookAt(db: Database) {
  const secret = await db.secret()
  return db.read('main', async (reader) => ({ secret, head: await reader.head(), rows: await reader.select({ from: 'books' }) }))
}
