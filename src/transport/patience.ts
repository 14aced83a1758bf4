import { TidemarkError } from '../errors.ts'
import type { Clock } from '../util/clock.ts'

/** Waits for the steps of one call, each so long and no longer; alive until `close`. */
export interface Patience {
  /** Aborts with the caller's signal, with the first step that takes too long, and with `close`. */
  readonly signal: AbortSignal
  /** What `step` resolves to. Raises `unreachable/timeout` after `ms`, `unreachable/offline` when the caller aborts, whether `step` listens or not. */
  wait<T>(step: Promise<T>, ms: number): Promise<T>
  close(): void
}

/** The patience of one call, which ends when `outer` aborts. Time runs only while somebody waits: a slow reader is not a slow server. */
export function createPatience(clock: Clock, outer: AbortSignal): Patience {
  const own = new AbortController()
  const follow = (): void =>
    own.abort(
      new TidemarkError('unreachable/offline', {
        cause: outer.reason,
        message: 'The call was given up here. Nothing to do: what is unsent is kept.',
      }),
    )
  if (outer.aborted) follow()
  else outer.addEventListener('abort', follow, { once: true })
  return {
    signal: own.signal,
    // not Promise.race: over a stream that lives for days, each race would stay hung on the long-lived side
    wait: (step, ms) =>
      new Promise((resolve, reject) => {
        const timer = new AbortController()
        const stop = (): void => settle(() => reject(own.signal.reason))
        const settle = (how: () => void): void => {
          timer.abort()
          own.signal.removeEventListener('abort', stop)
          how()
        }
        step.then(
          (value) => settle(() => resolve(value)),
          (error: unknown) => settle(() => reject(error)),
        )
        if (own.signal.aborted) return stop()
        own.signal.addEventListener('abort', stop)
        void clock.sleep(ms, timer.signal).then(() => {
          if (!timer.signal.aborted) own.abort(new TidemarkError('unreachable/timeout', { details: { ms } }))
        })
      }),
    close() {
      outer.removeEventListener('abort', follow)
      own.abort()
    },
  }
}
