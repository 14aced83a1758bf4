import { TidemarkError } from '../errors.ts'
import type { Database } from './database.ts'
import { makeSqlFailure, type SqlDriver, type SqlFailure, type SqlRunner } from './sql.ts'
import { makeSqlReader } from './sql-reader.ts'
import { openTables, type SqlMeta } from './sql-tables.ts'
import { lockSpace } from './sql-writer.ts'

const channel = 'tidemark'
const attempts = 3
const spacesAtOnce = 1000

/** The database contract over any PostgreSQL that `open` connects to, at the first call and not before. */
export function sqlDatabase(open: () => Promise<SqlDriver>): Database {
  let opening: Promise<Opened> | undefined
  let isClosed = false
  const running = new Set<Promise<unknown>>()

  const mustOpen = (): Promise<Opened> => {
    if (isClosed) throw new TidemarkError('misuse/closed', { message: 'This database is closed. Open another one.' })
    // one that failed is forgotten: the next call tries again
    opening ??= openDatabase(open).catch((error: unknown) => {
      opening = undefined
      throw error
    })
    return opening
  }
  const use = async <T>(work: (opened: Opened) => Promise<T>): Promise<T> => {
    const result = mustOpen().then(work)
    running.add(result)
    try {
      return await result
    } finally {
      running.delete(result)
    }
  }
  return {
    write: (space, run) =>
      use(async ({ driver, meta, announce }) => {
        const { result, version } = await transact(driver, async (sql) => {
          const writer = await lockSpace(sql, space, meta.epoch)
          const result = await run(writer)
          return { result, version: writer.written }
        })
        if (version !== undefined) announce(space, version)
        return result
      }),
    read: (space, run) =>
      use(({ driver, meta }) =>
        transact(driver, async (sql) => {
          await sql.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY')
          return run(makeSqlReader(sql, space, meta.epoch))
        }),
      ),
    listen: (listener) =>
      use(({ driver }) =>
        driver
          .listen(
            channel,
            (payload) => hear(payload, listener),
            () => tellAll(driver, listener),
          )
          .catch(mustThrow),
      ),
    secret: () => use(async ({ meta }) => meta.secret),
    async close() {
      if (isClosed) return
      isClosed = true
      await Promise.allSettled(running)
      const opened = await opening?.catch(() => undefined)
      await opened?.settle()
      await opened?.driver.close()
    },
  }
}

interface Opened {
  readonly driver: SqlDriver
  readonly meta: SqlMeta
  announce(space: string, version: number): void
  /** When all that was announced is out. */
  settle(): Promise<void>
}

async function openDatabase(open: () => Promise<SqlDriver>): Promise<Opened> {
  const driver = await open().catch(mustThrow)
  try {
    return { driver, meta: await openTables(driver), ...makeAnnouncer(driver) }
  } catch (cause) {
    await driver.close()
    return mustThrow(cause)
  }
}

// NOTIFY inside a transaction would make the commits of all spaces wait for one lock. Behind it, and for many at once, it costs them nothing.
function makeAnnouncer(driver: SqlDriver): Pick<Opened, 'announce' | 'settle'> {
  const versionsBySpace = new Map<string, number>()
  let flushing: Promise<void> | undefined
  const flush = async () => {
    while (versionsBySpace.size > 0) {
      const payloads = [...versionsBySpace].map((pair) => JSON.stringify(pair))
      versionsBySpace.clear()
      const text = `SELECT pg_notify('${channel}', payload) FROM jsonb_array_elements_text($1::text::jsonb) AS payload`
      // a lost poke loses no data: whoever it was for hears of the version with the next one, or pulls by himself
      await driver.query(text, [JSON.stringify(payloads)]).catch(() => undefined)
    }
    flushing = undefined
  }
  return {
    announce(space, version) {
      versionsBySpace.set(space, Math.max(version, versionsBySpace.get(space) ?? 0))
      flushing ??= flush()
    },
    settle: async () => flushing,
  }
}

function hear(payload: string, listener: (space: string, version: number) => void): void {
  const said = findAnnouncement(payload)
  if (said) listener(said[0], said[1])
}

// whoever may connect may say anything on the channel
function findAnnouncement(payload: string): readonly [space: string, version: number] | undefined {
  try {
    const said = JSON.parse(payload) as unknown
    return Array.isArray(said) && typeof said[0] === 'string' && typeof said[1] === 'number' ? [said[0], said[1]] : undefined
  } catch {
    return undefined
  }
}

// Who could not hear for a while may have missed any space.
async function tellAll(sql: SqlRunner, listener: (space: string, version: number) => void): Promise<void> {
  const text = `SELECT space, version FROM tidemark.spaces WHERE space > $1 ORDER BY space LIMIT ${spacesAtOnce}`
  for (let last: string | undefined = ''; last !== undefined; ) {
    const page: readonly { readonly space: string; readonly version: unknown }[] = await sql.query(text, [last])
    for (const { space, version } of page) listener(space, Number(version))
    last = page.length < spacesAtOnce ? undefined : page.at(-1)?.space
  }
}

// A transaction that PostgreSQL broke off for a passing reason runs again, from the start. One that failed while it committed
// does not: it may be in.
async function transact<T>(driver: SqlDriver, run: (sql: SqlRunner) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const ending = await attemptTransaction(driver, run)
    if ('result' in ending) return ending.result
    if (!ending.isPassing || attempt === attempts) throw ending.error
  }
}

type Ending<T> = { readonly result: T } | { readonly error: unknown; readonly isPassing: boolean }

async function attemptTransaction<T>(driver: SqlDriver, run: (sql: SqlRunner) => Promise<T>): Promise<Ending<T>> {
  let failure: SqlFailure | undefined
  let thrown: { readonly error: unknown } | undefined
  let isCommitting = false
  const work = async (sql: SqlRunner): Promise<T> => {
    try {
      const result = await run({
        query: async (text, parameters) => {
          try {
            return await sql.query(text, parameters)
          } catch (cause) {
            failure ??= makeSqlFailure(cause)
            throw failure.error
          }
        },
      })
      // whoever caught it: PostgreSQL commits nothing after a failed statement
      if (failure) throw failure.error
      isCommitting = true
      return result
    } catch (error) {
      thrown = { error }
      throw error
    }
  }
  try {
    return { result: await driver.transaction(work) }
  } catch (cause) {
    if (thrown) return { error: (thrown as { error: unknown }).error, isPassing: isPassing(failure) }
    const ended = makeSqlFailure(cause)
    return { error: ended.error, isPassing: ended.isPassing && (!isCommitting || isSureRollback(ended)) }
  }
}

function isPassing(failure: SqlFailure | undefined): boolean {
  return failure?.isPassing === true
}

function isSureRollback({ error }: SqlFailure): boolean {
  return String(error.details.sqlState).startsWith('40')
}

function mustThrow(cause: unknown): never {
  throw makeSqlFailure(cause).error
}
