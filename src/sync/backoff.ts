/** The bounds of waiting after a failure, in milliseconds. */
export const backoffLimits = { first: 1_000, last: 60_000, retryAfterLast: 900_000 } as const

/**
 * How long to wait after so many failures in a row: exponential with full jitter (Brooker, "Exponential Backoff and Jitter", 2015),
 * and never less than the other side asked for, within bounds.
 */
export function backoffMs(failures: number, chance: number, retryAfterMs = 0): number {
  const ceiling = Math.min(backoffLimits.last, backoffLimits.first * 2 ** Math.min(failures - 1, 16))
  const asked = Math.min(Math.max(retryAfterMs, 0), backoffLimits.retryAfterLast)
  return Math.max(Math.ceil(ceiling * chance), asked)
}
