import { expect, test } from 'vitest'
import { call, serve } from './app.ts'

const teamsOf: NonNullable<Parameters<typeof serve>[0]>['audiences'] = (tx) =>
  tx.members
    .where('user', '=', tx.user ?? '')
    .read()
    .map(({ team }) => `team:${team}`)

test('G2 a pull brings exactly what changed since the cursor, in pages of the size asked for, and echoes the cursor', async () => {
  const app = serve()
  const [author, reader] = [call(app), call(app, 'u2', 'g2')]
  await reader.sync()
  for (let i = 0; i < 5; i++) await author.push({ calls: [['addBook', [`b${i}`, 'x']]] })
  const first = await reader.pull({ limit: 2 })
  expect(first).toMatchObject({ from: reader.cursor, more: true, confirmed: {}, refused: [], version: 5 })
  expect('patches' in first && first.patches.map((patch) => 'id' in patch && patch.id)).toEqual(['b0', 'b1'])
  const { patches } = await reader.sync({ limit: 2 })
  expect(patches.map((patch) => 'id' in patch && patch.id)).toEqual(['b0', 'b1', 'b2', 'b3', 'b4'])
  expect((await reader.sync()).patches).toEqual([])
})

test('a page ends at about a megabyte, and a row that is larger goes alone', async () => {
  const app = serve()
  const author = call(app)
  for (let i = 0; i < 3; i++) await author.push({ calls: [['addBook', [`b${i}`, 'x'.repeat(600_000)]]] })
  const sizes: number[] = []
  for (let cursor: string | null = null; ; ) {
    const page = await author.pull({ cursor })
    if ('reset' in page) throw new Error(page.reset)
    sizes.push(page.patches.length)
    cursor = page.cursor
    if (!page.more) break
  }
  expect(sizes).toEqual([2, 1])
})

test('T46 a push does not move the cursor: what others wrote before it still comes', async () => {
  const app = serve()
  const [a, b] = [call(app, 'u1', 'a'), call(app, 'u2', 'b')]
  await a.sync()
  await b.push({ calls: [['addBook', ['from-b', 'x']]] })
  await a.push({ calls: [['addBook', ['from-a', 'x']]] })
  await a.sync()
  expect([...a.base.keys()].sort()).toEqual(['books/from-a', 'books/from-b'])
})

test('G7 confirmed and refused speak of the caller’s own group alone, for the range since its cursor', async () => {
  const app = serve()
  const [a, b] = [call(app, 'u1', 'a'), call(app, 'u2', 'b')]
  await a.push({ calls: [['addBook', ['b1', 'x']]] }, { calls: [['addPages', ['TAINT-arg', 1]]] })
  await b.push({ client: 'c.b2', seq: 1, calls: [['addPages', ['none', 1]]] })
  const first = await a.sync()
  expect(first.confirmed).toEqual({ 'c.a': 2 })
  expect(first.refused).toEqual([{ client: 'c.a', seq: 2, code: 'refused/rejected', message: expect.any(String), reason: 'no-such-book' }])
  expect(await a.sync()).toMatchObject({ confirmed: { 'c.a': 2 }, refused: [] })
  const theirs = await b.sync()
  expect(theirs).toMatchObject({ confirmed: { 'c.b2': 1 }, refused: [{ client: 'c.b2', seq: 1 }] })
  expect(JSON.stringify(theirs)).not.toMatch(/TAINT|c\.a|m\.a/)
})

test('G7 the group of another user has nothing to tell', async () => {
  const app = serve()
  await call(app, 'u1', 'a').push({ calls: [['addPages', ['none', 1]]] })
  const { confirmed, refused } = await call(app, 'u2', 'a').sync()
  expect({ confirmed, refused }).toEqual({ confirmed: {}, refused: [] })
})

test('with no cursor the verdicts begin at the beginning; refused leaves out what was applied since, and again names it', async () => {
  const app = serve()
  const caller = call(app)
  await caller.push({ id: 'plus', attempt: 1, calls: [['addPages', ['b1', 5]]] }, { calls: [['addPages', ['none', 5]]] })
  await caller.sync()
  const { cursor } = caller
  await caller.push({ calls: [['addBook', ['b1', 'x']]] }, { id: 'plus', attempt: 2, calls: [['addPages', ['b1', 5]]] })
  expect(await caller.sync()).toMatchObject({ refused: [], again: ['plus'] })
  expect(await caller.sync()).not.toHaveProperty('again')
  caller.cursor = null
  expect(await caller.sync()).toMatchObject({ confirmed: { 'c.g': 4 }, refused: [{ seq: 2 }], again: ['plus'] })
  caller.cursor = cursor
  expect(await caller.sync()).toMatchObject({ again: ['plus'] })
})

test('G4 a cursor is the server’s own: altered, cut, of another user or another space it is refused', async () => {
  const app = serve()
  const caller = call(app)
  await caller.push({ calls: [['addBook', ['b1', 'x']]] })
  await caller.sync()
  const cursor = caller.cursor as string
  const [payload = '', signature = ''] = cursor.split('.')
  const altered = `${payload.slice(0, 20)}${payload[20] === 'A' ? 'B' : 'A'}${payload.slice(21)}.${signature}`
  for (const bad of [altered, payload, `${payload}.`, `.${signature}`, `${cursor}.x`, `${payload}.AAAA`, 'x', '..', '💥.💥', '1.1'])
    await expect(caller.pull({ cursor: bad })).rejects.toThrow('400 invalid/request')
  await expect(call(app, 'u2').pull({ cursor })).rejects.toThrow('400 invalid/request')
  await expect(caller.pull({ cursor, space: 'other' })).rejects.toThrow('400 invalid/request')
  expect(await caller.pull({ cursor })).toHaveProperty('more', false)
})

test('G13 a cursor of another history, or from beyond the head, is told that the epoch changed', async () => {
  const app = serve()
  const caller = call(app)
  const empty = (await caller.sync()).epoch
  expect(await caller.pull({ epoch: 'another' })).toMatchObject({ reset: 'epoch', epoch: empty })
  await caller.push({ calls: [['addBook', ['b1', 'x']]] })
  await caller.sync()
  const ahead = serve({
    database: {
      ...app.database,
      read: (space, run) =>
        app.database.read(space, (reader) => run({ ...reader, head: async () => ({ ...(await reader.head()), version: 0 }) })),
    },
  })
  expect(await call(ahead).pull({ cursor: caller.cursor })).toMatchObject({ reset: 'epoch' })
  const renamed = serve({
    database: {
      ...app.database,
      read: (space, run) =>
        app.database.read(space, (reader) => run({ ...reader, head: async () => ({ ...(await reader.head()), epoch: 'new' }) })),
    },
  })
  expect(await call(renamed).pull({ cursor: caller.cursor })).toMatchObject({ reset: 'epoch', epoch: 'new' })
})

test('G14 a cursor below the floor is too old; one at the floor goes on', async () => {
  const app = serve()
  const caller = call(app)
  await caller.push({ calls: [['addBook', ['b1', 'x']]] })
  await caller.sync()
  await caller.push({ calls: [['addBook', ['b2', 'x']]] })
  const withFloor = (floor: number) =>
    serve({
      database: {
        ...app.database,
        read: (space, run) =>
          app.database.read(space, (reader) => run({ ...reader, head: async () => ({ ...(await reader.head()), floor }) })),
      },
    })
  expect(await call(withFloor(2)).pull({ cursor: caller.cursor })).toMatchObject({ reset: 'too-old' })
  expect(await call(withFloor(1)).pull({ cursor: caller.cursor })).toMatchObject({ more: false })
  expect(await call(withFloor(2)).pull({ cursor: null })).toMatchObject({ more: false })
})

test('G6 a row that moves between two audiences of a reader is put, and not deleted', async () => {
  const app = serve({ audiences: () => ['team:red', 'team:blue'] })
  const caller = call(app)
  await caller.push({ calls: [['putTask', ['t1', 'red', 'x']]] })
  await caller.sync()
  await caller.push({ calls: [['putTask', ['t1', 'blue', 'x']]] })
  expect((await caller.sync()).patches).toEqual([
    { op: 'put', collection: 'tasks', id: 't1', value: { id: 't1', team: 'blue', title: 'x' }, audience: 'team:blue' },
  ])
})

test('HX2 rows, departures and the very names of audiences that a reader does not hold never reach it; leaving one takes its rows', async () => {
  const app = serve({ audiences: teamsOf })
  const [admin, reader] = [call(app, 'admin', 'a'), call(app, 'u1', 'b')]
  await admin.push(
    { calls: [['join', ['u1', 'red']]] },
    { calls: [['putTask', ['t1', 'red', 'seen']]] },
    { calls: [['putTask', ['t2', 'blue', 'TAINT']]] },
  )
  await reader.sync()
  await admin.push(
    { calls: [['putTask', ['t2', 'blue', 'TAINT again']]] },
    { calls: [['removeTask', ['t2']]] },
    { calls: [['putTask', ['t1', 'TAINT', 'gone']]] },
  )
  const moved = await reader.sync()
  expect(moved.patches).toEqual([{ op: 'del', collection: 'tasks', id: 't1', audience: 'team:red' }])
  await admin.push({ calls: [['putTask', ['t3', 'red', 'x']]] })
  await reader.sync()
  expect([...reader.base.keys()]).toEqual(['tasks/t3'])
  await admin.push({ calls: [['part', ['u1', 'red']]] })
  expect((await reader.sync()).patches).toEqual([{ op: 'leave', audience: 'team:red' }])
  expect(reader.base.size).toBe(0)
})

test('a reader that joins an audience is filled with it, beside the changes of those it held', async () => {
  const app = serve({ audiences: teamsOf })
  const [admin, reader] = [call(app, 'admin', 'a'), call(app, 'u1', 'b')]
  for (let i = 0; i < 5; i++) await admin.push({ calls: [['putTask', [`t${i}`, 'red', 'x']]] })
  await reader.sync()
  await admin.push({ calls: [['join', ['u1', 'red']]] }, { calls: [['addBook', ['b1', 'x']]] })
  await reader.sync({ limit: 2 })
  expect([...reader.base.keys()].sort()).toEqual(['books/b1', 'tasks/t0', 'tasks/t1', 'tasks/t2', 'tasks/t3', 'tasks/t4'])
})

test('a fill leaves out what was written since it began: it comes once, with the changes', async () => {
  const app = serve()
  const [author, reader] = [call(app), call(app, 'u2', 'g2')]
  for (const id of ['a', 'c', 'e']) await author.push({ calls: [['addBook', [id, 'x']]] })
  const first = await reader.pull({ limit: 1 })
  await author.push({ calls: [['addBook', ['d', 'new']]] }, { calls: [['addPages', ['e', 5]]] })
  if ('reset' in first) throw new Error(first.reset)
  reader.cursor = first.cursor
  const { patches } = await reader.sync({ limit: 1 })
  expect(patches.map((patch) => ('id' in patch ? patch.id : ''))).toEqual(['c', 'd', 'e'])
})

test('HX14 a space that the user may not enter answers alike, whether it is there or not, to everything', async () => {
  const app = serve({
    audiences: (tx) => (tx.members.where('user', '=', tx.user ?? '').read().length > 0 || tx.user === 'admin' ? [] : null),
  })
  await call(app, 'admin', 'a').push({ calls: [['addBook', ['b1', 'TAINT']]] })
  const before = await app.dump()
  const stranger = call(app, 'u1')
  const answers = new Set<string>()
  for (const space of ['main', 'no-such-space'])
    for (const [path, message] of Object.entries({ pull: { cursor: null }, snapshot: {}, poke: { version: 0 }, push: { mutations: [] } })) {
      const response = await stranger.post(path, { ...stranger.envelope(), space, ...message })
      answers.add(`${response.status} ${await response.text()}`)
    }
  expect([...answers]).toEqual([expect.stringMatching(/^403 .*"code":"auth\/forbidden-space"/)])
  expect(await app.dump()).toBe(before)
})
