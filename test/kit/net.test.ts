import { expect, test } from 'vitest'
import { createVirtualClock, type VirtualClock } from './clock.ts'
import { createNet, type Net, type NetFaults } from './net.ts'
import { createRng } from './rng.ts'

test('a good net carries a message there and an answer back, in its time', async () => {
  const { net, clock, received } = open({ delayMs: [10, 10] })
  const answer = ask(net, 'a', '1')
  await clock.advance(10)
  expect(received).toEqual(['a1'])
  await clock.advance(10)
  expect(await answer).toBe('answer to a1')
  expect(net.counts).toMatchObject({ requests: 1, delivered: 1, answered: 1 })
})

test('different delays reorder', async () => {
  const { net, clock, received } = open({ delayMs: [1, 100] })
  const answers = Array.from({ length: 10 }, (_, i) => ask(net, 'a', `${i}`))
  await clock.runUntilIdle()
  await Promise.all(answers)
  expect(received).toHaveLength(10)
  expect(received).not.toEqual([...received].sort())
})

test('a lost request never arrives and a lost answer does; either breaks, or is silent until the caller aborts', async () => {
  for (const [faults, arrivals] of [
    [{ dropRequest: 1 }, 0],
    [{ dropAnswer: 1 }, 20],
  ] as const) {
    const { net, clock, received } = open(faults)
    const leaving = Array.from({ length: 20 }, () => new AbortController())
    const outcomes: string[] = []
    for (const [i, { signal }] of leaving.entries()) void ask(net, 'a', `${i}`, signal).catch((error: Error) => outcomes.push(error.name))
    await clock.runUntilIdle()
    expect(received).toHaveLength(arrivals)
    expect(new Set(outcomes)).toEqual(new Set(['TypeError']))
    expect(outcomes.length).toBeLessThan(20)
    for (const one of leaving) one.abort()
    await clock.settle()
    expect(outcomes).toHaveLength(20)
    expect(new Set(outcomes)).toEqual(new Set(['TypeError', 'AbortError']))
  }
})

test('a doubled request arrives twice and is answered once', async () => {
  const { net, clock, received } = open({ duplicate: 1, delayMs: [1, 30] })
  const answers = Array.from({ length: 6 }, (_, i) => ask(net, 'a', `${i}`))
  await clock.runUntilIdle()
  expect(await Promise.all(answers)).toHaveLength(6)
  expect(received.sort()).toEqual(['a0', 'a0', 'a1', 'a1', 'a2', 'a2', 'a3', 'a3', 'a4', 'a4', 'a5', 'a5'])
  expect(net.counts.duplicated).toBe(6)
})

test('a cut answer breaks off before its end: with an error, or as if that were all', async () => {
  const { net, clock } = open({ cut: 1 })
  const outcomes: string[] = []
  for (let i = 0; i < 30; i++)
    void ask(net, 'a', '1').then(
      (text) => outcomes.push(text),
      (error: Error) => outcomes.push(error.name),
    )
  await clock.runUntilIdle()
  const texts = outcomes.filter((outcome) => outcome !== 'TypeError')
  expect(outcomes).toHaveLength(30)
  expect(texts.length).toBeGreaterThan(0)
  expect(texts.length).toBeLessThan(30)
  expect(texts.every((text) => 'answer to a1'.startsWith(text) && text.length < 12)).toBe(true)
})

test('a partition cuts one client off, and heals', async () => {
  const { net, clock, received } = open()
  net.partition('a', true)
  const leaving = new AbortController()
  const cutOff = ask(net, 'a', '1', leaving.signal).catch((error: Error) => error.name)
  const other = ask(net, 'b', '1')
  await clock.runUntilIdle()
  expect([received, await other]).toEqual([['b1'], 'answer to b1'])
  leaving.abort()
  expect(['TypeError', 'AbortError']).toContain(await cutOff)
  net.heal()
  const after = ask(net, 'a', '2')
  await clock.runUntilIdle()
  expect(await after).toBe('answer to a2')
})

test('a server that falls over breaks the connection', async () => {
  const clock = createVirtualClock()
  const net = createNet({ clock, rng: createRng(1), server: { fetch: () => Promise.reject(new Error('out of memory')) } })
  const outcome = ask(net, 'a', '1').catch((error: Error) => error.name)
  await clock.runUntilIdle()
  expect(await outcome).toBe('TypeError')
})

test('a stream brings its chunks, hears of a kill, is silent in a partition, and is left on abort', async () => {
  const { net, clock, push, closed } = open()
  const [a, b, c] = ['a', 'b', 'c'].map((client) => listen(net, clock, client)) as [Heard, Heard, Heard]
  await clock.runUntilIdle()
  push('1')
  await clock.runUntilIdle()
  expect([a.chunks, b.chunks, c.chunks]).toEqual([['1'], ['1'], ['1']])
  net.killStreams('a')
  net.partition('b', true)
  push('2')
  await clock.runUntilIdle()
  net.partition('b', false)
  push('3')
  await clock.runUntilIdle()
  expect([a.chunks, b.chunks, c.chunks]).toEqual([['1'], ['1'], ['1', '2', '3']])
  expect([a.end, b.end, c.end]).toEqual(['TypeError', undefined, undefined])
  b.leave()
  c.leave()
  await clock.settle()
  expect([c.end, closed()]).toEqual(['AbortError', 3])
})

test('streams die by chance: with an error, or in silence', async () => {
  const { net, clock, push } = open({ killStream: 0.2 })
  const streams = Array.from({ length: 30 }, (_, i) => listen(net, clock, `${i}`))
  for (let i = 0; i < 20; i++) {
    push('x')
    await clock.runUntilIdle()
  }
  expect(net.counts.streamsKilled).toBeGreaterThan(25)
  expect(new Set(streams.map(({ end }) => end))).toEqual(new Set(['TypeError', undefined]))
  for (const { leave } of streams) leave()
  await clock.settle()
})

test('T52 the same seed gives the same trace, another seed another one', async () => {
  const run = async (seed: number): Promise<readonly string[]> => {
    const { net, clock, push } = open(
      { dropRequest: 0.2, dropAnswer: 0.2, duplicate: 0.2, cut: 0.1, killStream: 0.1, delayMs: [0, 50] },
      seed,
    )
    const leaving = Array.from({ length: 60 }, () => new AbortController())
    const outcomes: string[] = []
    const listener = listen(net, clock, 'd')
    for (const [i, { signal }] of leaving.entries()) {
      const name = ['a', 'b', 'c'][i % 3] as string
      void ask(net, name, `${i}`, signal).then(
        (text) => outcomes.push(text),
        (error: Error) => outcomes.push(`${name}${i} ${error.name}`),
      )
      if (i === 20) net.partition('a', true)
      if (i === 40) net.partition('a', false)
      if (i % 5 === 0) push('x')
      await clock.advance(7)
    }
    await clock.runUntilIdle()
    for (const one of leaving) one.abort()
    listener.leave()
    await clock.settle()
    expect(outcomes).toHaveLength(60)
    return [...net.trace, ...outcomes]
  }
  const first = await run(1)
  expect(first.length).toBeGreaterThan(150)
  expect(await run(1)).toEqual(first)
  expect(await run(2)).not.toEqual(first)
})

interface Heard {
  readonly chunks: string[]
  end: string | undefined
  leave(): void
}

function open(faults: Partial<NetFaults> = {}, seed = 1) {
  const clock = createVirtualClock()
  const received: string[] = []
  const streams = new Set<ReadableStreamDefaultController<Uint8Array>>()
  let closed = 0
  const server = {
    async fetch(request: Request): Promise<Response> {
      if (!request.url.endsWith('/poke')) {
        const text = await request.text()
        received.push(text)
        return new Response(`answer to ${text}`)
      }
      let own: ReadableStreamDefaultController<Uint8Array>
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          own = controller
          streams.add(controller)
        },
        cancel() {
          closed++
          streams.delete(own)
        },
      })
      return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
    },
  }
  const push = (text: string): void => {
    for (const stream of streams) stream.enqueue(new TextEncoder().encode(text))
  }
  return { clock, received, push, closed: () => closed, net: createNet({ clock, rng: createRng(seed), server, faults }) }
}

async function ask(net: Net, client: string, body: string, signal: AbortSignal | null = null): Promise<string> {
  const response = await net.fetch(client)('/sync/push', { method: 'POST', body: client + body, signal })
  return response.text()
}

function listen(net: Net, clock: VirtualClock, client: string): Heard {
  const leaving = new AbortController()
  const heard: Heard = { chunks: [], end: undefined, leave: () => leaving.abort() }
  const read = async (): Promise<void> => {
    const response = await net.fetch(client)('/sync/poke', { method: 'POST', body: '{}', signal: leaving.signal })
    const reader = (response.body as ReadableStream<Uint8Array>).getReader()
    for (let next = await reader.read(); !next.done; next = await reader.read()) heard.chunks.push(new TextDecoder().decode(next.value))
  }
  read().then(
    () => (heard.end = `closed at ${clock.elapsedMs}`),
    (error: Error) => (heard.end = error.name),
  )
  return heard
}
