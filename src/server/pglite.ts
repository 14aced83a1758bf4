import type { PGlite, Transaction } from '@electric-sql/pglite'
import { TidemarkError } from '../errors.ts'
import type { Database } from './database.ts'
import { lockFolder } from './folder-lock.ts'
import type { SqlDriver, SqlRunner } from './sql.ts'
import { sqlDatabase } from './sql-database.ts'

/**
 * A PostgreSQL inside this process, with its data in a folder; without one it lives in memory. It opens at the first call, and needs `@electric-sql/pglite`.
 *
 * It survives a crash of the process, not of the power: it does not wait for the disk. Raises `server/datadir-locked` while another one has the folder open.
 */
export function pglite(folder?: string): Database {
  return sqlDatabase(() => openPglite(folder))
}

async function openPglite(folder: string | undefined): Promise<SqlDriver> {
  const { PGlite } = await importPglite()
  if (folder === undefined || folder === ':memory:') return makeDriver(await PGlite.create(), () => undefined)
  const lock = lockFolder(folder)
  try {
    return makeDriver(await PGlite.create(lock.folder), lock.release)
  } catch (cause) {
    lock.release()
    throw new TidemarkError('server/datadir-corrupt', { cause, details: { folder } })
  }
}

async function importPglite(): Promise<typeof import('@electric-sql/pglite')> {
  try {
    return await import('@electric-sql/pglite')
  } catch (cause) {
    const message = 'The package @electric-sql/pglite is not installed. Install it, or use another database.'
    throw new TidemarkError('server/config', { cause, message })
  }
}

// One connection: a transaction has it alone, and everybody else waits in line.
function makeDriver(db: PGlite, release: () => void): SqlDriver {
  return {
    ...makeRunner(db),
    transaction: (run) => db.transaction((tx) => run(makeRunner(tx))),
    listen: (channel, listener) => db.listen(channel, listener),
    async close() {
      try {
        await db.close()
      } finally {
        release()
      }
    },
  }
}

function makeRunner(db: PGlite | Transaction): SqlRunner {
  return {
    query: async <Row>(text: string, parameters: readonly unknown[] = []) => (await db.query<Row>(text, [...parameters])).rows,
  }
}
