import type { Diff } from '../query/query.ts'
import { keyOf } from './answer-key.ts'

/** What has changed between two answers to one question: rows that are the same object have not. */
export function diffAnswers(before: readonly object[], after: readonly object[]): Diff<object> {
  let start = 0
  while (start < before.length && start < after.length && before[start] === after[start]) start++
  let end = 0
  while (end < before.length - start && end < after.length - start && before.at(-1 - end) === after.at(-1 - end)) end++
  const gone = new Map(before.slice(start, before.length - end).map((row) => [keyOf(row), row]))
  const added: object[] = []
  const edited: { readonly before: object; readonly after: object }[] = []
  for (const row of after.slice(start, after.length - end)) {
    const key = keyOf(row)
    const old = gone.get(key)
    gone.delete(key)
    if (!old) added.push(row)
    else if (old !== row) edited.push({ before: old, after: row })
  }
  return { added, edited, removed: [...gone.values()] }
}
