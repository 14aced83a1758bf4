// A bad network around any transport, for tests and demos:
//
//   request ──latency──┬─ lost ──► unreachable/offline, and the server never heard of it
//                      ├─ doubled ► sent twice, the second answer thrown away
//                      └─ answer ──┬─ lost ──► unreachable/offline, and the server did hear of it
//                                  └─ cut ───► unreachable/not-tidemark
import { TidemarkError } from '../errors.ts'
import type { Clock } from '../util/clock.ts'
import { notTidemark } from './failure.ts'
import type { Connect, Transport } from './transport.ts'

/** How bad the network is just now. Chances are from 0 to 1. */
export interface FaultSettings {
  /** Off: every call fails at once, open streams too. */
  readonly online: boolean
  /** Added to each request, and to each poke without changing their order. */
  readonly latencyMs: number
  /** The chance that a request is lost, that an answer is lost, that a poke is lost. */
  readonly loss: number
  /** The chance that a push or pull arrives twice. */
  readonly duplicate: number
  /** The chance that an answer breaks off. */
  readonly cut: number
}

/** A network whose faults can be changed while stores run over it. */
export interface Faults {
  readonly settings: FaultSettings
  set(change: Partial<FaultSettings>): void
  wrap(connect: Connect): Connect
}

/** A good network that can be made worse; `random` answers from 0 to 1. */
export function createFaults(random: () => number, start: Partial<FaultSettings> = {}): Faults {
  let settings: FaultSettings = { online: true, latencyMs: 0, loss: 0, duplicate: 0, cut: 0, ...start }
  const open = new Set<AbortController>()
  return {
    get settings() {
      return settings
    },
    set(change) {
      settings = { ...settings, ...change }
      if (!settings.online) for (const call of [...open]) call.abort(new TidemarkError('unreachable/offline'))
    },
    wrap: (connect) => (world) =>
      wrapTransport(connect(world), { clock: world.clock, open, settings: () => settings, happens: (chance) => random() < chance }),
  }
}

/** The transport of `connect` over a bad network that stays as it is. */
export function faulty(connect: Connect, { random, ...settings }: Partial<FaultSettings> & { readonly random: () => number }): Connect {
  return createFaults(random, settings).wrap(connect)
}

interface Weather {
  readonly clock: Clock
  readonly open: Set<AbortController>
  settings(): FaultSettings
  happens(chance: number): boolean
}

function wrapTransport(inner: Transport, weather: Weather): Transport {
  const { subscribe } = inner
  return {
    push: (request, signal) => sendBadly(weather, signal, (own) => inner.push(request, own)),
    pull: (request, signal) => sendBadly(weather, signal, (own) => inner.pull(request, own)),
    snapshot: (request, signal) =>
      cutShort(
        weather,
        streamBadly(weather, signal, (own) => inner.snapshot(request, own)),
      ),
    ...(subscribe && {
      subscribe: (request, signal, onOpened) =>
        loseSome(
          weather,
          streamBadly(weather, signal, (own) => delayAll(weather, subscribe(request, own, onOpened), own)),
        ),
    }),
  }
}

async function sendBadly<T>(weather: Weather, signal: AbortSignal, send: (own: AbortSignal) => Promise<T>): Promise<T> {
  const call = openCall(weather, signal)
  try {
    await lag(weather, call.signal)
    mustBeOpen(call.signal)
    const { loss, duplicate, cut } = weather.settings()
    if (weather.happens(loss)) throw lost()
    // what becomes of the second one nobody hears, as with a real one
    if (weather.happens(duplicate)) void send(signal).catch(() => undefined)
    const answer = await send(call.signal)
    if (weather.happens(loss)) throw lost()
    if (weather.happens(cut)) throw notTidemark({ reason: 'cut' })
    return answer
  } catch (error) {
    throw call.signal.aborted ? call.signal.reason : error
  } finally {
    call.close()
  }
}

async function* streamBadly<T>(
  weather: Weather,
  signal: AbortSignal,
  begin: (own: AbortSignal) => AsyncIterable<T>,
): AsyncGenerator<T, void, undefined> {
  const call = openCall(weather, signal)
  try {
    await lag(weather, call.signal)
    mustBeOpen(call.signal)
    if (weather.happens(weather.settings().loss)) throw lost()
    for await (const item of begin(call.signal)) {
      mustBeOpen(call.signal)
      yield item
    }
    mustBeOpen(call.signal)
  } catch (error) {
    throw call.signal.aborted ? call.signal.reason : error
  } finally {
    call.close()
  }
}

async function* cutShort<T>(weather: Weather, items: AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
  const isDoomed = weather.happens(weather.settings().cut)
  for await (const item of items) {
    if (isDoomed && weather.happens(0.5)) break
    yield item
  }
  if (isDoomed) throw notTidemark({ reason: 'cut' })
}

async function* loseSome<T>(weather: Weather, items: AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
  for await (const item of items) if (!weather.happens(weather.settings().loss)) yield item
}

// Each item's wait begins when it comes, not when the one before it has been delivered: latency is no throttle.
async function* delayAll<T>(weather: Weather, items: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T, void, undefined> {
  const underway: Promise<IteratorResult<T, unknown>>[] = []
  const iterator = items[Symbol.asyncIterator]()
  let wake = (): void => undefined
  const pump = async (): Promise<void> => {
    for (;;) {
      const next = iterator.next()
      await next.catch(() => undefined) // it is thrown below, in its turn
      const delayed = lag(weather, signal).then(() => next)
      delayed.catch(() => undefined)
      underway.push(delayed)
      wake()
      if (
        await next.then(
          ({ done }) => done,
          () => true,
        )
      )
        return
    }
  }
  void pump()
  for (;;) {
    while (underway.length === 0) await new Promise<void>((resolve) => (wake = resolve))
    const { done, value } = await (underway.shift() as Promise<IteratorResult<T, T>>)
    if (done) return
    yield value
  }
}

function openCall({ open, settings }: Weather, signal: AbortSignal): { readonly signal: AbortSignal; close(): void } {
  const call = new AbortController()
  const follow = (): void => call.abort(new TidemarkError('unreachable/offline', { cause: signal.reason }))
  if (signal.aborted || !settings().online) follow()
  else signal.addEventListener('abort', follow, { once: true })
  open.add(call)
  return {
    signal: call.signal,
    close() {
      open.delete(call)
      signal.removeEventListener('abort', follow)
      call.abort()
    },
  }
}

async function lag({ clock, settings }: Weather, signal: AbortSignal): Promise<void> {
  const { latencyMs } = settings()
  if (latencyMs > 0) await clock.sleep(latencyMs, signal)
}

function mustBeOpen(signal: AbortSignal): void {
  if (signal.aborted) throw signal.reason
}

function lost(): TidemarkError {
  return new TidemarkError('unreachable/offline', { message: 'The message was lost on purpose. Nothing to do: it is tried again.' })
}
