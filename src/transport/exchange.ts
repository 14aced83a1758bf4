import { TidemarkError } from '../errors.ts'
import { answerToFailure, isJson, notTidemark, thrownToFailure } from './failure.ts'
import { readText } from './lines.ts'
import { createPatience, type Patience } from './patience.ts'
import type { TransportWorld } from './transport.ts'

/** Headers to send, as they are or as a function finds them for each request. */
export type HeadersSource =
  | Readonly<Record<string, string>>
  | (() => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>)

/** Whom requests go to, and with how much patience. */
export interface Backend {
  /** Without a slash at its end. */
  readonly url: string
  readonly headers: HeadersSource
  readonly timeoutMs: number
  readonly world: TransportWorld
}

/** One request: its path, its message, and what the answer must be. */
export interface Exchange {
  readonly path: string
  readonly message: unknown
  readonly kind: 'json' | 'events'
  /** How long the body of the answer may stand still. */
  readonly silenceMs: number
  /** Called when the head of the answer says that it is what was asked for. */
  readonly onOpened?: (() => void) | undefined
}

/**
 * Sends one message and yields the bytes of the answer as they come, once its head says that it is what was asked for.
 * Raises what the contract of `Transport` names; what was begun is cancelled when the reader stops.
 */
export async function* exchange(backend: Backend, asked: Exchange, signal: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
  const patience = createPatience(backend.world.clock, signal)
  try {
    const response = await patience.wait(send(backend, asked, patience), backend.timeoutMs)
    const isWell = response.ok && (asked.kind === 'json' ? isJson(response.headers) : isEvents(response.headers))
    if (!isWell) throw await readFailure(response, backend, patience)
    asked.onOpened?.()
    yield* readChunks(response, patience, asked.silenceMs)
  } catch (error) {
    throw patience.signal.aborted ? patience.signal.reason : thrownToFailure(error)
  } finally {
    patience.close()
  }
}

async function send(backend: Backend, { path, message, kind }: Exchange, patience: Patience): Promise<Response> {
  const headers = await findHeaders(backend.headers)
  return backend.world.fetch(`${backend.url}/${path}`, {
    method: 'POST',
    cache: 'no-store',
    // a redirect is a portal's, or a wrong url: to follow it would make the POST a GET
    redirect: 'manual',
    headers: {
      ...headers,
      'content-type': 'application/json',
      accept: kind === 'json' ? 'application/json, application/x-ndjson' : 'text/event-stream',
    },
    body: JSON.stringify(message),
    signal: patience.signal,
  })
}

async function findHeaders(source: HeadersSource): Promise<Readonly<Record<string, string>>> {
  if (typeof source !== 'function') return source
  try {
    return await source()
  } catch (cause) {
    // a token that could not be fetched for want of a network is no reason to ask for a sign-in
    if (cause instanceof TidemarkError || cause instanceof TypeError) throw cause
    throw new TidemarkError('auth/required', { cause })
  }
}

async function readFailure(response: Response, { world, timeoutMs }: Backend, patience: Patience): Promise<TidemarkError> {
  const { status, headers } = response
  if (response.ok) return notTidemark({ status, contentType: headers.get('content-type') })
  const text = isJson(headers) ? await readText(readChunks(response, patience, timeoutMs)) : ''
  return answerToFailure({ status, headers, text }, world.clock.now())
}

async function* readChunks({ body }: Response, patience: Patience, silenceMs: number): AsyncGenerator<Uint8Array, void, undefined> {
  if (!body) return
  const reader = body.getReader()
  let isOver = false
  try {
    for (;;) {
      const { done, value } = await patience.wait(reader.read(), silenceMs)
      isOver = done
      if (done) return
      yield value
    }
  } finally {
    // a body that failed refuses to be cancelled as well; the failure itself is on its way to the reader
    if (!isOver) void reader.cancel().catch(() => undefined)
  }
}

function isEvents(headers: Headers): boolean {
  return /^text\/event-stream\b/i.test(headers.get('content-type') ?? '')
}
