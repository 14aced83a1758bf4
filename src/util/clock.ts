/** Time, as a parameter. Who hands down the real one is `store/world` (client) and `server/node` (server). */
export interface Clock {
  /** Milliseconds since 1970. It may jump: nothing correct hangs on it. */
  now(): number
  /** Resolves after `ms`, or early when `signal` aborts; it never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}
