import { type ErrorCode, isErrorCode, TidemarkError } from '../errors.ts'
import type { QuarantinedMutation, Refusal } from '../persist/disk.ts'

/** What a refusal is to the app. A code that this build does not know is a plain rejection. */
export function refusalToError({ id, code, message, reason }: Refusal): TidemarkError {
  const known: ErrorCode = isErrorCode(code) ? code : 'refused/rejected'
  return new TidemarkError(known, { message, details: { mutation: id, ...(reason === undefined ? {} : { reason }) } })
}

/** How quarantine keeps what a mutator raised here, in a store that is its own server. */
export function errorToRefusal({ code, message, details }: TidemarkError): Pick<QuarantinedMutation, 'code' | 'message' | 'reason'> {
  const { reason } = details
  const known: ErrorCode = code.startsWith('refused/') ? code : code.startsWith('invalid/') ? 'refused/invalid' : 'refused/mutator-failed'
  return { code: known, message, ...(known === 'refused/rejected' && typeof reason === 'string' ? { reason } : {}) }
}
