import type { ErrorCode, TidemarkError } from '../errors.ts'

/*
 * When to talk to the server: purely (state, event) → [state, commands]. What a cycle does, and how long a wait is, others know.
 *
 *            asked, news, timer, online             succeeded
 *   resting ───────────────────────▶ running ───────────────────▶ resting + poll timer + stream
 *      ▲                                │ failed
 *      │ timer (backoff)                ├───────────▶ resting + backoff timer
 *      └────────────────────────────────┤ failed by auth or version
 *                                       └───────────▶ held: until somebody asks
 *
 * Offline, closed or not leading: nothing runs, no timer ticks, no stream is open.
 */

/** What the machine knows. */
export interface SyncState {
  /** The app wants to be online. */
  readonly isWanted: boolean
  /** The device says that there is a network. */
  readonly hasNetwork: boolean
  /** This tab is the one that syncs. */
  readonly isLeader: boolean
  readonly isRunning: boolean
  readonly isHeld: boolean
  readonly hasStream: boolean
  readonly failures: number
  /** Streams in a row that died young. */
  readonly streamFailures: number
  /** Why it is not well. */
  readonly reason: ErrorCode | undefined
}

/** What happens to the machine. */
export type SyncEvent =
  /** Somebody asks; there is something to say or to hear; a wait is over; … */
  | { readonly type: 'asked' | 'news' | 'timer' | 'started' | 'succeeded' | 'led' | 'resigned' | 'stream-opened' }
  | { readonly type: 'wanted' | 'network'; readonly isOn: boolean }
  | { readonly type: 'failed'; readonly error: TidemarkError }
  | { readonly type: 'stream-lost'; readonly error: TidemarkError; readonly lastedMs: number }

/** What the engine is to do. */
export type SyncCommand =
  | { readonly do: 'cycle' | 'open-stream' | 'stop' }
  | { readonly do: 'wait'; readonly why: 'poll' | 'safety' }
  | { readonly do: 'wait'; readonly why: 'backoff'; readonly failures: number; readonly retryAfterMs: number | undefined }

/** Before anything happened. */
export const initialSyncState: SyncState = {
  isWanted: true,
  hasNetwork: true,
  isLeader: false,
  isRunning: false,
  isHeld: false,
  hasStream: false,
  failures: 0,
  streamFailures: 0,
  reason: undefined,
}

/** A stream that lasted this long was a good one. */
const goodStreamMs = 10_000

/** Whether a cycle may run. */
export function maySync(state: SyncState): boolean {
  return state.isWanted && state.hasNetwork && state.isLeader
}

/** What follows from an event. */
export function stepSync(state: SyncState, event: SyncEvent): readonly [SyncState, readonly SyncCommand[]] {
  switch (event.type) {
    case 'asked':
      return [{ ...state, isHeld: false }, maySync(state) ? [{ do: 'cycle' }] : []]
    case 'news':
      // after a failure only the timer goes on: what happens meanwhile must not shorten the wait
      return [state, maySync(state) && !state.isHeld && state.failures === 0 ? [{ do: 'cycle' }] : []]
    case 'timer':
      return [state, maySync(state) && !state.isHeld ? [{ do: 'cycle' }] : []]
    case 'started':
      return [{ ...state, isRunning: true }, []]
    case 'succeeded':
      return afterSuccess({ ...state, isRunning: false, isHeld: false, failures: 0, reason: undefined })
    case 'failed':
      return afterFailure({ ...state, isRunning: false, reason: event.error.code }, event.error)
    case 'stream-opened':
      if (!maySync(state)) return [state, []]
      // a retry that waits is not put off
      return [{ ...state, hasStream: true }, state.failures > 0 ? [] : [{ do: 'wait', why: 'safety' }]]
    case 'stream-lost':
      return afterStream(
        { ...state, hasStream: false, streamFailures: event.lastedMs >= goodStreamMs ? 1 : state.streamFailures + 1 },
        event.error,
      )
    case 'led':
      return afterSwitch(state, { ...state, isLeader: true })
    case 'resigned':
      return afterSwitch(state, { ...state, isLeader: false })
    case 'wanted':
      return afterSwitch(state, { ...state, isWanted: event.isOn })
    case 'network':
      return afterSwitch(state, { ...state, hasNetwork: event.isOn })
  }
}

function afterSuccess(state: SyncState): readonly [SyncState, readonly SyncCommand[]] {
  if (!maySync(state)) return [state, []]
  if (state.hasStream) return [state, [{ do: 'wait', why: 'safety' }]]
  return [state, [{ do: 'wait', why: 'poll' }, { do: 'open-stream' }]]
}

function afterFailure(state: SyncState, error: TidemarkError): readonly [SyncState, readonly SyncCommand[]] {
  // a cycle that was stopped on purpose did not fail
  if (!maySync(state)) return [{ ...state, reason: undefined }, []]
  if (needsPeople(error.code)) return [{ ...state, isHeld: true, reason: error.code }, []]
  const failures = state.failures + 1
  return [{ ...state, failures }, [{ do: 'wait', why: 'backoff', failures, retryAfterMs: error.retryAfterMs }]]
}

// polling goes on meanwhile: the next cycle that succeeds opens the stream again
function afterStream(state: SyncState, error: TidemarkError): readonly [SyncState, readonly SyncCommand[]] {
  // after a failure only the timer goes on: a stream that dies must not shorten the wait
  if (!maySync(state) || state.isHeld || state.failures > 0 || needsPeople(error.code)) return [state, []]
  return [state, [{ do: 'wait', why: 'backoff', failures: state.streamFailures, retryAfterMs: error.retryAfterMs }]]
}

function afterSwitch(before: SyncState, state: SyncState): readonly [SyncState, readonly SyncCommand[]] {
  if (maySync(state) === maySync(before)) return [state, []]
  if (maySync(state)) return [{ ...state, failures: 0, isHeld: false, reason: undefined }, [{ do: 'cycle' }]]
  return [{ ...state, hasStream: false, failures: 0, reason: undefined }, [{ do: 'stop' }]]
}

// nothing that is tried again by itself helps here: somebody signs in, or the app is updated
function needsPeople(code: ErrorCode): boolean {
  return code.startsWith('auth/') || code === 'outdated/protocol' || code === 'outdated/schema' || code === 'invalid/request'
}
