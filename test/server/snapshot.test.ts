import { expect, test } from 'vitest'
import { call, readLines, serve } from './app.ts'

test('T53 G3 a fresh reader gets all rows as lines between a head and a foot, and a pull from the foot brings nothing twice', async () => {
  const app = serve({ limits: { snapshotRows: 7 } })
  const [author, reader] = [call(app), call(app, 'u2', 'g2')]
  for (let i = 0; i < 30; i++)
    await author.push(
      ...Array.from({ length: 10 }, (_, k) => ({
        calls: [['books.insert', [{ id: `b${i}-${k}`, title: 'x', pages: k }]] as [string, unknown[]]],
      })),
    )
  for (let i = 0; i < 20; i++) await author.push({ calls: [['addPages', ['b0-0', 1]]] })
  const response = await reader.post('snapshot', reader.envelope())
  expect(response.headers.get('content-type')).toBe('application/x-ndjson')
  expect(response.headers.get('cache-control')).toBe('no-store')
  const [head, ...rest] = await readLines(response)
  const foot = rest.pop() as { cursor: string }
  expect(head).toMatchObject({ tidemark: 1, from: null, total: 300, version: 50 })
  expect(rest).toHaveLength(300)
  expect(new Set(rest.map((line) => (line as [string, { id: string }])[1].id)).size).toBe(300)
  reader.cursor = foot.cursor
  expect(await reader.sync()).toMatchObject({ patches: [], version: 50 })
})

test('T54 what is written while a snapshot is read comes by the pull from its foot, and not in it', async () => {
  const app = serve({ limits: { snapshotRows: 2 } })
  const [author, reader] = [call(app), call(app, 'u2', 'g2')]
  for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) await author.push({ calls: [['addBook', [id, 'x']]] })
  const response = await reader.post('snapshot', reader.envelope())
  await author.push({ calls: [['addBook', ['ee', 'new']]] }, { calls: [['addPages', ['f', 9]]] }, { calls: [['books.remove', ['a']]] })
  const lines = await readLines(response)
  const ids = lines.flatMap((line) => (Array.isArray(line) ? [(line as [string, { id: string }])[1].id] : []))
  expect(ids).not.toContain('ee')
  for (const line of lines)
    if (Array.isArray(line))
      reader.base.set(`books/${(line[1] as { id: string }).id}`, { value: line[1] as { id: string }, audience: 'shared' })
  reader.cursor = (lines.at(-1) as { cursor: string }).cursor
  await reader.sync()
  const pages = Object.fromEntries([...reader.base].map(([key, { value }]) => [key, value['pages']]))
  expect(pages).toEqual({ 'books/b': 0, 'books/c': 0, 'books/d': 0, 'books/e': 0, 'books/ee': 0, 'books/f': 9 })
})

test('a snapshot reads the next page when the one before was taken, and no sooner', async () => {
  const app = serve({ limits: { snapshotRows: 1 } })
  const author = call(app)
  for (let i = 0; i < 20; i++) await author.push({ calls: [['addBook', [`b${i}`, 'x']]] })
  let fills = 0
  const watched = serve({
    limits: { snapshotRows: 1 },
    database: {
      ...app.database,
      read: (space, run) => app.database.read(space, (reader) => run({ ...reader, fill: (...args) => (fills++, reader.fill(...args)) })),
    },
  })
  const reader = call(watched)
  const response = await reader.post('snapshot', reader.envelope())
  await watched.clock.settle()
  expect(fills).toBeLessThan(3)
  await response.body?.cancel()
  await watched.clock.settle()
  expect(fills).toBeLessThan(3)
})

test('HX2 rows of audiences that the reader does not hold, or loses on the way, do not appear; the pull then takes them back', async () => {
  let teams = ['team:red', 'team:blue']
  const app = serve({ limits: { snapshotRows: 1 }, audiences: () => teams })
  const [author, reader] = [call(app), call(app, 'u2', 'g2')]
  for (const [id, team] of [
    ['1', 'blue'],
    ['2', 'blue'],
    ['3', 'TAINT'],
    ['4', 'red'],
    ['5', 'red'],
  ])
    await author.push({ calls: [['putTask', [id, team, 'x']]] })
  const response = await reader.post('snapshot', reader.envelope())
  const body = (response.body as ReadableStream<Uint8Array>).getReader()
  const decoder = new TextDecoder()
  let text = ''
  for (;;) {
    const { done, value } = await body.read()
    if (done) break
    text += decoder.decode(value)
    if (text.includes('"id":"1"')) teams = ['team:red']
  }
  expect(text).not.toContain('TAINT')
  expect(text).not.toContain('"id":"2"')
  expect(text).toContain('"id":"5"')
  reader.cursor = (JSON.parse(text.trim().split('\n').at(-1) ?? '') as { cursor: string }).cursor
  expect((await reader.sync()).patches).toEqual([{ op: 'leave', audience: 'team:blue' }])
})

test('a snapshot goes on from the cursor of an earlier one, and says so where it cannot', async () => {
  const app = serve()
  const reader = call(app)
  await reader.push({ calls: [['addBook', ['b1', 'x']]] })
  const [, , foot] = (await readLines(await reader.post('snapshot', reader.envelope()))) as [unknown, unknown, { cursor: string }]
  const again = await readLines(await reader.post('snapshot', { ...reader.envelope(), cursor: foot.cursor }))
  expect(again).toMatchObject([{ from: foot.cursor, total: 0 }, { cursor: expect.any(String) }])
  const other = serve({
    database: {
      ...app.database,
      read: (space, run) =>
        app.database.read(space, (inner) => run({ ...inner, head: async () => ({ ...(await inner.head()), epoch: 'new' }) })),
    },
  })
  expect(await readLines(await call(other).post('snapshot', { ...reader.envelope(), cursor: foot.cursor }))).toMatchObject([
    { reset: 'epoch', epoch: 'new' },
  ])
})

test('verdicts of a fresh reader begin at the beginning, by way of a snapshot too', async () => {
  const app = serve()
  const reader = call(app)
  await reader.push({ calls: [['addPages', ['none', 1]]] })
  const lines = await readLines(await reader.post('snapshot', reader.envelope()))
  reader.cursor = (lines.at(-1) as { cursor: string }).cursor
  expect(await reader.sync()).toMatchObject({ confirmed: { 'c.g': 1 }, refused: [{ seq: 1 }] })
})
