import { inspect } from 'node:util'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { FailureBody } from '../../src/protocol/failure.ts'
import type { Mutation } from '../../src/protocol/mutation.ts'
import type { PushAnswer } from '../../src/protocol/push.ts'
import type { Database, StoredRow } from '../../src/server/database.ts'
import { postgres, type PostgresPool } from '../../src/server/postgres.ts'
import type { Json } from '../../src/util/json.ts'
import { describeDatabase } from '../contract/database.ts'
import { type Postgres, startPostgres } from '../kit/postgres.ts'
import { type App, call, serve } from './app.ts'

let server: Postgres
let url: string
// somebody else at the database, with two connections: what one of them sees of the others stays as it is within a transaction
let outsider: pg.Client
let operator: pg.Client
beforeAll(async () => {
  server = await startPostgres()
  url = await server.createDatabase()
  ;[outsider, operator] = [1, 2].map(() => new pg.Client({ connectionString: url, application_name: 'outsider' })) as [pg.Client, pg.Client]
  await Promise.all([outsider.connect(), operator.connect()])
})
afterAll(async () => {
  await Promise.all([outsider.end(), operator.end()])
  await server.stop()
})

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

describeDatabase(() => postgres(url))

test('HV10 twenty writers on two nodes at once, each adding one to what it read, add twenty', async () => {
  const nodes = [openNode(20).db, openNode(20).db]
  const space = nextSpace()
  let open = 0
  let most = 0
  const increment = (db: Database) =>
    db.write(space, async (writer) => {
      const [found] = await writer.rows(['books/counter'])
      const version = (await writer.head()).version + 1
      await writer.write({ ...empty, version, rows: [row('counter', version, { n: Number(found?.value.n ?? 0) + 1 })] })
    })
  const counted = async (db: Database) => {
    most = Math.max(most, ++open)
    await increment(db)
    open--
  }
  await Promise.all(Array.from({ length: 20 }, (_, i) => counted(nodes[i % 2] as Database)))
  for (const db of nodes) {
    expect(await db.read(space, (reader) => reader.rows(['books/counter']))).toEqual([row('counter', 20, { n: 20 })])
  }
  expect(most).toBe(20)
})

test('T09 HV10 a newborn client’s first push, sent to two nodes at once into a space that nobody wrote, applies once', async () => {
  const apps = [serveNode(), serveNode()]
  for (let round = 1; round <= 20; round++) {
    const push = makePush(nextSpace(), `newborn${round}`, [['addBook', ['b1', 'Kim']]])
    const answers = await Promise.all(apps.map((app) => post(app, 'push', push)))
    expect(answers.map(({ status }) => status)).toEqual([200, 200])
    const [first, second] = (await Promise.all(answers.map((answer) => answer.json()))) as [PushAnswer, PushAnswer]
    expect(first).toMatchObject({ version: 1, verdicts: [{ status: 'applied' }] })
    expect(second).toEqual(first)
    expect((await apps[0]!.database.read(push.space, (reader) => reader.head())).version).toBe(1)
  }
})

test('HV5 a lock that somebody else holds for long is unreachable/busy, and free again it is taken', async () => {
  const app = serveNode()
  const space = nextSpace()
  expect((await post(app, 'push', makePush(space, 'a', [['addBook', ['b1', 'Kim']]]))).status).toBe(200)
  await outsider.query('BEGIN')
  await outsider.query('SELECT FROM tidemark.spaces WHERE space = $1 FOR UPDATE', [space])
  const second = makePush(space, 'b', [['addBook', ['b2', 'Emma']]])
  const answer = await post(app, 'push', second)
  await outsider.query('ROLLBACK')
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1'])
  expect(((await answer.json()) as FailureBody).error.code).toBe('unreachable/busy')
  expect(await statusesOf(await post(app, 'push', second))).toEqual(['applied'])
})

test('HV12 a push whose connection is terminated while it waits is done again by itself', async () => {
  const app = serveNode()
  const space = nextSpace()
  await post(app, 'push', makePush(space, 'a', [['addBook', ['b1', 'Kim']]]))
  await outsider.query('BEGIN')
  await outsider.query('SELECT FROM tidemark.spaces WHERE space = $1 FOR UPDATE', [space])
  const pushing = post(app, 'push', makePush(space, 'b', [['addBook', ['b2', 'Emma']]]))
  await until(async () => (await terminate(`wait_event_type = 'Lock'`)) === 1)
  await outsider.query('ROLLBACK')
  expect(await statusesOf(await pushing)).toEqual(['applied'])
  expect(await app.database.read(space, (reader) => reader.count(['shared']))).toBe(2)
})

test('HV12 a push whose connection is terminated in its middle, every time, is busy and never refused; the next one works', async () => {
  const { db } = openNode()
  const space = nextSpace()
  const attempts: number[] = []
  const writing = db.write(space, async (writer) => {
    attempts.push(await terminate(`state = 'idle in transaction'`))
    await writer.write({ ...empty, version: 1, rows: [row('a', 1)] })
  })
  await expect(writing).rejects.toMatchObject({ code: 'unreachable/busy' })
  expect(attempts).toEqual([1, 1, 1])
  await db.write(space, (writer) => writer.write({ ...empty, version: 1, rows: [row('b', 1)] }))
  expect(await db.read(space, (reader) => reader.select({ from: 'books' }))).toEqual([row('b', 1)])
})

test('HV12 while connections are terminated all the time, every push is applied once or answered 503', async () => {
  const apps = [serveNode(), serveNode()]
  const space = nextSpace()
  await post(apps[0]!, 'push', makePush(space, 'first', [['addBook', ['b', 'Kim']]]))
  let isOver = false
  let terminated = 0
  const nemesis = async () => {
    for (; !isOver; await pause(20)) terminated += await terminate('random() < 0.3')
  }
  const statuses = new Map<number, number>()
  const device = async (name: string, app: App) => {
    for (let seq = 1; seq <= 25; seq++) {
      const push = makePush(space, name, [['addPages', ['b', 1]]], seq)
      for (let isDone = false; !isDone && !isOver; ) {
        const answer = await post(app, 'push', push)
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
        if (answer.status === 200) expect(await statusesOf(answer)).toEqual(['applied'])
        isDone = answer.status === 200
      }
    }
  }
  closing.push(async () => (isOver = true))
  const tormenting = nemesis()
  await Promise.all(['d1', 'd2', 'd3', 'd4'].map((name, i) => device(name, apps[i % 2]!)))
  isOver = true
  await tormenting
  const [book] = await apps[0]!.database.read(space, (reader) => reader.rows(['books/b']))
  expect(book?.value.pages).toBe(100)
  expect(terminated).toBeGreaterThan(20)
  expect([...statuses.keys()].filter((status) => status !== 200 && status !== 503)).toEqual([])
  const { rows } = await operator.query(`SELECT FROM pg_stat_activity WHERE ${others} AND state LIKE 'idle in transaction%'`)
  expect(rows).toEqual([])
})

test('listen hears the commits of another node', async () => {
  const [a, b] = [openNode().db, openNode().db]
  const space = nextSpace()
  const ears = await listenTo(a, space)
  for (const version of [1, 2, 3]) {
    await writeVersion(b, space, version)
    await ears.hears(version)
    expect(ears.highest()).toBe(version)
  }
})

test('HV13 a listener whose connection is terminated hears of what was committed before it was back, and of what comes after', async () => {
  const gate = makeGate()
  const pool = makePool()
  const a = postgres({ connect: (callback) => void gate.passed.then(() => pool.connect(callback)), on: pool.on.bind(pool) })
  closing.push(a.close)
  const b = openNode().db
  const [space, silent] = [nextSpace(), nextSpace()]
  const ears = await listenTo(a, space)
  for (let version = 1; version <= 9; version += 3) {
    await writeVersion(b, space, version)
    await ears.hears(version)
    gate.shut()
    expect(await terminate(`query LIKE 'LISTEN%'`)).toBe(1)
    await writeVersion(b, space, version + 1)
    // the notification is out, and nobody was there
    await b.write(silent, async () => undefined)
    gate.open()
    await ears.hears(version + 1)
    await writeVersion(b, space, version + 2)
    await ears.hears(version + 2)
  }
})

test('HV13 a listener that was away hears of every space there is, be they thousands', async () => {
  const { db } = openNode()
  const heard = new Map<string, number>()
  closing.push(await db.listen((space, version) => heard.set(space, version)))
  await outsider.query(`INSERT INTO tidemark.spaces (space, version) SELECT 'many ' || n, n FROM generate_series(1, 2500) AS n`)
  expect(heard.size).toBe(0)
  expect(await terminate(`query LIKE 'LISTEN%'`)).toBe(1)
  const isMany = ([space]: readonly [string, number]) => space.startsWith('many ')
  await until(async () => [...heard].filter(isMany).length === 2500)
  expect([...heard].filter(isMany).every(([space, version]) => space === `many ${version}`)).toBe(true)
})

test('HV13 a listener tries again for as long as nobody answers, and stops when it is told to', async () => {
  const pool = makePool()
  let refusals = 0
  let isDown = false
  const connect: PostgresPool['connect'] = (callback) => {
    if (!isDown) return pool.connect(callback)
    refusals++
    callback(Object.assign(new Error('down'), { code: 'ECONNREFUSED' }), undefined)
  }
  const a = postgres({ connect, on: pool.on.bind(pool) })
  closing.push(a.close)
  const b = openNode().db
  const space = nextSpace()
  const ears = await listenTo(a, space)
  isDown = true
  await terminate(`query LIKE 'LISTEN%'`)
  await until(async () => refusals === 3)
  await writeVersion(b, space, 1)
  isDown = false
  await ears.hears(1)
  isDown = true
  await terminate(`query LIKE 'LISTEN%'`)
  await a.close()
  const last = refusals
  await writeVersion(b, space, 2)
  expect([refusals, ears.highest()]).toEqual([last, 1])
})

test('what others say on the channel does not disturb', async () => {
  const { db } = openNode()
  const space = nextSpace()
  const ears = await listenTo(db, space)
  for (const payload of ['', '["', 'null', '[1,2]', '{}', '["x"]']) await outsider.query(`SELECT pg_notify('tidemark', $1)`, [payload])
  await writeVersion(db, space, 1)
  await ears.hears(1)
  expect(ears.highest()).toBe(1)
})

test('connections terminated while nobody uses them do not end the process, and are not used again', async () => {
  const { db, pool } = openNode()
  await Promise.all(Array.from({ length: 5 }, () => db.read('main', (reader) => reader.head())))
  expect(pool.idleCount).toBeGreaterThan(1)
  await terminate(`true`)
  await until(async () => pool.idleCount === 0)
  expect(await db.read('main', (reader) => reader.head())).toMatchObject({ version: 0 })
})

test('somebody hears the errors of a connection from the moment in which the pool lets go of it', async () => {
  const pool = makePool()
  const listeners: number[] = []
  const connect: PostgresPool['connect'] = (callback) =>
    pool.connect((error, client) => {
      callback(error, client)
      listeners.push(client?.listenerCount('error') ?? 0)
    })
  const db = postgres({ connect, on: pool.on.bind(pool) })
  closing.push(db.close)
  await listenTo(db, 'main')
  await writeVersion(db, nextSpace(), 1)
  expect(listeners.length).toBeGreaterThan(3)
  expect(Math.min(...listeners)).toBeGreaterThan(0)
})

test('a refused write leaves its connection to the next one, and one that broke is dropped', async () => {
  const { db, pool } = openNode(2)
  const first = await pidOf(pool)
  await expect(db.write('main', async () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  await expect(db.write('main', (writer) => writer.write({ ...empty, version: 1, rows: [row('a\u0000', 1)] }))).rejects.toMatchObject({
    code: 'refused/constraint',
  })
  expect(await pidOf(pool)).toBe(first)
})

test('the parsers that an app set for its pool do not matter', async () => {
  const asIs = { getTypeParser: () => (text: string) => text }
  const db = postgres(makePool({ types: asIs as never }))
  closing.push(db.close)
  const space = nextSpace()
  await db.write(space, (writer) => writer.write({ ...empty, version: 1, rows: [row('a', 1, { n: [1] })], departures: [departure] }))
  const [head, changes] = await db.read(space, async (reader) => [
    await reader.head(),
    await reader.changes(new Map([['shared', [0, '', '']]]), 9),
  ])
  expect(head).toMatchObject({ version: 1, floor: 0 })
  expect(changes).toEqual([row('a', 1, { n: [1] }), departure])
})

test('a statement after the end of its transaction is a bug, and not a transaction of its own', async () => {
  const { db } = openNode()
  let late: (() => Promise<unknown>) | undefined
  await db.write('main', async (writer) => {
    late = () => writer.head().then(() => writer.rows(['books/a']))
  })
  await expect(late?.()).rejects.toMatchObject({ code: 'bug/invariant' })
})

test('a pool stays its owner’s; with a URL all connections end with the database', async () => {
  const { db, pool } = openNode()
  await listenTo(db, 'main')
  await db.close()
  expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
  expect(pool.totalCount).toBe(pool.idleCount)

  const own = await server.createDatabase()
  const ours = postgres(own)
  await listenTo(ours, 'main')
  await writeVersion(ours, 'main', 1)
  const count = async () =>
    (
      await operator.query<{ application_name: string }>('SELECT application_name FROM pg_stat_activity WHERE datname = $1', [
        own.split('/').at(-1),
      ])
    ).rows
  expect(new Set((await count()).map((found) => found.application_name))).toEqual(new Set(['tidemark']))
  await ours.close()
  // sooner than the pool would drop what nobody uses
  await expect.poll(count, { timeout: 5_000 }).toEqual([])
  await expect(ours.secret()).rejects.toMatchObject({ code: 'misuse/closed' })
})

test('two nodes that open an empty database at once agree on its tables, epoch and secret', async () => {
  const fresh = await server.createDatabase()
  const nodes = Array.from({ length: 4 }, () => postgres(fresh))
  closing.push(...nodes.map((db) => db.close))
  const [first, ...others] = await Promise.all(
    nodes.map(async (db) => [await db.secret(), await db.read('main', (reader) => reader.head())] as const),
  )
  for (const other of others) expect(other).toEqual(first)
})

test('defaults of the database do not change what a transaction sees', async () => {
  const fresh = await server.createDatabase()
  const name = fresh.split('/').at(-1)
  await outsider.query(`ALTER DATABASE ${name} SET default_transaction_isolation = 'serializable'`)
  await outsider.query(`ALTER DATABASE ${name} SET default_transaction_read_only = on`)
  const db = postgres(fresh)
  closing.push(db.close)
  await writeVersion(db, 'main', 1)
  expect((await db.read('main', (reader) => reader.head())).version).toBe(1)
})

test('what cannot be used is server/config and shows no password; what does not answer is busy', async () => {
  const { host } = new URL(url)
  const latin = await server.createDatabase(`ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0 ${await libc()}`)
  const outcomes = await Promise.all(
    [
      `postgres://postgres:hush@${host}/nowhere`,
      latin,
      'mysql://x:hush@y/z',
      'postgres://x:hush@y:port/z',
      '',
      'postgres://postgres:hush@127.0.0.1:1/x',
    ].map(async (at) => {
      const db = postgres(at)
      const error = await db.secret().catch((thrown: { code: string; message: string }) => thrown)
      await db.close()
      return error
    }),
  )
  expect(outcomes.map((error) => 'code' in error && error.code)).toEqual([...Array<string>(5).fill('server/config'), 'unreachable/busy'])
  for (const error of outcomes) expect(inspect(error, { depth: 9 })).not.toContain('hush')
})

test('a pool of one connection is refused: who listens would leave nothing for the others', async () => {
  const db = postgres(makePool({ max: 1 }))
  await expect(db.secret()).rejects.toMatchObject({ code: 'server/config' })
  await db.close()
})

const empty = { rows: [], removed: [], departures: [], clients: [], verdicts: [] }
const departure = { audience: 'shared', collection: 'books', id: 'z', version: 1 }

function row(id: string, version: number, fields: Readonly<Record<string, Json>> = {}): StoredRow {
  return { collection: 'books', id, audience: 'shared', version, value: { ...fields, id } }
}

let spaces = 0
function nextSpace(): string {
  return `node space ${++spaces}`
}

function makePool(options: pg.PoolConfig = {}): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, ...options })
  closing.push(() => pool.end())
  return pool
}

/** A node: a database over a pool of its own. */
function openNode(max = 10): { readonly db: Database; readonly pool: pg.Pool } {
  const pool = makePool({ max })
  const db = postgres(pool)
  closing.push(db.close)
  return { db, pool }
}

function serveNode(): App {
  const app = serve({ database: openNode().db })
  closing.push(app.server.close)
  return app
}

function makePush(space: string, group: string, calls: Mutation['calls'], seq = 1) {
  const mutation: Mutation = { client: `c.${group}`, seq, id: `m.${group}.${seq}`, calls, at: 0, schema: 2 }
  return { ...call({} as App, 'u1', group).envelope(), space, mutations: [mutation] }
}

function post(app: App, path: string, message: unknown): Promise<Response> {
  return call(app).post(path, message)
}

async function statusesOf(answer: Response): Promise<readonly string[]> {
  return ((await answer.json()) as PushAnswer).verdicts.map(({ status }) => status)
}

function writeVersion(db: Database, space: string, version: number): Promise<void> {
  return db.write(space, (writer) => writer.write({ ...empty, version }))
}

const others = `datname = current_database() AND application_name <> 'outsider'`

/** Terminates the connections to our database, but for the outsider's, that `where` is true of; answers how many. */
async function terminate(where: string): Promise<number> {
  const { rows } = await operator.query<{ isDone: boolean }>(
    `SELECT pg_terminate_backend(pid) AS "isDone" FROM pg_stat_activity WHERE ${others} AND (${where})`,
  )
  return rows.filter(({ isDone }) => isDone).length
}

async function pidOf(pool: pg.Pool): Promise<unknown> {
  return (await pool.query<{ pid: unknown }>('SELECT pg_backend_pid() AS pid')).rows[0]?.pid
}

async function libc(): Promise<string> {
  const { rows } = await outsider.query<{ version: number }>(`SELECT current_setting('server_version_num')::int AS version`)
  return Number(rows[0]?.version) >= 150_000 ? 'LOCALE_PROVIDER libc' : ''
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await pause(10)
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** What a listener heard of a space. */
async function listenTo(db: Database, space: string) {
  let highest = 0
  let wake = (): void => undefined
  const stop = await db.listen((name, version) => {
    if (name !== space) return
    highest = Math.max(highest, version)
    wake()
  })
  closing.push(stop)
  return {
    highest: () => highest,
    hears: (version: number) =>
      new Promise<void>((resolve) => {
        wake = () => highest >= version && resolve()
        wake()
      }),
  }
}

function makeGate() {
  let open = (): void => undefined
  const gate = {
    passed: Promise.resolve(),
    shut: () => void (gate.passed = new Promise<void>((resolve) => (open = resolve))),
    open: () => open(),
  }
  return gate
}
