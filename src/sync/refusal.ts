import { type ErrorCode, isErrorCode, TidemarkError } from '../errors.ts'
import type { Refusal } from '../persist/disk.ts'

/** What a refusal is to the app. A code that this build does not know is a plain rejection. */
export function refusalToError({ id, code, message, reason }: Refusal): TidemarkError {
  const known: ErrorCode = isErrorCode(code) ? code : 'refused/rejected'
  return new TidemarkError(known, { message, details: { mutation: id, ...(reason === undefined ? {} : { reason }) } })
}
