import { expect, test } from 'vitest'
import { TidemarkError } from '../../src/errors.ts'
import { type ComparisonAst, operators } from '../../src/query/ast.ts'
import { makeSqlFailure, type SqlDriver, type SqlRunner } from '../../src/server/sql.ts'
import { sqlDatabase } from '../../src/server/sql-database.ts'
import { isPlainlyOrdered, narrowQuery } from '../../src/server/sql-narrow.ts'

test.each([
  ['23505', 'refused/constraint', false],
  ['22P05', 'refused/constraint', false],
  ['54000', 'refused/constraint', false],
  ['40001', 'unreachable/busy', true],
  ['40P01', 'unreachable/busy', true],
  ['57P01', 'unreachable/busy', true],
  ['08006', 'unreachable/busy', true],
  ['55P03', 'unreachable/busy', false],
  ['57014', 'unreachable/busy', false],
  ['53300', 'unreachable/busy', false],
  ['28P01', 'server/config', false],
  ['42501', 'server/config', false],
  ['XX001', 'server/datadir-corrupt', false],
  ['42601', 'unreachable/server-error', false],
  ['08P01', 'unreachable/server-error', false],
  ['ECONNRESET', 'unreachable/busy', true],
  ['EPIPE', 'unreachable/busy', true],
  [undefined, 'unreachable/busy', true],
])('a failure with SQLSTATE %s is %s, and passing is %s', (state, code, isPassing) => {
  const cause = sqlError(state)
  const failure = makeSqlFailure(cause)
  expect(failure).toMatchObject({ error: { code, cause }, isPassing })
  expect(failure.error.retryAfterMs !== undefined).toBe(code === 'unreachable/busy')
})

test('an error of ours is passed on as it is', () => {
  const error = new TidemarkError('refused/conflict')
  expect(makeSqlFailure(error)).toEqual({ error, isPassing: false })
})

test('a write locks before it reads, and a read is one snapshot', async () => {
  const { db, log } = open()
  await db.secret()
  const opening = log.length
  await db.write('main', async (writer) => void (await writer.rows(['books/a'])))
  await db.read('main', async (reader) => void (await reader.head()))
  expect(log.slice(opening)).toEqual([
    'BEGIN',
    'SET TRANSACTION ISOLATION LEVEL READ COMMITTED',
    `SET LOCAL lock_timeout = '2s'`,
    'INSERT INTO tidemark.spaces (space) VALUES ($1) ON CONFLICT DO NOTHING',
    'SELECT version, floor FROM tidemark.spaces WHERE space = $1 FOR UPDATE',
    expect.stringContaining('JOIN tidemark.rows'),
    'COMMIT',
    'BEGIN',
    'SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY',
    'SELECT version, floor FROM tidemark.spaces WHERE space = $1',
    'COMMIT',
  ])
})

test('a transaction that was rolled back for a passing reason runs again from the start, three times at most', async () => {
  for (const [failures, runs, ends] of [
    [2, 3, 'well'],
    [9, 3, 'busy'],
  ] as const) {
    let left = failures
    let count = 0
    const { db } = open({ fail: (text) => (text.includes('FROM tidemark.clients') && left-- > 0 ? sqlError('40001') : undefined) })
    const outcome = await db
      .write('main', async (writer) => {
        count++
        await writer.group('g')
        return 'well'
      })
      .catch((error: TidemarkError) => error.code.slice(-4))
    expect([count, outcome]).toEqual([runs, ends])
  }
})

test('a lock that was waited for in vain is busy at once', async () => {
  let count = 0
  const { db } = open({ fail: (text) => (text.includes('FOR UPDATE') && ++count ? sqlError('55P03') : undefined) })
  await expect(db.write('main', async () => undefined)).rejects.toMatchObject({ code: 'unreachable/busy', retryAfterMs: 1000 })
  expect(count).toBe(1)
})

test('a connection lost in a commit is not tried again: it may be in', async () => {
  for (const [state, runs] of [
    ['08006', 1],
    ['57P01', 1],
    [undefined, 1],
    ['40001', 3],
  ] as const) {
    let count = 0
    const { db } = open({ fail: (text) => (text === 'COMMIT' && count > 0 ? sqlError(state) : undefined) })
    await expect(db.write('main', async () => void count++)).rejects.toMatchObject({ code: 'unreachable/busy' })
    expect(count).toBe(runs)
  }
})

test('a failed statement fails its transaction, whoever caught it', async () => {
  const { db, log } = open({ fail: (text) => (text.includes('FROM tidemark.clients') ? sqlError('23505') : undefined) })
  const write = db.write('main', (writer) => writer.group('g').catch(() => 'caught'))
  await expect(write).rejects.toMatchObject({ code: 'refused/constraint' })
  expect(log.at(-1)).toBe('ROLLBACK')
})

test('many commits are announced by few notifications, with the last version of each space', async () => {
  const { db, sent } = open()
  const write = (space: string, version: number) =>
    db.write(space, (writer) => writer.write({ version, rows: [], removed: [], departures: [], clients: [], verdicts: [] }))
  await Promise.all([write('a', 1), write('a', 2), write('b', 1), write('a', 3), write('b', 2)])
  await db.close()
  expect(sent.length).toBeLessThan(5)
  expect(new Map(sent.flat().map((payload) => JSON.parse(payload) as [string, number]))).toEqual(
    new Map([
      ['a', 3],
      ['b', 2],
    ]),
  )
})

test('a notification that fails does not fail the write before it', async () => {
  const { db } = open({ fail: (text) => (text.includes('pg_notify') ? sqlError('08006') : undefined) })
  const batch = { version: 1, rows: [], removed: [], departures: [], clients: [], verdicts: [] }
  await expect(db.write('main', (writer) => writer.write(batch))).resolves.toBeUndefined()
  await db.close()
})

test('a database that could not be opened is opened by the next call, and a closed one by none', async () => {
  let isUp = false
  const { driver } = makeDriver({})
  const db = sqlDatabase(async () => (isUp ? driver : Promise.reject(sqlError('ECONNREFUSED'))))
  await expect(db.secret()).rejects.toMatchObject({ code: 'unreachable/busy' })
  isUp = true
  expect(await db.secret()).toEqual(Uint8Array.of(1, 255))
  await db.close()
  await db.close()
  await expect(db.read('main', async () => 1)).rejects.toMatchObject({ code: 'misuse/closed' })
})

test('a database by a newer server is refused before a table is touched', async () => {
  const { db, log } = open({ format: 99 })
  await expect(db.secret()).rejects.toMatchObject({ code: 'server/config', details: { found: 99, known: 1 } })
  expect(log.filter((text) => /CREATE|INSERT/.test(text))).toEqual([])
})

test.each(operators)('names and values of a question by %s travel as parameters alone', (op) => {
  const evil = `'); DROP TABLE x; --`
  const where = { op: 'not', of: [is(evil, op, op === 'in' || op === 'notIn' ? [evil] : op === 'isNull' ? true : evil)] } as const
  const narrowed = narrowQuery({ from: evil, where, orderBy: [{ field: evil, direction: 'desc', nulls: 'first' }], limit: 3 }, 3)
  expect(narrowed.orderBy).toBeDefined()
  expect(`${narrowed.where} ${narrowed.orderBy}`).not.toMatch(/drop/i)
  const used = new Set(`${narrowed.where} ${narrowed.orderBy}`.match(/\$\d+/g))
  expect(used).toEqual(new Set(narrowed.parameters.map((_, i) => `$${i + 3}`)))
})

test('a limit is for the database only where it can tell exactly which rows count', () => {
  const exact = is('a', 'ilike', 'a%')
  const vague = is('a', 'ilike', 'é%')
  expect(narrowQuery({ from: 'x', where: exact, limit: 1 }, 1).orderBy).toBeDefined()
  expect(narrowQuery({ from: 'x', limit: 1 }, 1).orderBy).toBeDefined()
  expect(narrowQuery({ from: 'x', where: vague, limit: 1 }, 1).orderBy).toBeUndefined()
  expect(narrowQuery({ from: 'x', where: { op: 'not', of: [vague] }, limit: 1 }, 1)).toEqual({
    where: 'true',
    orderBy: undefined,
    parameters: [],
  })
  expect(narrowQuery({ from: 'x', where: { op: 'or', of: [exact, { op: 'not', of: [vague] }] } }, 1).where).toBe('true')
})

test('a pattern that would keep the database busy is not for the database', () => {
  for (const op of ['like', 'ilike'] as const) {
    expect(narrowQuery({ from: 'x', where: is('a', op, 'a'.repeat(200)), limit: 1 }, 1)).toMatchObject({ orderBy: expect.any(String) })
    expect(narrowQuery({ from: 'x', where: is('a', op, 'a'.repeat(201)), limit: 1 }, 1)).toMatchObject({
      orderBy: undefined,
      parameters: ['a'],
    })
  }
})

test.each([
  ['%Ab\\_c', '%ab\\_c'],
  ['É_\\É\\\\É😀', '___\\\\__'],
  ['\u212Ai', 'ki'],
  ['İ', 'i_'],
])('the pattern %s looks for %s in lower case', (pattern, looked) => {
  expect(narrowQuery({ from: 'x', where: is('a', 'ilike', pattern) }, 1).parameters.at(-1)).toBe(looked)
})

test('lower case is what the SQL takes it for: one code point of each but of İ, and ASCII of none beyond it but of the Kelvin sign', () => {
  const grown: string[] = []
  const plain: string[] = []
  for (let code = 0; code <= 0x10ffff; code++) {
    if (code >= 0xd800 && code <= 0xdfff) continue
    const one = String.fromCodePoint(code)
    // where it stands may matter: at an end, between letters
    for (const lower of new Set([one.toLowerCase(), `a${one}b`.toLowerCase().slice(1, -1), `A${one}`.toLowerCase().slice(1)])) {
      if (Array.from(lower).length !== 1) grown.push(one, lower)
      else if (code > 0x7f && lower.charCodeAt(0) <= 0x7f) plain.push(one, lower)
    }
  }
  expect([new Set(grown), new Set(plain)]).toEqual([new Set(['İ', 'i\u0307']), new Set(['\u212A', 'k'])])
})

test('an order is plain where neither text beyond U+D7FF nor lists and objects stand in it', () => {
  const ast = { from: 'x', orderBy: [{ field: 'a', direction: 'asc' }] } as const
  const isPlain = (a: string | null | readonly number[], id = 'i') => isPlainlyOrdered(ast, [{ value: { id, a } }])
  expect([isPlain('x\uD7FF'), isPlain(null), isPlain('\uE000'), isPlain('😀'), isPlain([1]), isPlain('x', '😀')]).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
  ])
})

function is(field: string, op: ComparisonAst['op'], value: ComparisonAst['value']): ComparisonAst {
  return { field, op, value }
}

interface Faults {
  /** What a statement fails with, if it does. */
  readonly fail?: (text: string) => Error | undefined
  readonly format?: number
}

function open(faults: Faults = {}) {
  const made = makeDriver(faults)
  return { ...made, db: sqlDatabase(async () => made.driver) }
}

// A PostgreSQL that keeps nothing: it logs what it is told, answers what opening and locking ask, and fails as told.
function makeDriver({ fail, format = 1 }: Faults) {
  const log: string[] = []
  const sent: string[][] = []
  const say = async (text: string, parameters: readonly unknown[] = []): Promise<readonly unknown[]> => {
    log.push(text)
    const failure = fail?.(text)
    if (failure) throw failure
    if (text.includes('to_regclass')) return [{ found: true }]
    if (text.includes('FROM tidemark.meta')) return [{ format, epoch: 'e', secret: '01ff' }]
    if (text.includes('FOR UPDATE')) return [{ version: '0', floor: '0' }]
    if (text.includes('pg_notify')) sent.push(JSON.parse(String(parameters[0])) as string[])
    return []
  }
  const query: SqlRunner['query'] = async <Row>(text: string, parameters?: readonly unknown[]) =>
    (await say(text, parameters)) as readonly Row[]
  const driver: SqlDriver = {
    query,
    async transaction(run) {
      await say('BEGIN')
      try {
        const result = await run({ query })
        await say('COMMIT')
        return result
      } catch (error) {
        await say('ROLLBACK')
        throw error
      }
    },
    listen: async () => async () => undefined,
    close: async () => undefined,
  }
  return { driver, log, sent }
}

function sqlError(code: string | undefined): Error {
  return Object.assign(new Error('no'), code === undefined ? {} : { code })
}
