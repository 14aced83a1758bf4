import { isErrorCode, TidemarkError } from '../errors.ts'
import type { FailureBody } from '../protocol/failure.ts'
import { PROTOCOL_VERSION } from '../protocol/version.ts'

/** An answer with a JSON body. */
export function respond(body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { ...unstored, 'content-type': 'application/json', ...headers } })
}

/** An answer that goes on for a while. */
export function respondWith(stream: ReadableStream<Uint8Array>, type: string): Response {
  // x-accel-buffering: nginx would hold back a stream until it is worth sending
  return new Response(stream, { headers: { ...unstored, 'content-type': type, 'x-accel-buffering': 'no' } })
}

/** The answer that a failure makes: marked, with its code and status, and nothing of what went wrong inside. */
export function respondToFailure(error: unknown): Response {
  const failure = toSayable(error)
  const status = statusOf(failure)
  const { code, message, details } = failure
  const retryAfterMs = failure.retryAfterMs ?? (status === 429 || status === 503 ? 1000 : undefined)
  const body: FailureBody = {
    tidemark: PROTOCOL_VERSION,
    error: {
      code,
      message,
      ...(Object.keys(details).length > 0 ? { details: { ...details } } : {}),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    },
  }
  return respond(body, status, retryAfterMs === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) })
}

/** Whether a failure is the caller's or the moment's, and not ours. */
export function isSayable(error: unknown): error is TidemarkError {
  return error instanceof TidemarkError && isErrorCode(error.code) && statusOf(error) !== 500
}

const unstored = { 'cache-control': 'no-store' }

function toSayable(error: unknown): TidemarkError {
  if (!isSayable(error)) return new TidemarkError('unreachable/server-error')
  // what the operator has to put right is not for callers to read
  return error.code.startsWith('server/') ? new TidemarkError('unreachable/busy', { retryAfterMs: 30_000 }) : error
}

function statusOf({ code }: TidemarkError): number {
  const [family] = code.split('/')
  switch (code) {
    case 'invalid/too-large':
      return 413
    case 'auth/forbidden-space':
      return 403
    case 'outdated/protocol':
      return 426
    case 'unreachable/rate-limited':
      return 429
    case 'unreachable/busy':
      return 503
  }
  if (family === 'invalid') return 400
  if (family === 'auth') return 401
  if (family === 'outdated') return 409
  return family === 'server' ? 503 : 500
}
