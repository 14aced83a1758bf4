import { TidemarkError } from '../errors.ts'

/** Throws `bug/invariant` unless `condition` holds. */
export function assert(condition: unknown, what: string): asserts condition {
  if (!condition) throw new TidemarkError('bug/invariant', { message: `Bug: ${what}. Please report it with the stack.` })
}

/** The value, which must be there. */
export function must<T>(value: T | null | undefined, what: string): T {
  assert(value !== null && value !== undefined, what)
  return value
}
