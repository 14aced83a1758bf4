import { expect, test } from 'vitest'
import { TidemarkError } from '../../src/errors.ts'
import { pullAnswerSchema } from '../../src/protocol/pull.ts'
import { answerToFailure, parseMessage, thrownToFailure } from '../../src/transport/failure.ts'

const now = Date.UTC(2025, 0, 6)
const marked = (code: string, more: object = {}) =>
  JSON.stringify({ tidemark: 1, error: { code, message: 'It says why. Do this next.', ...more } })

test.each([
  // what we say ourselves
  ['HN4 a marked 401', 401, marked('auth/required'), 'auth/required'],
  ['HN4 a marked 401 that says more', 401, marked('auth/client-owner'), 'auth/client-owner'],
  ['HN5 a marked 403', 403, marked('auth/forbidden-space'), 'auth/forbidden-space'],
  ['HN6 a marked 409', 409, marked('outdated/schema'), 'outdated/schema'],
  ['HN7 a marked 413', 413, marked('invalid/too-large'), 'invalid/too-large'],
  ['a marked 400', 400, marked('invalid/query'), 'invalid/query'],
  ['a marked 426', 426, marked('outdated/protocol'), 'outdated/protocol'],
  // codes of tomorrow, and codes that are nothing to say of a request: the status decides
  ['an unknown code with 400', 400, marked('invalid/of-tomorrow'), 'invalid/request'],
  ['an unknown code with 401', 401, marked('auth/of-tomorrow'), 'auth/required'],
  ['an unknown code with 403', 403, marked('auth/of-tomorrow'), 'unreachable/server-error'],
  ['an unknown code with 409', 409, marked('outdated/of-tomorrow'), 'unreachable/server-error'],
  ['an unknown code with 413', 413, marked('x'), 'invalid/too-large'],
  ['an unknown code with 429', 429, marked('x'), 'unreachable/rate-limited'],
  ['an unknown code with 503', 503, marked('x'), 'unreachable/busy'],
  ['an unknown code with 500', 500, marked('constructor'), 'unreachable/server-error'],
  ['a code of the disk', 500, marked('disk/quota'), 'unreachable/server-error'],
  ['a code of the operator', 503, marked('server/config'), 'unreachable/busy'],
  ['a mark without an error', 401, '{"tidemark":1}', 'auth/required'],
  ['a mark of another version', 400, '{"tidemark":2,"error":{}}', 'outdated/protocol'],
  // what a proxy in front of us says
  ['HN8 an unmarked 429', 429, '', 'unreachable/rate-limited'],
  ['HN9 an unmarked 502', 502, '<html>', 'unreachable/server-error'],
  ['HN9 an unmarked 503', 503, '<html>', 'unreachable/busy'],
  // what strangers say
  ['HN3 a 511', 511, '<html>', 'unreachable/not-tidemark'],
  ['HN3 a 302', 302, '', 'unreachable/not-tidemark'],
  ['HN3 an opaque redirect', 0, '', 'unreachable/not-tidemark'],
  ['an unmarked 401', 401, '{"error":"login"}', 'unreachable/not-tidemark'],
  ['HN5 an unmarked 403', 403, '{"error":{"code":"auth/forbidden-space","message":"m"}}', 'unreachable/not-tidemark'],
  ['an unmarked 404', 404, 'null', 'unreachable/not-tidemark'],
  ['an unmarked 413', 413, 'Entity too large', 'unreachable/not-tidemark'],
  ['a mark that is a text', 403, '{"tidemark":"1"}', 'unreachable/not-tidemark'],
])('%s (%i) means what it means', (_, status, text, code) => {
  const failure = answerToFailure({ status, text, headers: new Headers({ 'content-type': 'application/json; charset=utf-8' }) }, now)
  expect(failure).toMatchObject({ code, details: { status } })
})

test('HN3 a mark in a page that is not JSON by its header is no mark', () => {
  const failure = answerToFailure(
    { status: 403, text: marked('auth/forbidden-space'), headers: new Headers({ 'content-type': 'text/html' }) },
    now,
  )
  expect(failure.code).toBe('unreachable/not-tidemark')
})

test('message and details of a marked failure are kept; the message of an unknown code is not taken for ours', () => {
  const headers = new Headers({ 'content-type': 'application/json' })
  const known = answerToFailure({ status: 413, text: marked('invalid/too-large', { details: { limit: 9 } }), headers }, now)
  expect(known).toMatchObject({ message: 'It says why. Do this next.', details: { limit: 9, status: 413 } })
  const unknown = answerToFailure({ status: 503, text: marked('x', { details: { a: 1 } }), headers }, now)
  expect(unknown).toMatchObject({ message: new TidemarkError('unreachable/busy').message, details: { a: 1, status: 503 } })
})

test('HN8 the wait comes from the body, else from the header', () => {
  const both = new Headers({ 'content-type': 'application/json', 'retry-after': '60' })
  expect(answerToFailure({ status: 503, text: marked('unreachable/busy', { retryAfterMs: 2000 }), headers: both }, now).retryAfterMs).toBe(
    2000,
  )
  expect(answerToFailure({ status: 503, text: marked('unreachable/busy'), headers: both }, now).retryAfterMs).toBe(60_000)
  expect(answerToFailure({ status: 503, text: '', headers: new Headers({ 'retry-after': '60' }) }, now).retryAfterMs).toBe(60_000)
  expect(answerToFailure({ status: 503, text: '', headers: new Headers() }, now).retryAfterMs).toBeUndefined()
})

test('HN9 whatever fetch throws is no network, with its cause; what is ours stays', () => {
  const cause = new TypeError('Failed to fetch')
  expect(thrownToFailure(cause)).toMatchObject({ code: 'unreachable/offline', cause })
  const ours = new TidemarkError('unreachable/timeout')
  expect(thrownToFailure(ours)).toBe(ours)
})

const page = { tidemark: 1, epoch: 'e', version: 0, now: 0, from: null, cursor: 'k', patches: [], confirmed: {}, refused: [], more: false }

test.each([
  ['HN2 cut half-way', JSON.stringify(page).slice(0, 50), 'unreachable/not-tidemark'],
  ['empty', '', 'unreachable/not-tidemark'],
  ['a page of HTML', '<html></html>', 'unreachable/not-tidemark'],
  ['HN3 JSON of another service', '{"ok":true}', 'unreachable/not-tidemark'],
  ['without its mark', JSON.stringify({ ...page, tidemark: undefined }), 'unreachable/not-tidemark'],
  ['of another shape', JSON.stringify({ ...page, patches: [{ op: 'put' }] }), 'unreachable/not-tidemark'],
  ['of another version', JSON.stringify({ ...page, tidemark: 2 }), 'outdated/protocol'],
])('an answer that is %s is not a message', (_, text, code) => {
  expect(() => parseMessage(pullAnswerSchema, text)).toThrow(expect.objectContaining({ code }))
})
