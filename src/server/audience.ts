import { TidemarkError } from '../errors.ts'
import type { CollectionDefinition } from '../schema/collection.ts'
import type { AnyRow } from '../schema/row.ts'

/** Whoever may enter the space holds it. */
export const sharedAudience = 'shared'
/** Nobody holds it. */
const serverAudience = 'server'

/** The audience of a row, from the row alone. Raises `refused/invalid` where the collection's rule gives no name; what the rule throws. */
export function audienceOf(definition: CollectionDefinition, row: AnyRow): string {
  const rule = definition.options.audience ?? sharedAudience
  if (typeof rule === 'string') return rule
  const audience: unknown = rule(row)
  if (!isAudience(audience))
    throw new TidemarkError('refused/invalid', {
      message: 'The row names no audience. Let `audience` of its collection answer with a text of 1 to 256 characters for every row.',
    })
  return audience
}

/** The audiences that a reader holds, from what the app's `audiences` answered; null is no entry. Raises `server/config` for an answer that is none. */
export function heldAudiences(answer: unknown): readonly string[] | null {
  if (answer === null) return null
  if (!Array.isArray(answer) || !answer.every(isAudience))
    throw new TidemarkError('server/config', {
      message: '`audiences` did not answer with a list of names, or null. Correct it; it may not be asynchronous.',
    })
  return [...new Set([sharedAudience, ...answer])].filter((audience) => audience !== serverAudience).sort()
}

function isAudience(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= 256 && !/[\u0000\p{Surrogate}]/u.test(value)
}
