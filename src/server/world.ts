import type { Clock } from '../util/clock.ts'
import type { RandomBytes } from '../util/id.ts'

/** What the server needs of the world, handed in from here alone. */
export interface ServerWorld {
  readonly clock: Clock
  readonly randomBytes: RandomBytes
  /** WebCrypto, as far as the signatures of cursors need it. */
  readonly subtle: Pick<SubtleCrypto, 'importKey' | 'sign' | 'verify'>
  /** Told of failures that their cause may not hear of: for the operator’s log. */
  report(error: unknown): void
}

/** The real world of every runtime that knows the web’s names: Node, Deno, Bun, the edge. See docs/decisions/001-server-world.md. */
export const systemWorld: ServerWorld = {
  clock: {
    now: () => Date.now(),
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve()
        const wake = (): void => {
          clearTimeout(timer)
          signal?.removeEventListener('abort', wake)
          resolve()
        }
        const timer = setTimeout(wake, ms)
        signal?.addEventListener('abort', wake, { once: true })
      }),
  },
  randomBytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
  subtle: crypto.subtle,
  report: (error) => console.error(error),
}
