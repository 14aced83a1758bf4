// A connection that listens stays, and does nothing else:
//
//   connect ─► LISTEN ─► hear ┄┄► lost, or no longer answering ─► wait, longer after each failure ─► connect ─► LISTEN ─► look again ─► hear ┄┄►
import type { Clock } from '../util/clock.ts'
import { ask, type PostgresClient } from './postgres-client.ts'
import type { SqlDriver } from './sql.ts'

/** What listening takes. */
export interface ListenOptions {
  /** Answers with a connection that is ours until we release it. */
  connect(): Promise<PostgresClient>
  readonly clock: Clock
  /** Ends all listening. */
  readonly closed: AbortSignal
}

/** The listening of a driver: each listener has a connection of its own, and another one where that is lost. */
export function makeListen({ connect, clock, closed }: ListenOptions): SqlDriver['listen'] {
  return async (channel, listener, lookAgain) => {
    const stopping = new AbortController()
    const stopped = AbortSignal.any([closed, stopping.signal])
    const open = async (): Promise<Line> => {
      const line = openLine(await connect(), stopped)
      line.client.on('notification', (heard) => {
        if (heard.channel === channel && !line.over.aborted) listener(heard.payload ?? '')
      })
      await line.finish(ask(line.client, `LISTEN ${channel}`))
      return line
    }
    const openAgain = async (): Promise<Line> => {
      const line = await open()
      // what was said meanwhile reached nobody
      await line.finish(lookAgain())
      return line
    }
    const keep = async (first: Line): Promise<void> => {
      for (let line: Line | undefined = first, failures = 0; !stopped.aborted; ) {
        if (line) await watch(line, clock)
        failures = line ? 0 : failures + 1
        await clock.sleep(Math.min(firstWaitMs * 2 ** failures, lastWaitMs), stopped)
        line = stopped.aborted ? undefined : await openAgain().catch(() => undefined)
      }
    }
    void keep(await open())
    return async () => stopping.abort()
  }
}

interface Line {
  readonly client: PostgresClient
  /** Aborted when it is lost or let go. */
  readonly over: AbortSignal
  hangUp(): void
  /** What is said first; where that fails, the line goes with it. */
  finish(work: Promise<unknown>): Promise<void>
}

function openLine(client: PostgresClient, stopped: AbortSignal): Line {
  const ending = new AbortController()
  const hangUp = (): void => {
    if (ending.signal.aborted) return
    ending.abort()
    stopped.removeEventListener('abort', hangUp)
    client.release(true)
  }
  client.on('error', hangUp)
  client.on('end', hangUp)
  stopped.addEventListener('abort', hangUp)
  if (stopped.aborted) hangUp()
  const finish = async (work: Promise<unknown>): Promise<void> => {
    try {
      await work
    } catch (error) {
      hangUp()
      throw error
    }
  }
  return { client, over: ending.signal, hangUp, finish }
}

// A connection whose other end is gone without a word stays open for hours: it is asked now and then.
async function watch({ client, over, hangUp }: Line, clock: Clock): Promise<void> {
  while (!over.aborted) {
    await clock.sleep(beatMs, over)
    if (over.aborted) return
    const answered = ask(client, 'SELECT').then(
      () => true,
      () => false,
    )
    const waited = clock.sleep(patienceMs, over).then(() => false)
    if (!(await Promise.race([answered, waited]))) hangUp()
  }
}

const firstWaitMs = 100
const lastWaitMs = 3_000
const beatMs = 30_000
const patienceMs = 10_000
