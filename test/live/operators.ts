// An input that a test feeds and an output that writes down what it hears.
import { makeExplanation } from '../../src/live/explain.ts'
import type { Input, Output } from '../../src/live/operator.ts'
import type { AnyRow } from '../../src/schema/row.ts'

/** Rows by hand: `to` is told what the test says. */
export interface Feed extends Input {
  readonly to: Output
}

export function makeFeed(rows: readonly AnyRow[] = []): Feed {
  let to: Output | undefined
  return {
    rows: () => rows,
    explain: () => makeExplanation('test', ''),
    pipe: (output) => {
      to = output
    },
    get to() {
      if (!to) throw new Error('Nobody listens.')
      return to
    },
  }
}

/** Pipes an operator into a list of what it says: `add a`, `remove a`, `edit a`, `settle`. */
export function listen(input: Input): string[] {
  const heard: string[] = []
  input.pipe({
    add: (row) => heard.push(`add ${row.id}`),
    remove: (row) => heard.push(`remove ${row.id}`),
    edit: (before, after) => heard.push(before.id === after.id ? `edit ${after.id}` : 'an id changed'),
    settle: () => heard.push('settle'),
  })
  return heard
}

export const idsOf = (rows: readonly AnyRow[]): string => rows.map(({ id }) => id).join(' ')
