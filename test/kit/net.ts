// A lossy network between clients and one server, in virtual time, by a seed.
//
//   client ──► partition? ──► delay ──► lost? ──┬──────────► server.fetch ──► delay ──► lost? cut? ──► client
//                                               └ doubled ─► server.fetch ──► nobody hears the answer
//
// A lost message shows in one of two ways, by chance: the connection breaks (fetch throws a TypeError), or nothing comes, ever, until the
// caller aborts. Different delays reorder. Of a doubled request the caller hears the first answer or the second, by chance.
import type { Rng } from './rng.ts'
import type { VirtualClock } from './clock.ts'

/** How bad the network is. Chances are from 0 to 1, delays in milliseconds of virtual time. */
export interface NetFaults {
  readonly dropRequest: number
  readonly dropAnswer: number
  readonly duplicate: number
  /** The chance that an answer’s body breaks off somewhere: with an error, or as if it were all. */
  readonly cut: number
  /** The chance, at each chunk of a stream of events, that the stream dies: with an error, or in silence. */
  readonly killStream: number
  readonly delayMs: readonly [least: number, most: number]
}

/** What a network did so far. */
export interface NetCounts {
  requests: number
  delivered: number
  answered: number
  droppedRequests: number
  droppedAnswers: number
  duplicated: number
  cut: number
  partitioned: number
  streams: number
  streamsKilled: number
}

/** A network. Every client has a `fetch` of its own. */
export interface Net {
  fetch(client: string): (url: string, init: RequestInit) => Promise<Response>
  set(faults: Partial<NetFaults>): void
  /** No more faults and no partition; what was lost stays lost. */
  heal(): void
  /** Cuts one client off: its open streams go silent, its messages are lost both ways. */
  partition(client: string, isCutOff: boolean): void
  /** Breaks the open streams of one client, or of all. */
  killStreams(client?: string): void
  readonly counts: Readonly<NetCounts>
  /** One line for each thing that happened, with its time. */
  readonly trace: readonly string[]
}

/** What a network is made of. */
export interface NetOptions {
  readonly clock: VirtualClock
  readonly rng: Rng
  readonly server: { fetch(request: Request): Promise<Response> }
  readonly faults?: Partial<NetFaults>
}

// nothing is lost, and everything takes 1 ms each way
const goodNet: NetFaults = { dropRequest: 0, dropAnswer: 0, duplicate: 0, cut: 0, killStream: 0, delayMs: [1, 1] }

/** A network between clients and a server. */
export function createNet({ clock, rng, server, faults: start = {} }: NetOptions): Net {
  let faults: NetFaults = { ...goodNet, ...start }
  const cutOff = new Set<string>()
  const streams = new Set<OpenStream>()
  const trace: string[] = []
  const counts: NetCounts = {
    requests: 0,
    delivered: 0,
    answered: 0,
    droppedRequests: 0,
    droppedAnswers: 0,
    duplicated: 0,
    cut: 0,
    partitioned: 0,
    streams: 0,
    streamsKilled: 0,
  }
  const note = (count: keyof NetCounts, { client, number, path }: Message): void => {
    counts[count]++
    trace.push(`${clock.elapsedMs} ${client} #${number} ${path} ${count}`)
  }
  const delay = (signal: AbortSignal): Promise<void> => clock.sleep(rng.int(...faults.delayMs), signal)

  async function travel(message: Message): Promise<Response> {
    note('requests', message)
    await delay(message.signal)
    mustBeWanted(message.signal)
    if (cutOff.has(message.client)) return vanish(message, 'partitioned')
    if (rng.chance(faults.dropRequest)) return vanish(message, 'droppedRequests')
    const answer = rng.chance(faults.duplicate) ? await deliverTwice(message) : await deliver(message)
    return isStream(answer) ? carryStream(message, answer) : carryAnswer(message, answer)
  }

  async function deliver(message: Message): Promise<Response> {
    note('delivered', message)
    // a server that throws is a server that fell over: its connections break
    const answer = server.fetch(message.makeRequest()).catch((cause: unknown) => {
      throw new TypeError('fetch failed', { cause })
    })
    return untilAbort(answer, message.signal)
  }

  async function deliverTwice(message: Message): Promise<Response> {
    note('duplicated', message)
    const unheard = new AbortController()
    const copy = { ...message, signal: unheard.signal, makeRequest: () => message.makeRequest(unheard.signal) }
    const deliverUnheard = (): Promise<void> => deliver(copy).then(hangUp, () => undefined)
    const hangUp = (answer: Response): void => {
      void answer.body?.cancel()
      if (isStream(answer)) unheard.abort()
    }
    if (rng.chance(0.5)) {
      void delay(unheard.signal).then(deliverUnheard)
      return deliver(message)
    }
    await deliverUnheard()
    await delay(message.signal)
    mustBeWanted(message.signal)
    return deliver(message)
  }

  async function carryAnswer(message: Message, answer: Response): Promise<Response> {
    const body = answer.arrayBuffer().catch((cause: unknown) => {
      throw new TypeError('terminated', { cause })
    })
    const bytes = new Uint8Array(await untilAbort(body, message.signal))
    await delay(message.signal)
    mustBeWanted(message.signal)
    if (cutOff.has(message.client)) return vanish(message, 'partitioned')
    if (rng.chance(faults.dropAnswer)) return vanish(message, 'droppedAnswers')
    const isCut = bytes.length > 0 && rng.chance(faults.cut)
    note(isCut ? 'cut' : 'answered', message)
    return new Response(isCut ? makeCutBody(bytes, rng) : bytes, answer)
  }

  function carryStream(message: Message, answer: Response): Response {
    note('streams', message)
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader()
    let isSilent = false
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        const stream: OpenStream = {
          client: message.client,
          silence: () => (isSilent = true),
          kill() {
            if (!streams.delete(stream)) return
            note('streamsKilled', message)
            controller.error(new TypeError('terminated'))
            void reader.cancel().catch(() => undefined)
          },
        }
        const end = (how: () => void): void => {
          if (streams.delete(stream) && !isSilent) how()
        }
        const leave = (): void => {
          if (!streams.delete(stream)) return
          controller.error(message.signal.reason)
          void reader.cancel().catch(() => undefined)
        }
        message.signal.addEventListener('abort', leave, { once: true })
        streams.add(stream)
        const pump = async (): Promise<void> => {
          for (;;) {
            const { done, value } = await reader.read()
            await delay(message.signal)
            if (!streams.has(stream)) return
            if (done) return end(() => controller.close())
            if (isSilent || cutOff.has(stream.client)) continue
            if (!rng.chance(faults.killStream)) controller.enqueue(value)
            else if (rng.chance(0.5)) return stream.kill()
            else {
              note('streamsKilled', message)
              stream.silence()
            }
          }
        }
        pump().catch((error: unknown) => end(() => controller.error(error)))
      },
      cancel: (reason) => reader.cancel(reason),
    })
    return new Response(body, answer)
  }

  function vanish(message: Message, count: keyof NetCounts): Promise<never> {
    note(count, message)
    if (rng.chance(0.5)) throw new TypeError('fetch failed')
    return untilAbort(new Promise<never>(() => undefined), message.signal)
  }

  return {
    fetch: (client) => async (url, init) => {
      const signal = init.signal ?? new AbortController().signal
      const address = new URL(url, 'http://server.invalid')
      const makeRequest = (by: AbortSignal = signal): Request => new Request(address, { ...init, signal: by })
      mustBeWanted(signal)
      return travel({ client, number: counts.requests + 1, path: address.pathname, signal, makeRequest })
    },
    set(change) {
      faults = { ...faults, ...change }
    },
    heal() {
      faults = goodNet
      cutOff.clear()
    },
    partition(client, isCutOff) {
      if (!isCutOff) cutOff.delete(client)
      else {
        cutOff.add(client)
        // a connection that was up during a partition is not resumed after it
        for (const stream of streams) if (stream.client === client) stream.silence()
      }
    },
    killStreams(client) {
      for (const stream of [...streams]) if (client === undefined || stream.client === client) stream.kill()
    },
    counts,
    trace,
  }
}

interface Message {
  readonly client: string
  readonly number: number
  readonly path: string
  readonly signal: AbortSignal
  makeRequest(signal?: AbortSignal): Request
}

interface OpenStream {
  readonly client: string
  silence(): void
  kill(): void
}

function isStream(answer: Response): boolean {
  return (answer.headers.get('content-type') ?? '').startsWith('text/event-stream')
}

function mustBeWanted(signal: AbortSignal): void {
  if (signal.aborted) throw signal.reason
}

function untilAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason)
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}

// half a body, in two chunks; then an error, or an end as if that were all
function makeCutBody(bytes: Uint8Array, rng: Rng): ReadableStream<Uint8Array> {
  const end = rng.int(0, bytes.length - 1)
  const middle = rng.int(0, end)
  const breaks = rng.chance(0.5)
  const pieces = [bytes.slice(0, middle), bytes.slice(middle, end)].filter(({ length }) => length > 0)
  return new ReadableStream({
    pull(controller) {
      const piece = pieces.shift()
      if (piece) controller.enqueue(piece)
      else if (breaks) controller.error(new TypeError('terminated'))
      else controller.close()
    },
  })
}
