// Virtual time. Nothing sleeps for real; time moves only when a test moves it, from timer to timer, and all that a timer set
// off is done before the next one fires:
//
//   advance(5 s):  settle ─► timer at 1.2 s ─► settle ─► timer at 3 s ─► settle ─► now = 5 s
//
// What has to settle are promises (done within one turn of the event loop), and libraries that hop over turns: streams and Response use
// process.nextTick, fake-indexeddb uses setImmediate. So `settle` takes turns by setImmediate until three in a row brought nothing. How it
// knows: Node numbers every asynchronous resource but promises; a turn in which more numbers were given than our own two had guests. Three and not one, because a hop
// may leave one turn without a trace. What waits outside the event loop (WebCrypto's threads, PGlite, sockets) leaves no trace at
// all for any number of turns: hand it to `outside`.
import { AsyncResource } from 'node:async_hooks'
import type { Clock } from '../../src/util/clock.ts'

/** A clock that a test turns. */
export interface VirtualClock extends Clock {
  /** Milliseconds since it was made; unlike `now`, it never jumps. */
  readonly elapsedMs: number
  /** Sleepers that wait. */
  readonly sleepers: number
  /** Lets `ms` pass, timer by timer. */
  advance(ms: number): Promise<void>
  /** Goes from timer to timer until `isDone`. Throws when `limitMs` have passed, or when nobody sleeps and it is still not done. */
  runUntil(isDone: () => boolean, limitMs?: number): Promise<void>
  /** Goes from timer to timer until nobody sleeps. Throws when `limitMs` have passed. */
  runUntilIdle(limitMs?: number): Promise<void>
  /** Waits until nothing more happens at this moment of time. */
  settle(): Promise<void>
  /** Makes `settle` wait for work that the event loop does not see. Results come in the order of the calls, so that threads cannot shuffle a run. */
  outside<T>(work: Promise<T>): Promise<T>
  /** Changes what `now` says, without letting time pass: somebody sets the clock. */
  jump(ms: number): void
}

interface Sleeper {
  readonly at: number
  wake(): void
}

/** The start of all virtual time: Monday, 6 January 2025. */
export const virtualStart = 1_736_121_600_000

/** A virtual clock at `start`. Timers due together fire in the order in which they were set. */
export function createVirtualClock(start = virtualStart): VirtualClock {
  const sleepers: Sleeper[] = []
  let elapsedMs = 0
  let offsetMs = start
  let outside: Promise<unknown> = Promise.resolve()
  let waitingOutside = 0

  const settle = async (): Promise<void> => {
    let busy = 0
    for (let quiet = 0; quiet < quietTurns; ) {
      const isQuiet = await takeTurn()
      quiet = isQuiet && waitingOutside === 0 ? quiet + 1 : 0
      if (!isQuiet && ++busy === mostBusyTurns) throw new Error(`It does not settle: something hops on after ${mostBusyTurns} turns.`)
    }
  }
  const fireNext = async (): Promise<void> => {
    const next = sleepers.shift() as Sleeper
    elapsedMs = next.at
    next.wake()
    await settle()
  }
  const runUntil = async (isDone: () => boolean, limitMs = 600_000): Promise<void> => {
    const end = elapsedMs + limitMs
    await settle()
    while (!isDone()) {
      const next = sleepers[0]
      if (!next) throw new Error('Nobody sleeps, and it is not done.')
      if (next.at > end) throw new Error(`It is not done after ${limitMs} ms of virtual time.`)
      await fireNext()
    }
  }
  return {
    now: () => offsetMs + elapsedMs,
    get elapsedMs() {
      return elapsedMs
    },
    get sleepers() {
      return sleepers.length
    },
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve()
        const leave = (): void => {
          sleepers.splice(sleepers.indexOf(sleeper), 1)
          resolve()
        }
        const sleeper: Sleeper = {
          at: elapsedMs + Math.max(0, ms),
          wake() {
            signal?.removeEventListener('abort', leave)
            resolve()
          },
        }
        signal?.addEventListener('abort', leave, { once: true })
        sleepers.splice(findPlace(sleepers, sleeper.at), 0, sleeper)
      }),
    async advance(ms) {
      const end = elapsedMs + ms
      await settle()
      while (sleepers[0] && sleepers[0].at <= end) await fireNext()
      elapsedMs = end
      await settle()
    },
    runUntil,
    runUntilIdle: (limitMs) => runUntil(() => sleepers.length === 0, limitMs),
    settle,
    outside<T>(work: Promise<T>): Promise<T> {
      waitingOutside++
      const before = outside
      const result = Promise.allSettled([before, work]).then(() => {
        waitingOutside--
        return work
      })
      outside = result.catch(() => undefined) // the caller hears of it; those behind it only wait
      return result
    },
    jump(ms) {
      offsetMs += ms
    },
  }
}

/** The same time on a watch that goes wrong by `skewMs`; sleeping takes as long. */
export function withSkew(clock: Clock, skewMs: number): Clock {
  return { now: () => clock.now() + skewMs, sleep: (ms, signal) => clock.sleep(ms, signal) }
}

const quietTurns = 3
const mostBusyTurns = 1_000_000

/** One turn of the event loop; whether nothing but us was in it. */
async function takeTurn(): Promise<boolean> {
  const before = numberNow()
  await new Promise((resolve) => setImmediate(resolve))
  return numberNow() - before === ownNumbers
}

// the immediate of a turn, and the resource that asks for the number
const ownNumbers = 2

function numberNow(): number {
  return new AsyncResource('clock').asyncId()
}

function findPlace(sleepers: readonly Sleeper[], at: number): number {
  let low = 0
  let high = sleepers.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sleepers[middle] as Sleeper).at <= at) low = middle + 1
    else high = middle
  }
  return low
}
