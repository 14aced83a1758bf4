import { TidemarkError } from '../errors.ts'
import { batch, type ReadonlySignal, type Signal, signal } from '../reactive.ts'
import type { Clock } from '../util/clock.ts'
import type { RandomBytes } from '../util/id.ts'
import { createLane } from '../util/lane.ts'
import { backoffMs } from './backoff.ts'
import { initialSyncState, maySync, type SyncCommand, type SyncEvent, type SyncState, stepSync } from './machine.ts'
import { errorToTidemark } from './error.ts'
import type { OnProgress } from './bootstrap.ts'

/** What an engine needs. */
export interface EngineOptions {
  /** One cycle: everything said and everything heard. */
  readonly cycle: (onProgress: OnProgress, signal: AbortSignal) => Promise<void>
  /** Listens until the stream ends, and then throws; calls `onOpened` when it begins, `onPull` when a pull is to follow. */
  readonly listen: ((on: { readonly opened: () => void; readonly pull: () => void }, signal: AbortSignal) => Promise<void>) | undefined
  readonly clock: Clock
  readonly randomBytes: RandomBytes
  /** How often to ask where there is no stream, in milliseconds. */
  readonly pollMs: number
  readonly onSynced: () => void
  readonly onFailed: (error: TidemarkError) => void
}

/** Does what the machine says, and tells it what came of it. */
export interface Engine {
  readonly state: ReadonlySignal<SyncState>
  readonly progress: ReadonlySignal<{ readonly received: number; readonly total: number } | undefined>
  readonly lastSyncedAt: ReadonlySignal<number | null>
  tell(event: SyncEvent): void
  /** One whole cycle; calls made during one share the next. Raises what the cycle met. */
  sync(): Promise<void>
  close(): Promise<void>
}

/** How often to ask although a stream is open: a lost poke never means stale for ever. */
const safetyPollMs = 60_000

/** A resting engine. It leads nothing until it is told so. */
export function createEngine(options: EngineOptions): Engine {
  const { clock, randomBytes } = options
  const state: Signal<SyncState> = signal(initialSyncState)
  const progress = signal<{ readonly received: number; readonly total: number } | undefined>(undefined)
  const lastSyncedAt = signal<number | null>(null)
  let timer = new AbortController()
  let work = new AbortController()
  let stream: AbortController | undefined
  let isClosed = false

  const tell = (event: SyncEvent): void => {
    if (isClosed) return
    const [next, commands] = stepSync(state.peek(), event)
    // a cycle that begins at once is seen at once: nobody sees it idle in between
    batch(() => {
      state.value = next
      for (const command of commands) perform(command)
    })
  }
  const perform = (command: SyncCommand): void => {
    switch (command.do) {
      case 'cycle':
        timer.abort()
        // how it ended is told to the machine; callers of sync() hear it by their own promise
        run().catch(() => {})
        break
      case 'open-stream':
        openStream().catch((error: unknown) => options.onFailed(errorToTidemark(error, 'bug/invariant')))
        break
      case 'stop':
        timer.abort()
        work.abort()
        stream?.abort()
        stream = undefined
        break
      case 'wait':
        wait(command).catch((error: unknown) => options.onFailed(errorToTidemark(error, 'bug/invariant')))
        break
    }
  }
  const wait = async (command: SyncCommand & { readonly do: 'wait' }): Promise<void> => {
    timer.abort()
    timer = new AbortController()
    const { signal } = timer
    await clock.sleep(waitMs(command), signal)
    if (!signal.aborted) tell({ type: 'timer' })
  }
  const waitMs = (command: SyncCommand & { readonly do: 'wait' }): number => {
    if (command.why === 'backoff') return backoffMs(command.failures, randomFraction(randomBytes), command.retryAfterMs)
    return command.why === 'safety' ? safetyPollMs : options.pollMs
  }

  const run = createLane(async () => {
    if (isClosed) throw new TidemarkError('misuse/closed')
    if (!maySync(state.peek())) throw new TidemarkError('unreachable/offline')
    if (work.signal.aborted) work = new AbortController()
    tell({ type: 'started' })
    try {
      await options.cycle((value) => (progress.value = value), work.signal)
      lastSyncedAt.value = clock.now()
      tell({ type: 'succeeded' })
      options.onSynced()
    } catch (error) {
      const failure = errorToTidemark(error, 'unreachable/server-error')
      tell({ type: 'failed', error: failure })
      if (!work.signal.aborted) options.onFailed(failure)
      throw failure
    }
  })

  const openStream = async (): Promise<void> => {
    if (!options.listen || stream) return
    const mine = new AbortController()
    const openedAt = clock.now()
    stream = mine
    try {
      await options.listen({ opened: () => tell({ type: 'stream-opened' }), pull: () => tell({ type: 'news' }) }, mine.signal)
    } catch (error) {
      if (!mine.signal.aborted)
        tell({ type: 'stream-lost', error: errorToTidemark(error, 'unreachable/server-error'), lastedMs: clock.now() - openedAt })
    } finally {
      if (stream === mine) stream = undefined
    }
  }

  return {
    state,
    progress,
    lastSyncedAt,
    tell,
    sync: () => {
      timer.abort()
      return run()
    },
    async close() {
      isClosed = true
      timer.abort()
      work.abort()
      stream?.abort()
      await run().catch(() => {})
    },
  }
}

function randomFraction(randomBytes: RandomBytes): number {
  const [a = 0, b = 0] = randomBytes(2)
  return (a * 256 + b) / 65_536
}
