// What every keeper of the server's data promises: memory, PGlite and any PostgreSQL run these same tests.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { TidemarkError } from '../../src/errors.ts'
import { makeRowKey, type RowKey } from '../../src/protocol/ids.ts'
import { type ComparisonAst, type ConditionAst, operators, type OrderAst, type PlainAst } from '../../src/query/ast.ts'
import { answerRows } from '../../src/query/answer.ts'
import type {
  Database,
  Departure,
  Position,
  SpaceReader,
  SpaceWrite,
  StoredClient,
  StoredRow,
  StoredVerdict,
} from '../../src/server/database.ts'
import { comparePositions } from '../../src/server/position.ts'
import type { Json } from '../../src/util/json.ts'
import { isPattern } from '../../src/util/like.ts'
import { createRng, type Rng } from '../kit/rng.ts'

const start: Position = [0, '', '']
const hostile = [
  `'; DROP TABLE tidemark.rows; --`,
  `"quoted"`,
  '\\',
  '$1',
  '%_',
  '__proto__',
  'constructor',
  'naïve 𝒳 \uE000 名',
  ' ',
  '\n\t',
  '{}',
  'null',
  '/',
]

/** Declares the suite for the database that `open` opens; one of it serves all tests, each in a space of its own. */
export function describeDatabase(open: () => Database): void {
  let db: Database
  let count = 0
  const nextSpace = () => `space ${++count}`

  beforeAll(async () => {
    db = open()
    await db.secret()
  })
  afterAll(() => db.close())

  const write = (space: string, batch: Partial<SpaceWrite>) =>
    db.write(space, async (writer) => {
      const version = (await writer.head()).version + 1
      await writer.write({ version, rows: [], removed: [], departures: [], clients: [], verdicts: [], ...batch })
      return version
    })
  const read = <T>(space: string, run: (reader: SpaceReader) => Promise<T>) => db.read(space, run)

  test('an unwritten space has version 0, no rows, and an epoch that stays once told', async () => {
    const space = nextSpace()
    const before = await read(space, (reader) => reader.head())
    expect(before).toEqual({ version: 0, floor: 0, epoch: expect.stringMatching(/./) })
    expect(await read(space, (reader) => reader.select({ from: 'books' }))).toEqual([])
    expect(await write(space, { rows: [row('a', 1)] })).toBe(1)
    expect(await read(space, (reader) => reader.head())).toEqual({ ...before, version: 1 })
  })

  test('the secret is long and stays the same', async () => {
    const secret = await db.secret()
    expect(secret.length).toBeGreaterThanOrEqual(32)
    expect(new Set(secret).size).toBeGreaterThan(8)
    expect(await db.secret()).toEqual(secret)
  })

  test('a write is read back whole, and each table by its keys', async () => {
    const space = nextSpace()
    const value = {
      id: 'a',
      text: 'x',
      none: null,
      list: [1, [true, {}]],
      nested: { b: 1, a: [null] },
      big: 9007199254740991,
      small: 5e-324,
      huge: 1.7976931348623157e308,
      tenth: 0.1,
    }
    const stored: StoredRow = { collection: 'books', id: 'a', value, audience: 'shared', version: 1 }
    await write(space, {
      rows: [stored, row('b', 1)],
      clients: [client('c1', 'g1', 2), client('c2', 'g1', 1, null), client('c3', 'g2', 1)],
    })
    await read(space, async (reader) => {
      expect(await reader.rows(['books/a', 'books/none', 'shelves/a', 'books/a'])).toEqual([stored])
      expect(await reader.rows([])).toEqual([])
      expect(sorted(await reader.clients(['c1', 'c2', 'c9']), (found) => found.client)).toEqual([
        client('c1', 'g1', 2),
        client('c2', 'g1', 1, null),
      ])
      expect(sorted(await reader.group('g1'), (found) => found.client)).toEqual([client('c1', 'g1', 2), client('c2', 'g1', 1, null)])
      expect(await reader.group('g9')).toEqual([])
    })
    await write(space, { clients: [client('c1', 'g1', 7)] })
    expect(await read(space, (reader) => reader.clients(['c1']))).toEqual([client('c1', 'g1', 7)])
  })

  test('spaces know nothing of each other', async () => {
    const [one, two] = [nextSpace(), nextSpace()]
    const verdict = makeVerdict({ client: 'c', seq: 1, id: 'm', version: 1 })
    await write(one, { rows: [row('a', 1)], departures: [departure('b', 1)], clients: [client('c', 'g', 1)], verdicts: [verdict] })
    await read(two, async (reader) => {
      expect(await reader.rows(['books/a'])).toEqual([])
      expect(await reader.select({ from: 'books' })).toEqual([])
      expect(await reader.count(['shared'])).toBe(0)
      expect(await reader.fill('shared', ['', ''], 9, 9)).toEqual([])
      expect(await reader.changes(new Map([['shared', start]]), 9)).toEqual([])
      expect(await reader.clients(['c'])).toEqual([])
      expect(await reader.group('g')).toEqual([])
      expect(await reader.verdicts([['c', 1]])).toEqual([])
      expect(await reader.fates(['m'])).toEqual([])
      expect(await reader.outcomes('g', 0)).toEqual([])
    })
  })

  test('what run throws is thrown as it is, and nothing of it stays', async () => {
    const space = nextSpace()
    await write(space, { rows: [row('a', 1)] })
    const boom = new Error('boom')
    const failing = db.write(space, async (writer) => {
      const batch = { version: 2, rows: [row('a', 2), row('b', 2)], removed: [], departures: [departure('z', 2)] }
      await writer.write({
        ...batch,
        clients: [client('c', 'g', 1)],
        verdicts: [makeVerdict({ client: 'c', seq: 1, id: 'm', version: 2 })],
      })
      throw boom
    })
    await expect(failing).rejects.toBe(boom)
    await read(space, async (reader) => {
      expect((await reader.head()).version).toBe(1)
      expect(await reader.select({ from: 'books' })).toEqual([row('a', 1)])
      expect(await reader.changes(new Map([['shared', start]]), 9)).toEqual([row('a', 1)])
      expect(await reader.clients(['c'])).toEqual([])
      expect(await reader.fates(['m'])).toEqual([])
    })
    expect(await write(space, { rows: [row('c', 2)] })).toBe(2)
  })

  test('a transaction that writes nothing leaves the version', async () => {
    const space = nextSpace()
    expect(await db.write(space, async (writer) => (await writer.head()).version)).toBe(0)
    expect((await read(space, (reader) => reader.head())).version).toBe(0)
  })

  test('a version that does not rise, and a second write, are bugs and change nothing', async () => {
    const space = nextSpace()
    await write(space, { version: 5, rows: [row('a', 5)] })
    await expect(write(space, { version: 5, rows: [row('b', 5)] })).rejects.toMatchObject({ code: 'bug/invariant' })
    const twice = db.write(space, async (writer) => {
      for (const version of [6, 7])
        await writer.write({ version, rows: [row('c', version)], removed: [], departures: [], clients: [], verdicts: [] })
    })
    await expect(twice).rejects.toMatchObject({ code: 'bug/invariant' })
    expect(await read(space, (reader) => reader.select({ from: 'books' }))).toEqual([row('a', 5)])
  })

  test('a removed row is gone, and one that is removed and written in one batch is there', async () => {
    const space = nextSpace()
    await write(space, { rows: [row('a', 1), row('b', 1)] })
    await write(space, { removed: ['books/a', 'books/b', 'books/none'], rows: [row('b', 2)] })
    expect(await read(space, (reader) => reader.rows(['books/a', 'books/b']))).toEqual([row('b', 2)])
    expect(await read(space, (reader) => reader.count(['shared']))).toBe(1)
  })

  test('of one key given twice in a batch the last counts', async () => {
    const space = nextSpace()
    const verdicts = [1, 2].map((attempt) => makeVerdict({ client: 'c', seq: 1, id: 'm', version: 1, attempt }))
    const twice = { rows: [row('a', 1, { n: 1 }), row('a', 1, { n: 2 })], removed: ['books/z', 'books/z'] as RowKey[] }
    await write(space, {
      ...twice,
      departures: [departure('z', 1), departure('z', 1)],
      clients: [client('c', 'g', 1), client('c', 'g', 2)],
      verdicts,
    })
    await read(space, async (reader) => {
      expect(await reader.rows(['books/a'])).toEqual([row('a', 1, { n: 2 })])
      expect(await reader.clients(['c'])).toEqual([client('c', 'g', 2)])
      expect(await reader.verdicts([['c', 1]])).toEqual([verdicts[1]])
    })
  })

  test('count counts the rows of the audiences given', async () => {
    const space = nextSpace()
    await write(space, { rows: [row('a', 1), row('b', 1, {}, 'team:1'), row('c', 1, {}, 'team:1'), row('d', 1, {}, 'team:2')] })
    await read(space, async (reader) => {
      expect(await reader.count(['shared'])).toBe(1)
      expect(await reader.count(['shared', 'team:1', 'team:1', 'nobody'])).toBe(3)
      expect(await reader.count([])).toBe(0)
    })
  })

  test('fill pages through an audience by collection and id, and leaves out what is newer', async () => {
    const space = nextSpace()
    const rows = ['a', 'b'].flatMap((collection) => range(7).map((n) => ({ ...row(`r${n}`, 1, {}, 'team'), collection })))
    await write(space, { rows: [...rows].reverse().concat(row('alien', 1)) })
    await write(space, {
      rows: [
        { ...row('r3', 2, {}, 'team'), collection: 'a' },
        { ...row('r9', 2, {}, 'team'), collection: 'a' },
      ],
    })
    const pages: (readonly StoredRow[])[] = []
    let after: readonly [string, string] = ['', '']
    for (;;) {
      const page = await read(space, (reader) => reader.fill('team', after, 1, 4))
      if (page.length === 0) break
      pages.push(page)
      const last = page.at(-1) as StoredRow
      after = [last.collection, last.id]
    }
    expect(pages.map((page) => page.length)).toEqual([4, 4, 4, 1])
    expect(pages.flat()).toEqual(rows.filter((one) => !(one.collection === 'a' && one.id === 'r3')))
  })

  test('changes come in order of version, collection and id, with departures among them', async () => {
    const space = nextSpace()
    await write(space, { rows: [row('c', 1), row('a', 1), { ...row('z', 1), collection: 'authors' }, row('b', 1, {}, 'team')] })
    await write(space, { rows: [row('b', 2)], departures: [departure('b', 2, 'team')] })
    await write(space, { rows: [row('a', 3)], removed: ['books/c'], departures: [departure('c', 3)] })
    const all = await read(space, (reader) =>
      reader.changes(
        new Map([
          ['shared', start],
          ['team', start],
        ]),
        99,
      ),
    )
    expect(all).toEqual([{ ...row('z', 1), collection: 'authors' }, departure('b', 2, 'team'), row('b', 2), row('a', 3), departure('c', 3)])
    const late = await read(space, (reader) =>
      reader.changes(
        new Map([
          ['shared', [2, 'books', 'b']],
          ['team', [1, 'books', 'a']],
        ]),
        99,
      ),
    )
    expect(late).toEqual([departure('b', 2, 'team'), row('a', 3), departure('c', 3)])
    expect(await read(space, (reader) => reader.changes(new Map(), 99))).toEqual([])
  })

  test('a page of changes never parts a departure from the row of the same place', async () => {
    const space = nextSpace()
    await write(space, { rows: [row('a', 1, {}, 'team'), row('b', 1, {}, 'team')] })
    await write(space, { rows: [row('a', 2), row('b', 2)], departures: [departure('a', 2, 'team'), departure('b', 2, 'team')] })
    const both = (position: Position) =>
      new Map([
        ['shared', position],
        ['team', position],
      ])
    expect(await read(space, (reader) => reader.changes(both(start), 1))).toEqual([departure('a', 2, 'team'), row('a', 2)])
    expect(await read(space, (reader) => reader.changes(both([2, 'books', 'a']), 1))).toEqual([departure('b', 2, 'team'), row('b', 2)])
    expect(await read(space, (reader) => reader.changes(both([2, 'books', 'b']), 1))).toEqual([])
  })

  test('a departure stays when its row comes back', async () => {
    const space = nextSpace()
    await write(space, { rows: [row('a', 1)] })
    await write(space, { removed: ['books/a'], departures: [departure('a', 2)] })
    await write(space, { rows: [row('a', 3)] })
    expect(await read(space, (reader) => reader.changes(new Map([['shared', start]]), 9))).toEqual([departure('a', 2), row('a', 3)])
  })

  test('a reader that pages through changes while a seeded history goes on ends with the rows that are there', async () => {
    for (let seed = 1; seed <= 3; seed++) {
      const rng = createRng(seed)
      const space = nextSpace()
      const held = new Map<string, StoredRow>()
      const audiences = ['shared', 'team:1', 'team:2']
      const positions = new Map<string, Position>(audiences.map((audience) => [audience, start]))
      const step = async () => {
        const id = `r${rng.int(0, 5)}`
        const [before] = await read(space, (reader) => reader.rows([makeRowKey('books', id)]))
        const version = (await read(space, (reader) => reader.head())).version + 1
        const after = rng.int(0, 2) === 0 ? undefined : row(id, version, { n: version }, audiences[rng.int(0, 2)])
        const isLeft = before && before.audience !== after?.audience
        const departures = isLeft ? [departure(id, version, before.audience)] : []
        await write(space, { rows: after ? [after] : [], removed: after ? [] : [makeRowKey('books', id)], departures })
      }
      const pull = async (limit: number) => {
        const page = await read(space, (reader) => reader.changes(positions, limit))
        for (const change of page) {
          const mine = held.get(change.id)
          if ('value' in change) held.set(change.id, change)
          else if (mine?.audience === change.audience) held.delete(change.id)
        }
        const last = page.at(-1)
        if (last) for (const audience of audiences) positions.set(audience, [last.version, last.collection, last.id])
        return page.length
      }
      for (let i = 0; i < 40; i++) {
        await step()
        if (rng.int(0, 2) === 0) await pull(1 + rng.int(0, 2))
      }
      while ((await pull(2)) > 0);
      const there = await read(space, (reader) => reader.select({ from: 'books' }))
      expect(
        sorted([...held.values()], (one) => one.id),
        `seed ${seed}`,
      ).toEqual(there)
    }
  })

  test('verdicts are found by call, by mutation id, and by group since a version', async () => {
    const space = nextSpace()
    const refused = makeVerdict({
      client: 'c1',
      seq: 1,
      id: 'm1',
      version: 1,
      status: 'refused',
      code: 'refused/rejected',
      message: 'No.',
      reason: 'full',
    })
    const applied = makeVerdict({ client: 'c1', seq: 2, id: 'm2', version: 1 })
    const again = makeVerdict({ client: 'c2', seq: 1, id: 'm1', version: 2, attempt: 1 })
    const foreign = makeVerdict({ client: 'c9', group: 'g9', seq: 1, id: 'm9', version: 2 })
    await write(space, { verdicts: [refused, applied] })
    await write(space, { verdicts: [again, foreign] })
    await read(space, async (reader) => {
      expect(
        await reader.verdicts([
          ['c1', 1],
          ['c1', 3],
          ['c2', 2],
          ['c1', 1],
        ]),
      ).toEqual([refused])
      expect(sorted(await reader.fates(['m1', 'm2', 'none', 'm1']), (found) => found.id)).toEqual([again, applied])
      expect(sorted(await reader.outcomes('g', 0), (found) => found.client + found.seq)).toEqual([refused, applied, again])
      expect(await reader.outcomes('g', 1)).toEqual([again])
      expect(await reader.outcomes('g', 2)).toEqual([])
      expect(await reader.fates([])).toEqual([])
      expect(await reader.verdicts([])).toEqual([])
      expect(await reader.clients([])).toEqual([])
    })
  })

  test('of two verdicts on one mutation in one version the higher attempt is the newer', async () => {
    const space = nextSpace()
    const first = makeVerdict({ client: 'z', seq: 1, id: 'm', version: 1 })
    const second = makeVerdict({ client: 'a', seq: 1, id: 'm', version: 1, attempt: 1 })
    await write(space, { verdicts: [second, first] })
    expect(await read(space, (reader) => reader.fates(['m']))).toEqual([second])
  })

  test('twenty writers at once, each adding one to what it read, add twenty', async () => {
    const space = nextSpace()
    const order: number[] = []
    const increment = () =>
      db.write(space, async (writer) => {
        const [found] = await writer.rows(['books/counter'])
        const version = (await writer.head()).version + 1
        const n = Number(found?.value.n ?? 0) + 1
        await writer.write({ version, rows: [row('counter', version, { n })], removed: [], departures: [], clients: [], verdicts: [] })
        return version
      })
    await Promise.all(range(20).map(() => increment().then((version) => order.push(version))))
    const [counter] = await read(space, (reader) => reader.rows(['books/counter']))
    expect(counter).toEqual(row('counter', 20, { n: 20 }))
    expect(sorted(order, (version) => version)).toEqual(range(20).map((n) => n + 1))
  })

  test('writers of one space go one after another, and one that fails lets the next one in', async () => {
    const space = nextSpace()
    const log: string[] = []
    const writer = (name: string, isFailing: boolean) =>
      db.write(space, async (tx) => {
        log.push(`${name} in`)
        await tx.head()
        await tx.select({ from: 'books' })
        log.push(`${name} out`)
        if (isFailing) throw new Error(name)
      })
    const results = await Promise.allSettled([writer('a', false), writer('b', true), writer('c', false)])
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    // who comes first is open where there are several connections
    const order = log.filter((_, i) => i % 2 === 0).map((line) => line[0])
    expect(new Set(order)).toEqual(new Set(['a', 'b', 'c']))
    expect(log).toEqual(order.flatMap((name) => [`${name} in`, `${name} out`]))
  })

  test('a reader sees one state while writers commit', async () => {
    const space = nextSpace()
    await write(space, { rows: [row('a', 1, { n: 1 }), row('b', 1, { n: 1 })] })
    let writing: Promise<number> | undefined
    const seen = await read(space, async (reader) => {
      const first = await reader.rows(['books/a'])
      // begins while this one reads; where there is one connection it waits
      writing = write(space, { rows: [row('a', 2, { n: 2 }), row('b', 2, { n: 2 }), row('c', 2)] })
      const all: unknown[] = []
      for (let i = 0; i < 5; i++) {
        all.push(
          await reader.rows(['books/b']),
          await reader.select({ from: 'books' }),
          await reader.changes(new Map([['shared', start]]), 9),
        )
        all.push((await reader.head()).version, await reader.count(['shared']), await reader.fill('shared', ['', ''], 9, 9))
      }
      return { first, all }
    })
    const state = [row('a', 1, { n: 1 }), row('b', 1, { n: 1 })]
    expect(seen.first).toEqual([state[0]])
    expect(seen.all).toEqual(range(5).flatMap(() => [[state[1]], state, state, 1, 2, state]))
    expect(await writing).toBe(2)
    expect(await read(space, (reader) => reader.count(['shared']))).toBe(3)
  })

  test('a reader that begins while a writer works sees nothing of it before its commit', async () => {
    const space = nextSpace()
    await write(space, { rows: [row('a', 1, { n: 1 })] })
    let reading: Promise<readonly (StoredRow | number)[]> | undefined
    await db.write(space, async (writer) => {
      await writer.write({ version: 2, rows: [row('a', 2, { n: 2 }), row('b', 2)], removed: [], departures: [], clients: [], verdicts: [] })
      reading = read(space, async (reader) => [(await reader.head()).version, ...(await reader.select({ from: 'books' }))])
      expect(await writer.rows(['books/b'])).toEqual([row('b', 2)])
    })
    const states = [
      [1, row('a', 1, { n: 1 })],
      [2, row('a', 2, { n: 2 }), row('b', 2)],
    ]
    expect(states).toContainEqual(await reading)
  })

  test('hostile text is text, wherever it stands', async () => {
    const space = `space ${hostile.join('')}`
    const rows = hostile.map((text) => ({
      collection: text.replaceAll('/', '|'),
      id: text,
      audience: text,
      version: 1,
      value: { id: text, [`key ${text}`]: text, text },
    }))
    const clients = hostile.map((text) => client(text, text, 1, text))
    const verdicts = hostile.map((text) =>
      makeVerdict({ client: text, group: text, seq: 1, id: text, version: 1, status: 'refused', code: text, message: text, reason: text }),
    )
    await write(space, { rows, clients, verdicts, departures: hostile.map((text) => ({ ...departure(text, 1, text), collection: text })) })
    await read(space, async (reader) => {
      for (const [i, text] of hostile.entries()) {
        const stored = rows[i] as StoredRow
        expect(await reader.rows([makeRowKey(stored.collection, text)])).toEqual([stored])
        expect(await reader.select({ from: stored.collection, where: is('text', '=', text) })).toEqual([stored])
        expect(await reader.select({ from: stored.collection, where: is(`key ${text}`, 'startsWith', text), limit: 1 })).toEqual([stored])
        expect(await reader.fill(text, ['', ''], 1, 9)).toEqual([stored])
        expect(await reader.count([text])).toBe(1)
        expect(await reader.changes(new Map([[text, start]]), 9)).toHaveLength(2)
        expect(await reader.clients([text])).toEqual([clients[i]])
        expect(await reader.group(text)).toEqual([clients[i]])
        expect(await reader.verdicts([[text, 1]])).toEqual([verdicts[i]])
        expect(await reader.fates([text])).toEqual([verdicts[i]])
        expect(await reader.outcomes(text, 0)).toEqual([verdicts[i]])
      }
    })
  })

  test('ids beyond U+D7FF are paged by code point, and answered by code unit', async () => {
    const space = nextSpace()
    const ids = ['a', 'z', 'é', '\uE000', '\uFFFD', '𝒳', '😀', '😀a']
    await write(space, { rows: [...ids].reverse().map((id) => row(id, 1)) })
    expect(await pagesOf((after: Position) => read(space, (reader) => reader.fill('shared', [after[1], after[2]], 1, 1)))).toEqual(ids)
    expect(await pagesOf((after: Position) => read(space, (reader) => reader.changes(new Map([['shared', after]]), 1)))).toEqual(ids)
    for (let limit = 0; limit <= ids.length; limit++) {
      const ast: PlainAst = { from: 'books', limit }
      expect((await read(space, (reader) => reader.select(ast))).map((one) => one.id)).toEqual([...ids].sort().slice(0, limit))
    }
  })

  test('listen hears of commits with their version, and of nothing after it stopped', async () => {
    const space = nextSpace()
    const heard: number[] = []
    const waiting = new Set<() => void>()
    const stop = await db.listen((name, version) => {
      if (name !== space) return
      heard.push(version)
      for (const wake of waiting) wake()
    })
    const hears = (version: number) =>
      new Promise<void>((resolve) => {
        const check = () => {
          if (heard.some((one) => one >= version)) resolve()
        }
        waiting.add(check)
        check()
      })
    await write(space, { rows: [row('a', 1)] })
    await hears(1)
    await expect(db.write(space, async () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    await Promise.all(range(5).map((n) => write(space, { rows: [row(`b${n}`, 2 + n)] })))
    await hears(6)
    expect(Math.max(...heard)).toBe(6)
    await stop()
    const before = heard.length
    const { promise: otherHears, resolve } = makeDeferred()
    const other = await db.listen((name, version) => name === space && version === 7 && resolve())
    await write(space, { rows: [row('c', 7)] })
    await otherHears
    await other()
    expect(heard).toHaveLength(before)
  })

  // plain rows let SQL stop at a limit by itself; the others have text that it orders differently
  test.each([
    ['plain rows', plainTexts, ['r', 'R', 'é']],
    ['rows with text beyond U+D7FF', texts, ['r', 'R', 'é', '\uE000', '😀']],
  ])('select agrees with the naive answer for seeded random questions about %s', async (_, words, prefixes) => {
    const space = nextSpace()
    const rng = createRng(7)
    const rows = range(150).map((n) => row(`${rng.pick(prefixes)}${n}`, 1, makeFields(rng, words)))
    await write(space, { rows: [...rows, { ...row('alien', 1, makeFields(rng, words)), collection: 'shelves' }] })
    let answered = 0
    for (let i = 0; i < 300; i++) {
      const ast = makeQuestion(rng)
      const values = rows.map((one) => one.value)
      const expected = answerRows(ast, values).map((value) => value.id)
      const found = await read(space, (reader) => reader.select(ast))
      expect(
        found.map((one) => one.id),
        JSON.stringify(ast),
      ).toEqual(expected)
      answered += expected.length
    }
    expect(answered).toBeGreaterThan(3000)
  })

  test('the case of text is passed over as JavaScript does, whatever the letters', async () => {
    const space = nextSpace()
    const rows = cased.map((text, n) => row(`r${n}`, 1, { text }))
    await write(space, { rows })
    const patterns = cased.flatMap((text) => [
      text.replaceAll('\\', '\\\\'),
      `${text}%`.replace('\\', '%'),
      `\\${text}`,
      `_${text}`,
      `${text[0]}_`,
    ])
    for (const pattern of ['k', 'K', 'i_', 'I_%', '__', '_', '\u0307', ...patterns].filter(isPattern))
      for (const where of [is('text', 'ilike', pattern), { op: 'not', of: [is('text', 'ilike', pattern)] } as const]) {
        const ast: PlainAst = { from: 'books', where, limit: 99 }
        const wanted = answerRows(
          ast,
          rows.map(({ value }) => value),
        )
        const found = await read(space, (reader) => reader.select(ast))
        expect(
          found.map(({ value }) => value),
          JSON.stringify(where),
        ).toEqual(wanted)
      }
  })

  test('a limit that the database cannot apply by itself is met from all rows, however many there are', async () => {
    const space = nextSpace()
    const rows = range(2500).map((n) => row(`r${(n * 7919) % 2500}`, 1, { text: n % 3 === 0 ? `É${n}` : `x${n}`, n: (n * 31) % 101 }))
    await write(space, { rows })
    const values = rows.map(({ value }) => value)
    for (const where of [is('text', '<', '\uE000'), is('text', 'ilike', 'é%1_'), is('text', 'ilike', '%É%')])
      for (const limit of [0, 3, 1001, 3000]) {
        const ast: PlainAst = { from: 'books', where, orderBy: [{ field: 'n', direction: 'desc' }], limit }
        const found = await read(space, (reader) => reader.select(ast))
        expect(
          found.map(({ id }) => id),
          JSON.stringify(ast),
        ).toEqual(answerRows(ast, values).map(({ id }) => id))
      }
  })

  test('long lists, many terms and long patterns are answered', async () => {
    const space = nextSpace()
    const long = range(3).map((n) => row(`long${n}`, 1, { text: 'a'.repeat(10_000) + n, list: range(1000) }))
    await write(space, { rows: [...range(20).map((n) => row(`r${n}`, 1, { n })), ...long] })
    const ask = async (where: ConditionAst) => (await read(space, (reader) => reader.select({ from: 'books', where, limit: 99 }))).length
    expect(await ask(is('n', 'in', range(1000).reverse()))).toBe(20)
    expect(await ask(is('n', 'notIn', range(1000)))).toBe(3)
    expect(await ask({ op: 'or', of: range(1000).map((n) => is('n', '=', -n)) })).toBe(1)
    expect(await ask(is('list', 'contains', 999))).toBe(3)
    for (const length of [100, 900]) {
      expect(await ask(is('text', 'like', `%${'a'.repeat(length)}b%`))).toBe(0)
      expect(await ask(is('text', 'ilike', `%${'A'.repeat(length)}_`))).toBe(3)
      expect(await ask({ op: 'not', of: [is('text', 'like', `${'%a'.repeat(length / 2)}%1`)] })).toBe(22)
    }
  })

  test('text that PostgreSQL cannot keep is refused as such, or kept unchanged', async () => {
    for (const text of ['a\u0000b', '\uD800']) {
      const space = nextSpace()
      const outcome = await write(space, { rows: [row('a', 1, { text })] }).catch((error: unknown) => error)
      if (outcome instanceof TidemarkError) expect(outcome.code).toBe('refused/constraint')
      else expect(await read(space, (reader) => reader.rows(['books/a']))).toEqual([row('a', 1, { text })])
    }
  })
}

function is(field: string, op: ComparisonAst['op'], value: Json): ComparisonAst {
  return { field, op, value }
}

function row(id: string, version: number, fields: Readonly<Record<string, Json>> = {}, audience = 'shared'): StoredRow {
  return { collection: 'books', id, audience, version, value: { ...fields, id } }
}

function departure(id: string, version: number, audience = 'shared'): Departure {
  return { audience, collection: 'books', id, version }
}

function client(name: string, group: string, seq: number, user: string | null = 'u1'): StoredClient {
  return { client: name, group, user, seq }
}

function makeVerdict(given: Pick<StoredVerdict, 'client' | 'seq' | 'id' | 'version'> & Partial<StoredVerdict>): StoredVerdict {
  return { group: 'g', attempt: 0, status: 'applied', ...given }
}

// letters of two cases, some of which change their length or their alphabet with it
const cased = ['K', '\u212A', 'k', 'İ', 'i', 'I', 'ix', 'İx', 'É', 'ß', 'ẞ', 'Σ', 'ΑΣ', 'ας', 'ǅ', 'a\n', '\\é', 'KELVIN']
const plainTexts = [
  ...['', 'a', 'A', 'ab', 'a%', 'a%b', 'a_b', '_', '%', 'é', 'z', 'zz', '\uD7FF', `'`, '"', '\\', 'null', '10', '9'],
  ...cased,
]
const texts = [...plainTexts, '\uE000', '\uFFFD', '😀', '😀x', 'a😀', 'a\uE000']
const patternParts = [
  '%',
  '%',
  '_',
  '\\%',
  '\\_',
  '\\\\',
  '\\é',
  'a',
  'A',
  'b',
  'k',
  'K',
  '\u212A',
  'i',
  'I',
  'İ',
  '\u0307',
  'x',
  'é',
  'É',
  'ß',
  'ς',
  'Σ',
  '😀',
]
const numbers = [0, 1, -1, 1.5, 9, 10, 0.1, 1e-7, 5e-324, 9007199254740991]
const nested: readonly Json[] = [[], [1], [1, null], ['a'], {}, { a: 1 }, { b: [true], a: 1 }, [[]], [{}]]
const scalarFields = ['a', 'b', `it's "odd"`]
const fields = [...scalarFields, 'c', 'id', 'never']

// `c` alone holds lists and objects, and is not sorted by: of those the text decides, and jsonb writes their keys in another order
function makeFields(rng: Rng, words: readonly string[]): Record<string, Json> {
  const made: Record<string, Json> = {}
  for (const field of scalarFields) if (rng.chance(0.8)) made[field] = makeScalar(rng, words)
  if (rng.chance(0.8)) made.c = makeOperand(rng, words)
  return made
}

function makeScalar(rng: Rng, words: readonly string[]): Json {
  return rng.pick<() => Json>([() => null, () => rng.chance(0.5), () => rng.pick(numbers), () => rng.pick(words), () => rng.pick(words)])()
}

function makeOperand(rng: Rng, words: readonly string[] = texts): Json {
  return rng.chance(0.3) ? rng.pick(nested) : makeScalar(rng, words)
}

function makeQuestion(rng: Rng): PlainAst {
  const orderBy = range(rng.int(0, 2)).map(
    (): OrderAst => ({
      field: rng.pick([...scalarFields, 'id', 'never']),
      direction: rng.pick(['asc', 'desc']),
      ...(rng.chance(0.5) ? { nulls: rng.pick(['first', 'last']) } : {}),
    }),
  )
  return {
    from: 'books',
    ...(rng.chance(0.7) ? { where: makeCondition(rng, 3) } : {}),
    ...(orderBy.length > 0 ? { orderBy } : {}),
    ...(rng.chance(0.6) ? { limit: rng.int(0, 100) } : {}),
  }
}

function makeCondition(rng: Rng, depth: number): ConditionAst {
  const kind = depth === 0 ? 9 : rng.int(0, 9)
  const parts = () => range(rng.int(0, 3)).map(() => makeCondition(rng, depth - 1))
  if (kind < 2) return { op: 'and', of: parts() }
  if (kind < 4) return { op: 'or', of: parts() }
  if (kind < 6) return { op: 'not', of: [makeCondition(rng, depth - 1)] }
  const op = rng.pick(operators)
  return is(rng.pick(fields), op, makeOperandOf(rng, op))
}

function makeOperandOf(rng: Rng, op: ComparisonAst['op']): Json {
  switch (op) {
    case '=':
    case '!=':
    case 'contains':
      return makeOperand(rng)
    case 'in':
    case 'notIn':
      return range(rng.int(0, 4)).map(() => makeOperand(rng))
    case 'startsWith':
      return rng.pick(texts)
    case 'like':
    case 'ilike':
      return range(rng.int(0, 4))
        .map(() => rng.pick(patternParts))
        .join('')
    case 'isNull':
      return rng.chance(0.5)
    default:
      return rng.chance(0.5) ? rng.pick(numbers) : rng.pick(texts)
  }
}

async function pagesOf(next: (after: Position) => Promise<readonly (StoredRow | Departure)[]>): Promise<string[]> {
  const found: string[] = []
  for (let after = start; ; ) {
    const last = (await next(after)).at(-1)
    if (!last) return found
    found.push(last.id)
    const position: Position = [last.version, last.collection, last.id]
    expect(comparePositions(after, position)).toBeLessThan(0)
    after = position
  }
}

function makeDeferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => undefined
  const promise = new Promise<void>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n)
}

function sorted<T>(items: readonly T[], keyOf: (item: T) => string | number): T[] {
  return [...items].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
}
