import { type ErrorCode, errorTable, type TidemarkError } from '../errors.ts'
import type { Verdict } from '../protocol/push.ts'
import type { StoredVerdict } from './database.ts'

/** Why a mutation was refused, in words that its author may read. */
export type Refused = Required<Pick<StoredVerdict, 'code' | 'message'>> & Pick<StoredVerdict, 'reason'>

/** The refusal that a failure makes. What a mutator's accident or the database says stays here: they saw more than the caller may. */
export function failureToRefusal(failure: TidemarkError): Refused {
  const code = refusalCode(failure.code)
  const { reason, bound } = failure.details
  // a row may be made of others that the author may not see, and a schema's words quote what it was given
  const isQuoting = failure.code === 'invalid/row'
  const message = (spoken.has(code) && !isQuoting) || bound !== undefined ? toText(failure.message) : errorTable[code]
  return { code, message, ...(code === 'refused/rejected' && typeof reason === 'string' ? { reason: toText(reason) } : {}) }
}

/** Whether a failure is the developer's to look into, and not the author's. */
export function isAccident({ code, details }: TidemarkError): boolean {
  return details['bound'] === undefined && refusalCode(code) === 'refused/mutator-failed'
}

/** A stored verdict as it is told. */
export function sayVerdict({ client, seq, status, code, message, reason }: StoredVerdict): Verdict {
  if (status === 'applied') return { client, seq, status }
  return {
    client,
    seq,
    status,
    ...(code === undefined ? {} : { code }),
    ...(message === undefined ? {} : { message }),
    ...(reason === undefined ? {} : { reason }),
  }
}

function refusalCode(code: ErrorCode): ErrorCode {
  if (code.startsWith('refused/')) return code
  if (code === 'invalid/too-large') return 'refused/too-large'
  return code.startsWith('invalid/') ? 'refused/invalid' : 'refused/mutator-failed'
}

// what the app says on purpose, or what is said of the caller's own data
const spoken: ReadonlySet<ErrorCode> = new Set(['refused/rejected', 'refused/invalid', 'refused/too-large'])

// what a database can keep, and no more of it than a person reads
function toText(text: string): string {
  return text.slice(0, 1000).replaceAll(/[\u0000\p{Surrogate}]/gu, '')
}
