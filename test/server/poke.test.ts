import { expect, test } from 'vitest'
import type { Poke, PokeRange } from '../../src/protocol/poke.ts'
import { type App, applyPatches, type Caller, call, serve } from './app.ts'

interface Listener {
  /** What came since the last look. */
  take(): Promise<Poke[]>
  readonly comments: () => number
  readonly isEnded: () => boolean
  stop(): Promise<void>
}

async function listen(app: App, caller: Caller, request: Record<string, unknown> = {}): Promise<Listener> {
  const response = await caller.post('poke', { ...caller.envelope(), version: 0, ...request })
  if (!response.ok) throw new Error(`${response.status}`)
  expect(response.headers.get('content-type')).toBe('text/event-stream')
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  const decoder = new TextDecoder()
  let text = ''
  let isEnded = false
  let comments = 0
  const pump = async (): Promise<void> => {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      text += decoder.decode(value, { stream: true })
    }
    isEnded = true
  }
  void pump()
  return {
    async take() {
      await app.clock.settle()
      const events = text.split('\n\n').filter(Boolean)
      text = ''
      comments += events.filter((event) => event.startsWith(':')).length
      return events.filter((event) => event.startsWith('data: ')).map((event) => JSON.parse(event.slice(6)) as Poke)
    },
    comments: () => comments,
    isEnded: () => isEnded,
    stop: () => reader.cancel(),
  }
}

const add = (id: string, title = 'x') => ({ calls: [['addBook', [id, title]] as [string, unknown[]]] })
const isWake = (poke: Poke | undefined): boolean => poke !== undefined && 'wake' in poke
const range = (poke: Poke | undefined): PokeRange => {
  if (!poke || 'wake' in poke) throw new Error('not a range')
  return poke
}

test('G9 after a commit every listener is told, the sender too, with the verdicts of its own group alone', async () => {
  const app = serve()
  const [a, b] = [call(app, 'u1', 'a'), call(app, 'u2', 'b')]
  const [onA, onB] = [await listen(app, a), await listen(app, b)]
  expect([await onA.take(), await onB.take()]).toEqual([[], []])
  await a.push(add('b1'), { calls: [['addPages', ['none', 1]]] })
  const [toA, toB] = [range((await onA.take())[0]), range((await onB.take())[0])]
  expect(toA).toMatchObject({ min: 1, max: 1, confirmed: { 'c.a': 2 }, refused: [{ client: 'c.a', seq: 2, code: 'refused/rejected' }] })
  expect(toB).toMatchObject({ min: 1, max: 1, refused: [] })
  expect(toB.confirmed).toEqual({})
  expect(toB.patches).toEqual([{ op: 'put', collection: 'books', id: 'b1', value: { id: 'b1', title: 'x', pages: 0 }, audience: 'shared' }])
  expect(toA.patches).toEqual(toB.patches)
  expect(JSON.stringify(toB)).not.toMatch(/c\.a|m\.a|addBook/)
})

test('G5 ranges follow one another, and pokes alone bring a reader to the state of the server', async () => {
  const app = serve()
  const [author, reader] = [call(app, 'u1', 'a'), call(app, 'u2', 'b')]
  await reader.sync()
  const on = await listen(app, reader)
  const ranges: PokeRange[] = []
  for (let i = 0; i < 6; i++) {
    await author.push(add(`b${i}`), ...(i > 2 ? [{ calls: [['books.remove', [`b${i - 2}`]] as [string, unknown[]]] }] : []))
    ranges.push(...(await on.take()).map(range))
  }
  let version = 0
  for (const { min, max, patches } of ranges) {
    expect(min).toBe(version + 1)
    version = max
    applyPatches(reader.base, patches)
  }
  const fresh = call(app, 'u3', 'c')
  await fresh.sync()
  expect(version).toBe(6)
  expect(new Map(reader.base)).toEqual(new Map(fresh.base))
})

test('G11 a reader behind the head is woken on subscribing, one at the head is not; one of another epoch is', async () => {
  const app = serve()
  const caller = call(app)
  await caller.push(add('b1'))
  const { epoch } = await caller.sync()
  expect((await (await listen(app, caller, { version: 0 })).take()).map(isWake)).toEqual([true])
  expect(await (await listen(app, caller, { version: 1, epoch })).take()).toEqual([])
  expect((await (await listen(app, caller, { version: 1, epoch: 'other' })).take()).map(isWake)).toEqual([true])
})

test('G5 versions that a reader cannot see say nothing to it, and fall into its next range', async () => {
  const app = serve({ audiences: () => [] })
  const [author, reader] = [call(app, 'u1', 'a'), call(app, 'u2', 'b')]
  const on = await listen(app, reader)
  await author.push({ calls: [['putTask', ['t1', 'secret', 'TAINT']]] })
  await author.push({ calls: [['removeTask', ['t1']]] })
  expect(await on.take()).toEqual([])
  await author.push(add('b1'))
  const [poke] = await on.take()
  expect(range(poke)).toMatchObject({ min: 1, max: 3, patches: [{ id: 'b1' }] })
})

test('G9 commits that come while a pass is under way are told by the next one, once', async () => {
  const app = serve()
  const author = call(app)
  const on = await listen(app, call(app, 'u2', 'b'))
  await Promise.all(Array.from({ length: 5 }, (_, i) => call(app, `w${i}`, `w${i}`).push(add(`b${i}`))))
  await author.push(add('last'))
  const ranges = (await on.take()).map(range)
  expect(ranges.flatMap(({ patches }) => patches.map((patch) => ('id' in patch ? patch.id : ''))).sort()).toEqual([
    'b0',
    'b1',
    'b2',
    'b3',
    'b4',
    'last',
  ])
  expect(ranges.at(-1)?.max).toBe(6)
})

test('G9 a commit that comes while a pass reads is told by the pass after it', async () => {
  const plain = serve()
  let release = (): void => undefined
  let isHeld = false
  const app = serve({
    database: {
      ...plain.database,
      read: (space, run) =>
        plain.database.read(space, async (reader) => {
          const found = await run(reader)
          if (isHeld) await new Promise<void>((resolve) => (release = resolve))
          return found
        }),
    },
  })
  const on = await listen(app, call(app, 'u2', 'b'))
  await on.take()
  isHeld = true
  await call(app, 'u1', 'a').push(add('b1'))
  await app.clock.settle()
  await call(app, 'u1', 'a2').push(add('b2'))
  await app.clock.settle()
  expect(await on.take()).toEqual([])
  isHeld = false
  release()
  expect((await on.take()).map(range)).toMatchObject([
    { min: 1, max: 1, patches: [{ id: 'b1' }] },
    { min: 2, max: 2, patches: [{ id: 'b2' }] },
  ])
})

test('G9 a commit that comes while a listener joins is told to it', async () => {
  const plain = serve()
  let meanwhile = async (): Promise<unknown> => undefined
  const app = serve({
    database: {
      ...plain.database,
      async read(space, run) {
        const found = await plain.database.read(space, run)
        const now = meanwhile
        meanwhile = async () => undefined
        await now()
        return found
      },
    },
  })
  meanwhile = async () => {
    await call(app).push(add('b1'))
    await app.clock.settle()
  }
  const on = await listen(app, call(app, 'u2', 'b'))
  expect((await on.take()).map(range)).toMatchObject([{ min: 1, max: 1, patches: [{ id: 'b1' }] }])
})

test('patches beyond 64 kB, and more of them than a page, are a wake; the range after it begins behind it', async () => {
  const app = serve()
  const author = call(app)
  const on = await listen(app, call(app, 'u2', 'b'))
  await author.push(add('big', 'x'.repeat(70_000)))
  expect((await on.take()).map(isWake)).toEqual([true])
  await author.push(add('small'))
  expect((await on.take()).map(range)).toMatchObject([{ min: 2, max: 2 }])
  const tight = serve({ limits: { pagePatches: 2 } })
  const onTight = await listen(tight, call(tight, 'u2', 'b'))
  await call(tight).push(add('b1'), add('b2'), add('b3'))
  expect((await onTight.take()).map(isWake)).toEqual([true])
})

test('HX2 a listener whose audiences changed is woken; what it no longer holds is not told', async () => {
  const app = serve({
    audiences: (tx) =>
      tx.members
        .where('user', '=', tx.user ?? '')
        .read()
        .map(({ team }) => `team:${team}`),
  })
  const [admin, reader] = [call(app, 'admin', 'a'), call(app, 'u1', 'b')]
  const on = await listen(app, reader)
  await admin.push({ calls: [['putTask', ['t0', 'red', 'TAINT']]] })
  expect(await on.take()).toEqual([])
  await admin.push({ calls: [['join', ['u1', 'red']]] })
  expect((await on.take()).map(isWake)).toEqual([true])
  await admin.push({ calls: [['putTask', ['t1', 'red', 'seen']]] })
  expect((await on.take()).map(range)).toMatchObject([{ min: 3, max: 3, patches: [{ id: 't1' }] }])
  await admin.push({ calls: [['part', ['u1', 'red']]] }, { calls: [['putTask', ['t1', 'red', 'TAINT']]] })
  const last = await on.take()
  expect(last.map(isWake)).toEqual([true])
  expect(JSON.stringify(last)).not.toContain('TAINT')
})

test('a listener who may not enter any more is woken once, and its stream ends', async () => {
  let isOpen = true
  const app = serve({ audiences: (tx) => (isOpen || tx.user === 'admin' ? [] : null) })
  const on = await listen(app, call(app, 'u1', 'b'))
  isOpen = false
  await call(app, 'admin', 'a').push(add('b1'))
  expect((await on.take()).map(isWake)).toEqual([true])
  expect(on.isEnded()).toBe(true)
})

test('HV14 a listener that does not read costs no memory: when it reads on it gets one wake for all that it missed', async () => {
  const app = serve()
  const author = call(app)
  const reader = call(app, 'u2', 'b')
  const response = await reader.post('poke', { ...reader.envelope(), version: 0 })
  const body = (response.body as ReadableStream<Uint8Array>).getReader()
  for (let i = 0; i < 40; i++) await author.push(add(`b${i}`, 'x'.repeat(10_000)))
  await app.clock.settle()
  let held = 0
  let text = ''
  const decoder = new TextDecoder()
  const readOn = async (): Promise<void> => {
    for (;;) {
      const { done, value } = await body.read()
      if (done) return
      held += value.byteLength
      text += decoder.decode(value, { stream: true })
    }
  }
  void readOn()
  await app.clock.settle()
  expect(held).toBeLessThan(90_000)
  const events = text
    .split('\n\n')
    .filter((event) => event.startsWith('data: '))
    .map((event) => JSON.parse(event.slice(6)) as Poke)
  expect(events.filter(isWake)).toHaveLength(1)
  expect(isWake(events.at(-1))).toBe(true)
  text = ''
  await author.push(add('after'))
  await app.clock.settle()
  expect(range(JSON.parse(text.trim().slice(6)) as Poke)).toMatchObject({ min: 41, max: 41 })
})

test('HN12 a comment keeps the stream awake every 20 seconds, as long as somebody listens', async () => {
  const app = serve()
  const on = await listen(app, call(app))
  await on.take()
  const before = on.comments()
  await app.clock.advance(60_000)
  await on.take()
  expect(on.comments() - before).toBe(3)
  await on.stop()
  await app.clock.advance(20_000)
  expect(app.clock.sleepers).toBe(0)
})

test('a stream ends when its request is aborted, and when the server closes', async () => {
  const app = serve()
  const caller = call(app)
  const gone = new AbortController()
  const response = await caller.post('poke', { ...caller.envelope(), version: 0 }, { signal: gone.signal })
  gone.abort()
  expect(await response.text()).toBe(': \n\n')
  const on = await listen(app, caller)
  await app.server.close()
  await on.take()
  expect(on.isEnded()).toBe(true)
  expect(app.clock.sleepers).toBe(0)
  expect((await caller.post('pull', { ...caller.envelope(), cursor: null })).status).toBe(503)
})

test('a pass that fails wakes its listeners, is reported, and the next one tells all', async () => {
  let isTorn = false
  const plain = serve()
  const app = serve({
    database: {
      ...plain.database,
      read: (space, run) =>
        plain.database.read(space, (reader) =>
          run({ ...reader, changes: (...args) => (isTorn ? Promise.reject(new Error('torn')) : reader.changes(...args)) }),
        ),
    },
  })
  const on = await listen(app, call(app, 'u2', 'b'))
  isTorn = true
  await call(app).push(add('b1'))
  expect((await on.take()).map(isWake)).toEqual([true])
  expect(app.reported).toHaveLength(1)
  isTorn = false
  await call(app, 'u3', 'g3').push(add('b2'))
  expect((await on.take()).map(range)).toMatchObject([{ min: 1, max: 2, patches: [{ id: 'b1' }, { id: 'b2' }] }])
})
