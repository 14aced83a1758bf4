import { TidemarkError } from '../errors.ts'

/** The error itself, or a coded one around it. */
export function errorToTidemark(error: unknown, code: 'disk/unavailable' | 'unreachable/server-error' | 'bug/invariant'): TidemarkError {
  return error instanceof TidemarkError ? error : new TidemarkError(code, { cause: error })
}
