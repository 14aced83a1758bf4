import { TidemarkError } from '../errors.ts'
import { createSerial } from '../util/serial.ts'
import type { Database } from './database.ts'
import { ask, type PostgresClient } from './postgres-client.ts'
import { makeListen } from './postgres-listen.ts'
import type { SqlDriver, SqlRunner } from './sql.ts'
import { sqlDatabase } from './sql-database.ts'
import { systemWorld } from './world.ts'

/** What is asked of a `Pool` of `pg`, 8.11 or newer. */
export interface PostgresPool {
  connect(callback: (error: Error | undefined, client: PostgresClient | undefined) => void): void
  on(event: 'error', listener: (error: Error) => void): unknown
  readonly options?: { readonly max?: number }
}

/**
 * A PostgreSQL of version 13 or newer, by a `Pool` of `pg` or by a URL; any number of processes may share it. It connects at the first call.
 *
 * A pool stays yours: end it after the server. It needs room for two connections, one of which listens while anybody is connected by a stream.
 * With a URL, for which `pg` must be installed, the pool is ours and ends with `close()`.
 *
 * Raises `server/config` where it is refused (user, password, name, encoding, version), `unreachable/busy` while nobody answers.
 */
export function postgres(at: PostgresPool | string): Database {
  if (typeof at !== 'string') {
    at.on('error', ignore)
    return sqlDatabase(() => openDriver(at, async () => undefined))
  }
  return sqlDatabase(async () => {
    const pool = await makePool(at)
    return openDriver(pool, () => pool.end())
  })
}

async function makePool(url: string): Promise<PostgresPool & { end(): Promise<void> }> {
  if (!/^postgres(?:ql)?:\/\//.test(url)) refuseUrl()
  const { Client, Pool } = await importPg()
  const options = {
    connectionString: url,
    fallback_application_name: 'tidemark',
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  }
  try {
    // reads the URL and connects to nothing
    new Client(options)
  } catch {
    refuseUrl()
  }
  const pool = new Pool(options)
  pool.on('error', ignore)
  return pool
}

// the URL is not shown, nor is what `pg` says of it: it may carry a password
function refuseUrl(): never {
  throw new TidemarkError('server/config', {
    message: 'This is not the URL of a PostgreSQL. Write postgres://user:password@host:port/name.',
  })
}

async function importPg(): Promise<typeof import('pg')['default']> {
  try {
    return (await import('pg')).default
  } catch (cause) {
    throw new TidemarkError('server/config', { cause, message: 'The package pg is not installed. Install it, or use another database.' })
  }
}

async function openDriver(pool: PostgresPool, end: () => Promise<void>): Promise<SqlDriver> {
  const closing = new AbortController()
  const close = () => {
    closing.abort()
    return end()
  }
  try {
    if (pool.options?.max === 1) throw new TidemarkError('server/config', { message: 'The pool has one connection. Give it two or more.' })
    await withClient(pool, mustSuit)
  } catch (error) {
    await close()
    throw error
  }
  return {
    query: (text, parameters) => withClient(pool, (client) => ask(client, text, parameters)),
    async transaction(run) {
      const ending = await withClient(pool, (client) => attempt(client, run))
      if ('error' in ending) throw ending.error
      return ending.result
    },
    listen: makeListen({ connect: () => take(pool), clock: systemWorld.clock, closed: closing.signal }),
    close,
  }
}

async function mustSuit(client: PostgresClient): Promise<void> {
  const text = `SELECT current_setting('server_version_num')::int AS version, getdatabaseencoding() AS encoding`
  const [found] = await ask<{ readonly version: number; readonly encoding: string }>(client, text)
  if (found && found.version >= 130_000 && found.encoding === 'UTF8') return
  throw new TidemarkError('server/config', {
    details: { ...found },
    message: 'Use a PostgreSQL 13 or newer, and a database encoded in UTF8.',
  })
}

type Ending<T> = { readonly result: T } | { readonly error: unknown }

// Rejects where the connection is no longer to be trusted; a failure that was rolled back is an answer.
async function attempt<T>(client: PostgresClient, run: (sql: SqlRunner) => Promise<T>): Promise<Ending<T>> {
  const inTurn = createSerial()
  let isOver = false
  const end = (text: string): Promise<unknown> => {
    isOver = true
    return inTurn(() => ask(client, text))
  }
  const query: SqlRunner['query'] = async (text, parameters) => {
    // outside of the transaction it would be committed at once, by itself
    if (isOver) throw new TidemarkError('bug/invariant', { details: { text } })
    return inTurn(() => ask(client, text, parameters))
  }
  await ask(client, begin)
  try {
    const result = await run({ query })
    await end('COMMIT')
    return { result }
  } catch (error) {
    await end('ROLLBACK').catch(() => {
      throw error
    })
    return { error }
  }
}

// What the database's defaults say does not matter. And a node that the network lost lets go of its space long before TCP notices.
const begin = `BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE; SET LOCAL idle_in_transaction_session_timeout = '30s'`

async function withClient<T>(pool: PostgresPool, work: (client: PostgresClient) => Promise<T>): Promise<T> {
  const client = await take(pool)
  let isBroken = true
  try {
    const result = await work(client)
    isBroken = false
    return result
  } finally {
    client.release(isBroken)
    client.off('error', ignore)
  }
}

// The pool hears the errors of idle connections alone, and one that nobody hears ends the process. It may come in the packet that
// opened the connection: a promise would hear it too late.
function take(pool: PostgresPool): Promise<PostgresClient> {
  return new Promise((resolve, reject) =>
    pool.connect((error, client) => {
      if (!client) return reject(error)
      client.on('error', ignore)
      resolve(client)
    }),
  )
}

// a connection that broke is known by the next statement on it, or was dropped by the pool
function ignore(): void {}
