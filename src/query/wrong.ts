import { TidemarkError } from '../errors.ts'

/** Refuses a question, naming the part that is wrong. */
export function wrong(path: string, what: string): never {
  throw new TidemarkError('invalid/query', { details: { path }, message: `The query’s \`${path}\` ${what}. Correct it.` })
}
