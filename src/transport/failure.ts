// What an answer that is not the one hoped for means. It decides, and does nothing:
//
//   fetch threw ─────────────────────────────► unreachable/offline, unless it threw a TidemarkError
//   our mark in a JSON body ── known code ───► that code
//                           └─ unknown code ─► by the HTTP status
//   no mark ── 429, 503, 5xx but 511 ────────► rate-limited, busy, server-error: a proxy in front of us speaks so
//           └─ anything else ────────────────► unreachable/not-tidemark: it says nothing about the space, so nothing is done to it
import * as v from 'valibot'
import { type ErrorCode, isErrorCode, TidemarkError } from '../errors.ts'
import { type FailureBody, failureSchema } from '../protocol/failure.ts'
import { PROTOCOL_VERSION } from '../protocol/version.ts'
import { readRetryAfter } from './retry-after.ts'

/** An answer as far as its meaning hangs on it. */
export interface FailedAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

/** The failure that an answer outside 2xx stands for; `now` is the clock's, for a Retry-After that names a date. */
export function answerToFailure({ status, headers, text }: FailedAnswer, now: number): TidemarkError {
  const body = isJson(headers) ? parseJson(text) : undefined
  const failure = v.safeParse(failureSchema, body)
  const said = failure.success ? failure.output.error : undefined
  const retryAfterMs = readRetryAfter(said?.retryAfterMs ?? headers.get('retry-after'), { now, date: headers.get('date') })
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs }
  if (said) return new TidemarkError(mustBeOurs(said.code, status), { ...messageOf(said), ...wait, details: { ...said.details, status } })
  if (isOtherVersion(body)) return new TidemarkError('outdated/protocol', { details: { status, version: body.tidemark } })
  return new TidemarkError(isMarked(body) ? codeOfStatus(status) : codeOfStranger(status), { ...wait, details: { status } })
}

/** The failure that a thrown error stands for: a TidemarkError itself; else the network is gone, as `fetch` says it with whatever it throws. */
export function thrownToFailure(error: unknown): TidemarkError {
  return error instanceof TidemarkError ? error : new TidemarkError('unreachable/offline', { cause: error })
}

/** The failure of an answer that came well and is not ours, or not whole. */
export function notTidemark(details: Readonly<Record<string, unknown>>, cause?: unknown): TidemarkError {
  return new TidemarkError('unreachable/not-tidemark', { details, cause })
}

/** The message that `text` holds. Raises `unreachable/not-tidemark` where it is cut, unmarked or of another shape; `outdated/protocol` where it is of another version. */
export function parseMessage<T>(schema: v.GenericSchema<unknown, T>, text: string): T {
  const body = parseJson(text)
  const message = v.safeParse(schema, body)
  if (message.success) return message.output
  if (isOtherVersion(body)) throw new TidemarkError('outdated/protocol', { details: { version: body.tidemark } })
  throw notTidemark({ path: v.getDotPath(message.issues[0]) ?? '' })
}

/** Whether the headers say that the body is of a JSON kind (`application/json`, `application/x-ndjson`). */
export function isJson(headers: Headers): boolean {
  return /json/i.test(headers.get('content-type') ?? '')
}

/** The value, or undefined where the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined // as good as any other value that is not a message: the schema refuses it
  }
}

const ours = /^(unreachable|auth|outdated|invalid)\//
const codesByStatus: Readonly<Record<number, ErrorCode>> = {
  400: 'invalid/request',
  401: 'auth/required',
  404: 'invalid/request',
  413: 'invalid/too-large',
  426: 'outdated/protocol',
  429: 'unreachable/rate-limited',
  503: 'unreachable/busy',
}

// a code of another family is nothing that a server says of a whole request
function mustBeOurs(code: string, status: number): ErrorCode {
  return isErrorCode(code) && ours.test(code) ? code : codeOfStatus(status)
}

// 403 and 409 are not in the table: what they make a store do (purge, rebase) is too much for a code that it does not know
function codeOfStatus(status: number): ErrorCode {
  return codesByStatus[status] ?? 'unreachable/server-error'
}

function codeOfStranger(status: number): ErrorCode {
  if (status === 429) return 'unreachable/rate-limited'
  return status >= 500 && status !== 511 ? codeOfStatus(status) : 'unreachable/not-tidemark'
}

function messageOf({ code, message }: FailureBody['error']): { readonly message?: string } {
  return isErrorCode(code) && ours.test(code) && message !== '' ? { message } : {}
}

function isMarked(body: unknown): body is { readonly tidemark: number } {
  return typeof body === 'object' && body !== null && 'tidemark' in body && Number.isSafeInteger(body.tidemark)
}

function isOtherVersion(body: unknown): body is { readonly tidemark: number } {
  return isMarked(body) && body.tidemark !== PROTOCOL_VERSION
}
