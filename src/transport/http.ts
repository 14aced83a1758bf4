import type * as v from 'valibot'
import { TidemarkError } from '../errors.ts'
import { pullAnswerSchema } from '../protocol/pull.ts'
import { pushAnswerSchema } from '../protocol/push.ts'
import { type Backend, type Exchange, exchange, type HeadersSource } from './exchange.ts'
import { parseMessage } from './failure.ts'
import { readText, splitLines } from './lines.ts'
import { readSnapshot } from './snapshot.ts'
import { readPokes } from './sse.ts'
import type { Connect, Transport, TransportWorld } from './transport.ts'

/** How `http` reaches a backend. */
export interface HttpOptions {
  /** Where the backend is mounted: `/sync` makes `POST /sync/push` and its kin. */
  readonly url: string
  /** Sent with every request; a function is asked before each, and may be asynchronous. */
  readonly headers?: HeadersSource
  /** How long an answer may stand still, 30,000 unless said; a stream of pokes twice as long, so the server sends a comment more often. */
  readonly timeoutMs?: number
  /** Used in place of the world's. */
  readonly fetch?: TransportWorld['fetch']
  /** How pokes come: by server-sent events, or not at all. */
  readonly poke?: 'sse' | 'none'
}

/** The transport over JSON by POST; pokes by server-sent events, read with `fetch`, so that they carry the same headers. Raises `misuse/options`. */
export function http(options: HttpOptions): Connect {
  checkOptions(options)
  const { url, headers = {}, timeoutMs = 30_000, poke = 'sse' } = options
  return (world) => {
    const backend: Backend = {
      url: url.replace(/\/+$/, ''),
      headers,
      timeoutMs,
      world: options.fetch ? { ...world, fetch: options.fetch } : world,
    }
    const transport: Transport = {
      push: (request, signal) => ask(backend, { path: 'push', message: request, schema: pushAnswerSchema }, signal),
      pull: (request, signal) => ask(backend, { path: 'pull', message: request, schema: pullAnswerSchema }, signal),
      snapshot: (request, signal) =>
        readSnapshot(splitLines(exchange(backend, { path: 'snapshot', message: request, kind: 'json', silenceMs: timeoutMs }, signal))),
    }
    return poke === 'none'
      ? transport
      : { ...transport, subscribe: (request, signal, onOpened) => subscribe(backend, { message: request, onOpened }, signal) }
  }
}

interface Question<T> {
  readonly path: string
  readonly message: unknown
  readonly schema: v.GenericSchema<unknown, T>
}

async function ask<T>(backend: Backend, { path, message, schema }: Question<T>, signal: AbortSignal): Promise<T> {
  const bytes = exchange(backend, { path, message, kind: 'json', silenceMs: backend.timeoutMs }, signal)
  return parseMessage(schema, await readText(bytes))
}

function subscribe(backend: Backend, asked: Pick<Exchange, 'message' | 'onOpened'>, signal: AbortSignal) {
  return readPokes(splitLines(exchange(backend, { ...asked, path: 'poke', kind: 'events', silenceMs: 2 * backend.timeoutMs }, signal)))
}

function checkOptions({ url, timeoutMs, poke }: HttpOptions): void {
  if (typeof url !== 'string' || url === '') wrong('url', 'is not a text. Give the address of the backend, such as /sync')
  if (timeoutMs !== undefined && !(timeoutMs > 0)) wrong('timeoutMs', 'is not a number above 0. Give milliseconds')
  if (poke !== undefined && poke !== 'sse' && poke !== 'none') wrong('poke', "is neither 'sse' nor 'none'. Choose one")
}

function wrong(path: string, what: string): never {
  throw new TidemarkError('misuse/options', { details: { path }, message: `http(): \`${path}\` ${what}.` })
}
