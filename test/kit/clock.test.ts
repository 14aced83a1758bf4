import { expect, test } from 'vitest'
import { createVirtualClock, virtualStart, withSkew } from './clock.ts'
import { createRng } from './rng.ts'

test('time moves only when it is moved, from sleeper to sleeper, in order', async () => {
  const clock = createVirtualClock()
  const woken: [string, number][] = []
  const sleep = (name: string, ms: number) => clock.sleep(ms).then(() => woken.push([name, clock.elapsedMs]))
  void sleep('c', 30)
  void sleep('a', 10)
  void sleep('b', 10)
  await clock.advance(9)
  expect(woken).toEqual([])
  await clock.advance(21)
  expect(woken).toEqual([
    ['a', 10],
    ['b', 10],
    ['c', 30],
  ])
  expect(clock.now()).toBe(virtualStart + 30)
})

test('a sleeper that is set while another wakes is in the same run', async () => {
  const clock = createVirtualClock()
  const at: number[] = []
  void clock.sleep(10).then(async () => {
    for (let i = 0; i < 3; i++) {
      await clock.sleep(10)
      at.push(clock.elapsedMs)
    }
  })
  await clock.advance(100)
  expect(at).toEqual([20, 30, 40])
})

test('all that a sleeper sets off is done before the next one wakes: streams, answers, hops over turns', async () => {
  const clock = createVirtualClock()
  const log: string[] = []
  void clock.sleep(1).then(async () => {
    log.push(await new Response(new Blob(['stream']).stream()).text())
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve))
    log.push('hops')
    await new Promise<void>((resolve) => process.nextTick(resolve))
    log.push('tick')
  })
  void clock.sleep(2).then(() => log.push('second'))
  await clock.advance(2)
  expect(log).toEqual(['stream', 'hops', 'tick', 'second'])
})

test('work outside the event loop is waited for', async () => {
  const clock = createVirtualClock()
  const log: string[] = []
  void clock.sleep(1).then(async () => {
    await clock.outside(crypto.subtle.digest('SHA-256', new Uint8Array(5_000_000)))
    log.push('digest')
  })
  void clock.sleep(2).then(() => log.push('next'))
  await clock.advance(2)
  expect(log).toEqual(['digest', 'next'])
})

test('outside work comes back in the order of its calls, whichever is done first', async () => {
  const clock = createVirtualClock()
  const log: string[] = []
  let finishFirst = (): void => undefined
  const first = new Promise<void>((resolve) => (finishFirst = resolve))
  void clock.outside(first).then(() => log.push('first'))
  void clock.outside(Promise.resolve()).then(() => log.push('second'))
  setImmediate(() => {
    log.push('done')
    finishFirst()
  })
  await clock.settle()
  expect(log).toEqual(['done', 'first', 'second'])
})

test('outside work that fails fails for its caller, and lets those behind it pass', async () => {
  const clock = createVirtualClock()
  const failed = clock.outside(Promise.reject(new RangeError('no')))
  const passed = clock.outside(Promise.resolve(1))
  await expect(failed).rejects.toThrow(RangeError)
  expect(await passed).toBe(1)
  await clock.settle()
})

test('an aborted sleep ends early and resolves; one that is aborted already never begins', async () => {
  const clock = createVirtualClock()
  const leaving = new AbortController()
  const sleep = clock.sleep(1000, leaving.signal)
  leaving.abort()
  await sleep
  await clock.sleep(1000, leaving.signal)
  expect(clock.sleepers).toBe(0)
})

test('running until done stops there, and says so when it never is', async () => {
  const clock = createVirtualClock()
  let count = 0
  const tick = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(10)
      count++
    }
  }
  void tick()
  await clock.runUntil(() => count === 5)
  expect(clock.elapsedMs).toBe(50)
  await expect(clock.runUntil(() => false, 100)).rejects.toThrow('not done after 100 ms')
  await expect(createVirtualClock().runUntil(() => false)).rejects.toThrow('Nobody sleeps')
})

test('running until idle ends with the last sleeper', async () => {
  const clock = createVirtualClock()
  void clock.sleep(10).then(() => clock.sleep(20))
  await clock.runUntilIdle()
  expect([clock.elapsedMs, clock.sleepers]).toEqual([30, 0])
})

test('HN10 a clock that is set, or that goes wrong, wakes nobody earlier', async () => {
  const clock = createVirtualClock()
  const wrong = withSkew(clock, 86_400_000)
  let isAwake = false
  void wrong.sleep(10).then(() => (isAwake = true))
  clock.jump(-1000)
  await clock.advance(9)
  expect([clock.now(), wrong.now(), isAwake]).toEqual([virtualStart - 991, virtualStart - 991 + 86_400_000, false])
  await clock.advance(1)
  expect(isAwake).toBe(true)
})

test('the same seed gives the same order of a thousand sleeps', async () => {
  const run = async (seed: number): Promise<string> => {
    const [clock, rng] = [createVirtualClock(), createRng(seed)]
    const log: string[] = []
    const walk = async (name: number): Promise<void> => {
      for (let i = 0; i < 50; i++) {
        await clock.sleep(rng.int(0, 5))
        log.push(`${name}@${clock.elapsedMs}`)
      }
    }
    const walks = Array.from({ length: 20 }, (_, name) => walk(name))
    await clock.runUntilIdle()
    await Promise.all(walks)
    return log.join()
  }
  expect(await run(1)).toBe(await run(1))
  expect(await run(1)).not.toBe(await run(2))
})
