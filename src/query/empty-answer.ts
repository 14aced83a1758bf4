import { answerQuery } from './answer.ts'
import type { Answer } from './query.ts'

/** The answer to a question where there are no rows: what is shown while nothing is known, and on a server. */
export function emptyAnswer<T>(query: Answer<T>): T {
  return answerQuery(query.toJSON(), () => []) as T
}
