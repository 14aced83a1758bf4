import { expect, test } from 'vitest'
import { type ErrorCode, TidemarkError } from '../../src/errors.ts'
import { initialSyncState, maySync, stepSync, type SyncCommand, type SyncEvent, type SyncState } from '../../src/sync/machine.ts'
import { createRng } from '../kit/rng.ts'

const failure = (code: ErrorCode): SyncEvent => ({ type: 'failed', error: new TidemarkError(code, { retryAfterMs: 7 }) })
const lost = (code: ErrorCode, lastedMs: number): SyncEvent => ({ type: 'stream-lost', error: new TidemarkError(code), lastedMs })
const events: readonly SyncEvent[] = [
  ...(['asked', 'timer', 'started', 'succeeded', 'led', 'resigned', 'stream-opened'] as const).map((type) => ({ type })),
  ...[true, false].flatMap((isOn) => [
    { type: 'wanted' as const, isOn },
    { type: 'network' as const, isOn },
  ]),
  failure('unreachable/offline'),
  failure('unreachable/busy'),
  failure('auth/required'),
  failure('outdated/schema'),
  lost('unreachable/server-error', 5),
  lost('unreachable/server-error', 60_000),
  lost('auth/required', 5),
]

/** Every state that any events lead to. Counts go on for ever, so states that differ in nothing else are one. */
function reachable(): readonly SyncState[] {
  const nameOf = (state: SyncState): string =>
    JSON.stringify({
      ...state,
      failures: Math.min(state.failures, 2),
      streamFailures: Math.min(state.streamFailures, 2),
      reason: state.reason ?? null,
    })
  const found = new Map([[nameOf(initialSyncState), initialSyncState]])
  for (const state of found.values())
    for (const event of events) {
      const [next] = stepSync(state, event)
      if (!found.has(nameOf(next))) found.set(nameOf(next), next)
    }
  return [...found.values()]
}

const states = reachable()
const everyStep = states.flatMap((state) =>
  events.map((event) => {
    const [next, commands] = stepSync(state, event)
    return { state, event, next, commands }
  }),
)
const does = (commands: readonly SyncCommand[]): readonly string[] =>
  commands.map((command) => (command.do === 'wait' ? `wait ${command.why}` : command.do))

test('from every state every event leads to a legal state', () => {
  expect(states.length).toBeGreaterThan(50)
  for (const state of states) {
    for (const event of events) {
      const [next, commands] = stepSync(state, event)
      const what = JSON.stringify([state, event, next, commands])
      expect(next.failures, what).toBeGreaterThanOrEqual(0)
      // nobody listens who may not sync
      if (next.hasStream) expect(maySync(next), what).toBe(true)
      // at most one timer and one cycle, and a cycle leaves no timer of its own
      expect(commands.filter((command) => command.do === 'wait').length, what).toBeLessThanOrEqual(1)
      expect(commands.filter((command) => command.do === 'cycle').length, what).toBeLessThanOrEqual(1)
      if (does(commands).includes('cycle')) expect(commands, what).toHaveLength(1)
    }
  }
})

test('offline, unwanted or not leading, no event has anything done but to stop', () => {
  const resting = everyStep.filter(({ next }) => !maySync(next))
  expect(resting.length).toBeGreaterThan(100)
  expect(resting.filter(({ commands }) => commands.some((command) => command.do !== 'stop'))).toEqual([])
})

test('whatever stops a store that may sync is said once, and whatever lets it sync again begins a cycle', () => {
  const switches = everyStep.filter(({ state, next }) => maySync(state) !== maySync(next))
  expect(switches.length).toBeGreaterThan(100)
  expect(switches.filter(({ next, commands }) => does(commands).join() !== (maySync(next) ? 'cycle' : 'stop'))).toEqual([])
})

test('a store that may sync is never left without a cycle, a timer or somebody who has to act', () => {
  const forgotten: (readonly [seed: number, step: number])[] = []
  for (let seed = 1; seed <= 500; seed++) {
    const rng = createRng(seed)
    let state: SyncState = initialSyncState
    let isCycling = false
    let hasTimer = false
    let hasStream = false
    for (let step = 0; step < 60; step++) {
      // only what can happen: cycles end that began, timers fire that were set, streams die that were opened
      const possible = events.filter(({ type }) => {
        if (type === 'started') return false
        if (type === 'succeeded' || type === 'failed') return isCycling
        if (type === 'timer') return hasTimer
        if (type === 'stream-opened') return false
        return type !== 'stream-lost' || hasStream
      })
      const event = rng.pick(possible)
      if (event.type === 'succeeded' || event.type === 'failed') isCycling = false
      if (event.type === 'timer') hasTimer = false
      if (event.type === 'stream-lost') hasStream = false
      const queue: SyncEvent[] = [event]
      for (let next = queue.shift(); next; next = queue.shift()) {
        const [after, commands] = stepSync(state, next)
        state = after
        for (const { do: act } of commands) {
          if (act === 'cycle' && !isCycling) {
            isCycling = true
            hasTimer = false
            queue.push({ type: 'started' })
          }
          if (act === 'wait') hasTimer = true
          if (act === 'open-stream' && !hasStream) {
            hasStream = true
            queue.push({ type: 'stream-opened' })
          }
          if (act === 'stop') {
            hasTimer = false
            hasStream = false
            if (isCycling) queue.push(failure('unreachable/offline'))
            isCycling = false
          }
        }
      }
      if (maySync(state) && !state.isHeld && !isCycling && !hasTimer) forgotten.push([seed, step])
    }
  }
  expect(forgotten).toEqual([])
})

const led = stepSync(initialSyncState, { type: 'led' })[0]
const step = (state: SyncState, ...given: readonly SyncEvent[]): SyncState => given.reduce((now, event) => stepSync(now, event)[0], state)

test('T35 a success clears what failures left; each failure before it waits for longer', () => {
  let state = step(led, { type: 'started' })
  for (let failures = 1; failures <= 5; failures++) {
    const [next, commands] = stepSync(state, failure('unreachable/busy'))
    expect(commands).toEqual([{ do: 'wait', why: 'backoff', failures, retryAfterMs: 7 }])
    expect(next).toMatchObject({ failures, reason: 'unreachable/busy', isRunning: false })
    state = step(next, { type: 'timer' }, { type: 'started' })
  }
  expect(step(state, { type: 'succeeded' })).toMatchObject({ failures: 0, reason: undefined, isRunning: false })
})

test.each(['auth/required', 'auth/forbidden-space', 'outdated/schema', 'outdated/protocol', 'invalid/request'] as const)(
  'after %s nothing is tried again by itself, until somebody asks',
  (code) => {
    const held = step(led, { type: 'started' }, failure(code))
    expect(held).toMatchObject({ isHeld: true, reason: code })
    expect(stepSync(led, failure(code))[1]).toEqual([])
    expect(stepSync(held, { type: 'timer' })[1]).toEqual([])
    expect(stepSync(held, { type: 'asked' })[1]).toEqual([{ do: 'cycle' }])
    expect(stepSync(step(held, { type: 'network', isOn: false }), { type: 'network', isOn: true })).toMatchObject([
      { isHeld: false },
      [{ do: 'cycle' }],
    ])
  },
)

test('T34 with a stream the next look is a late one, without it the next poll is, and the stream is opened', () => {
  expect(does(stepSync(led, { type: 'succeeded' })[1])).toEqual(['wait poll', 'open-stream'])
  const open = step(led, { type: 'stream-opened' })
  expect(does(stepSync(open, { type: 'succeeded' })[1])).toEqual(['wait safety'])
  expect(stepSync(open, lost('unreachable/server-error', 5))).toMatchObject([
    { hasStream: false, streamFailures: 1 },
    [{ why: 'backoff', failures: 1 }],
  ])
  const young = step(open, lost('unreachable/server-error', 5), { type: 'stream-opened' }, lost('unreachable/server-error', 5))
  expect(young.streamFailures).toBe(2)
  // one that lasted was a good one: the next is opened soon
  expect(step(young, { type: 'stream-opened' }, lost('unreachable/server-error', 60_000)).streamFailures).toBe(1)
})

test.each([
  ['opens', { type: 'stream-opened' as const }],
  ['dies', lost('unreachable/server-error', 60_000)],
])('a stream that %s while a retry waits leaves the retry as it is', (_, event) => {
  const waiting = step(led, { type: 'stream-opened' }, { type: 'started' }, failure('unreachable/busy'))
  expect(stepSync(waiting, event)).toMatchObject([{ failures: 1, reason: 'unreachable/busy' }, []])
})
