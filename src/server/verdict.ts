import { type ErrorCode, errorTable, type TidemarkError } from '../errors.ts'
import type { Verdict } from '../protocol/push.ts'
import type { StoredVerdict } from './database.ts'

/** Why a mutation was refused, in words that its author may read. */
export type Refused = Required<Pick<StoredVerdict, 'code' | 'message'>> & Pick<StoredVerdict, 'reason'>

/** The refusal that a failure makes. The words of a mutator's own accident stay here: it saw more than its caller may. */
export function failureToRefusal(failure: TidemarkError): Refused {
  const code = refusalCode(failure.code)
  const isOurs = failure.code === code && code !== 'refused/rejected' && failure.details['bound'] === undefined
  const reason = failure.details['reason']
  return {
    code,
    message: isOurs || code === 'refused/forbidden' ? errorTable[code] : toText(isAccident(failure) ? errorTable[code] : failure.message),
    ...(code === 'refused/rejected' && reason !== undefined ? { reason: toText(String(reason)) } : {}),
  }
}

/** Whether a failure is the developer's to look into, and not the author's. */
export function isAccident({ code, details }: TidemarkError): boolean {
  return details['bound'] === undefined && refusalCode(code) === 'refused/mutator-failed'
}

/** A stored verdict as it is told. */
export function sayVerdict({ client, seq, status, code, message, reason }: StoredVerdict): Verdict {
  if (status === 'applied') return { client, seq, status }
  return { client, seq, status, ...(code === undefined ? {} : { code }), ...(message === undefined ? {} : { message }), ...(reason === undefined ? {} : { reason }) }
}

function refusalCode(code: ErrorCode): ErrorCode {
  if (code.startsWith('refused/')) return code
  if (code === 'invalid/too-large') return 'refused/too-large'
  return code.startsWith('invalid/') ? 'refused/invalid' : 'refused/mutator-failed'
}

// what a database can keep, and no more of it than a person reads
function toText(text: string): string {
  return text.slice(0, 1000).replaceAll(/[\u0000\p{Surrogate}]/gu, '')
}
