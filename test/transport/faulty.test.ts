import { expect, test } from 'vitest'
import { TidemarkError } from '../../src/errors.ts'
import type { Poke } from '../../src/protocol/poke.ts'
import { createFaults, type FaultSettings, faulty } from '../../src/transport/faulty.ts'
import type { Connect, SnapshotPart } from '../../src/transport/transport.ts'
import { answer, collect, envelope, expectCode, mustSubscribe, never, pullRequest, pushRequest } from '../contract/transport.ts'
import { createVirtualClock } from '../kit/clock.ts'
import { createRng, type Rng } from '../kit/rng.ts'

test('a network without faults changes nothing', async () => {
  const { transport, received } = open()
  expect(await transport.push(pushRequest, never())).toEqual(pushAnswer)
  expect(await collect(transport.snapshot(envelope, never()))).toEqual(parts)
  expect(await collect(mustSubscribe(transport, never()))).toEqual(pokes)
  expect(received).toEqual(['push', 'snapshot', 'subscribe'])
})

test('a lost request never arrives; a lost answer was asked for', async () => {
  const { transport, received } = open({ loss: 0.5 }, 3)
  const fates = { neverSent: 0, neverHeard: 0, well: 0 }
  for (let i = 0; i < 100; i++) {
    const before = received.length
    const outcome = await transport.push(pushRequest, never()).catch((error: TidemarkError) => error.code)
    if (typeof outcome !== 'string') fates.well++
    else expect(outcome).toBe('unreachable/offline')
    if (typeof outcome === 'string') fates[received.length > before ? 'neverHeard' : 'neverSent']++
  }
  // of a hundred: half are lost on the way there, half of the rest on the way back
  expect(fates.neverSent).toBeGreaterThan(35)
  expect(fates.neverHeard).toBeGreaterThan(15)
  expect(fates.well).toBeGreaterThan(15)
})

test('a doubled push arrives twice and is answered once; a cut answer is not ours', async () => {
  const doubled = open({ duplicate: 1 })
  expect(await doubled.transport.push(pushRequest, never())).toEqual(pushAnswer)
  expect(doubled.received).toEqual(['push', 'push'])
  const torn = open({ cut: 1 })
  await expectCode(torn.transport.pull(pullRequest, never()), 'unreachable/not-tidemark')
  expect(torn.received).toEqual(['pull'])
})

test('HN2 a cut snapshot throws before its foot or instead of its end', async () => {
  for (let seed = 0; seed < 20; seed++) {
    const seen: SnapshotPart[] = []
    await expectCode(collect(open({ cut: 1 }, seed).transport.snapshot(envelope, never()), seen), 'unreachable/not-tidemark')
    expect(parts.slice(0, seen.length)).toEqual(seen)
  }
})

test('latency delays each message and keeps the order of pokes, without throttling them', async () => {
  const { transport, clock } = open({ latencyMs: 3000 })
  const seen: unknown[] = []
  const reading = collect(mustSubscribe(transport, never()), seen)
  await clock.advance(5999)
  expect(seen).toEqual([])
  await clock.advance(1)
  expect(seen).toEqual(pokes)
  await reading
})

test('going offline ends what is open at once, and fails what follows until the network is back', async () => {
  const { transport, faults, clock, received } = open({ latencyMs: 1000 }, 1, { endless: true })
  const push = expectCode(transport.push(pushRequest, never()), 'unreachable/offline')
  const seen: unknown[] = []
  const stream = expectCode(collect(mustSubscribe(transport, never()), seen), 'unreachable/offline')
  await clock.advance(999)
  faults.set({ online: false })
  await push
  await stream
  await expectCode(transport.pull(pullRequest, never()), 'unreachable/offline')
  expect(received).toEqual([])

  faults.set({ online: true, latencyMs: 0 })
  expect(await transport.push(pushRequest, never())).toEqual(pushAnswer)
  const again = expectCode(collect(mustSubscribe(transport, never()), seen), 'unreachable/offline')
  await clock.settle()
  expect(seen).toEqual(pokes)
  faults.set({ online: false })
  await again
  expect(clock.sleepers).toBe(0)
})

test('a call ends when its caller aborts, while it waits for its latency too', async () => {
  const { transport } = open({ latencyMs: 1000 })
  const leaving = new AbortController()
  const pull = expectCode(transport.pull(pullRequest, leaving.signal), 'unreachable/offline')
  leaving.abort()
  await pull
})

test('T52 the same seed gives the same faults', async () => {
  const run = async (seed: number): Promise<string> => {
    const { transport, received } = open({ loss: 0.2, duplicate: 0.2, cut: 0.2 }, seed)
    const outcomes: unknown[] = []
    for (let i = 0; i < 50; i++) outcomes.push(await transport.pull(pullRequest, never()).catch((error: TidemarkError) => error.code))
    outcomes.push((await collect(mustSubscribe(transport, never())).catch(() => ['dead'])).length)
    return JSON.stringify([outcomes, received])
  }
  expect(await run(7)).toBe(await run(7))
  expect(await run(7)).not.toBe(await run(8))
})

test('faulty is a network that stays as it was made', async () => {
  const rng = createRng(1)
  const transport = faulty(stub([]), { random: rng.next, loss: 1 })({ clock: createVirtualClock(), fetch })
  await expectCode(transport.push(pushRequest, never()), 'unreachable/offline')
})

const pushAnswer = { ...answer, verdicts: [] }
const page = { ...answer, from: null, cursor: 'k', patches: [], confirmed: {}, refused: [], more: false }
const parts: SnapshotPart[] = [{ head: { ...answer, from: null, total: 1 } }, { rows: [['notes', { id: 'a' }]] }, { foot: { cursor: 'k' } }]
const pokes: Poke[] = [1, 2, 3].map((now) => ({ epoch: 'e', now, wake: true }))

function open(settings: Partial<FaultSettings> = {}, seed = 1, how: { endless?: boolean } = {}) {
  const clock = createVirtualClock()
  const rng: Rng = createRng(seed)
  const received: string[] = []
  const faults = createFaults(rng.next, settings)
  return { clock, received, faults, transport: faults.wrap(stub(received, how))({ clock, fetch }) }
}

function stub(received: string[], { endless = false } = {}): Connect {
  return () => ({
    async push() {
      received.push('push')
      return pushAnswer
    },
    async pull() {
      received.push('pull')
      return page
    },
    async *snapshot() {
      received.push('snapshot')
      yield* parts
    },
    async *subscribe(_, signal) {
      received.push('subscribe')
      yield* pokes
      if (endless)
        await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new TidemarkError('unreachable/offline'))))
    },
  })
}
