import * as v from 'valibot'
import { TidemarkError } from '../errors.ts'
import { PROTOCOL_VERSION } from '../protocol/version.ts'

/** The message in a request's body. Raises `invalid/request`, `invalid/too-large` as soon as the limit is passed, `outdated/protocol`. */
export async function readMessage<T>(
  request: Request,
  schema: v.GenericSchema<unknown, T>,
  options: { readonly maxBytes: number; readonly stops: Set<() => void> },
): Promise<T> {
  const type = request.headers.get('content-type') ?? ''
  if (!/^application\/json(\s*;|$)/i.test(type.trim()))
    throw invalid('content-type', 'The body is not `application/json`. Send JSON and say so.')
  const value = parseBody(await readBody(request, options))
  mustSpeakOurs(value)
  // the first issue is enough: two megabytes of wrong mutations are millions of them
  const message = v.safeParse(schema, value, { abortEarly: true })
  if (message.success) return message.output
  throw invalid(v.getDotPath(message.issues[0]) ?? '', 'The request does not follow the protocol. Correct what `details.path` names.')
}

/** The failure of a request that does not follow the protocol. */
function invalid(path: string, message?: string): TidemarkError {
  return new TidemarkError('invalid/request', { details: { path }, ...(message === undefined ? {} : { message }) })
}

// the size is counted as it comes: a length that the sender claims proves nothing
async function readBody(
  request: Request,
  { maxBytes, stops }: { readonly maxBytes: number; readonly stops: Set<() => void> },
): Promise<Uint8Array> {
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge(maxBytes)
  const reader = request.body?.getReader()
  let isStopped = false
  // a sender that neither goes on nor goes away must not hold us: cancelled, a read that waits is done
  const stop = (): void => {
    isStopped = true
    void reader?.cancel().catch(() => undefined)
  }
  stops.add(stop)
  request.signal.addEventListener('abort', stop, { once: true })
  try {
    const bytes = await readAll(reader, maxBytes)
    if (isStopped) throw new TidemarkError('unreachable/busy', { retryAfterMs: 5000 })
    return bytes
  } finally {
    stops.delete(stop)
    request.signal.removeEventListener('abort', stop)
  }
}

async function readAll(reader: ReadableStreamDefaultReader<Uint8Array> | undefined, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  while (reader) {
    const { done, value } = await reader.read().catch((cause: unknown) => {
      throw new TidemarkError('invalid/request', { cause, details: { path: '' }, message: 'The body broke off. Send it again.' })
    })
    if (done) break
    size += value.byteLength
    if (size > maxBytes) {
      await reader.cancel()
      throw tooLarge(maxBytes)
    }
    chunks.push(value)
  }
  const bytes = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.byteLength
  }
  return bytes
}

function parseBody(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw new TidemarkError('invalid/request', { details: { path: '' }, cause, message: 'The body is not JSON in UTF-8. Correct it.' })
  }
}

function mustSpeakOurs(value: unknown): void {
  if (typeof value !== 'object' || value === null || !('tidemark' in value) || !Number.isSafeInteger(value.tidemark))
    throw invalid('tidemark')
  if (value.tidemark !== PROTOCOL_VERSION) throw new TidemarkError('outdated/protocol', { details: { version: PROTOCOL_VERSION } })
}

function tooLarge(limit: number): TidemarkError {
  return new TidemarkError('invalid/too-large', { details: { limit }, message: `The request is larger than ${limit} bytes. Split it.` })
}
