import { isMade, keepKey, keyOf } from './answer-key.ts'
import { keepSame } from './view.ts'

/** `after` with what says the same as in `before` taken from there, so that it stays the same objects: rows, and what is within them. */
export function keepEqual(before: readonly object[], after: readonly object[]): readonly object[] {
  const known = new Map(before.map((row) => [keyOf(row), row]))
  const rows = after.map((row) => keepEqualRow(known.get(keyOf(row)), row))
  return keepSame(before, Object.freeze(rows))
}

function keepEqualRow(before: object | undefined, after: object): object {
  if (before === undefined || before === after) return after
  const [one, two] = [before as Fields, after as Fields]
  const names = Object.keys(two)
  let isSame = names.length === Object.keys(one).length
  const kept: Record<string, unknown> = {}
  for (const name of names) {
    kept[name] = keepEqualValue(one[name], two[name])
    isSame &&= kept[name] === one[name]
  }
  if (isSame) return before
  // a row of the pool is nobody's to copy
  return isMade(after) ? keepKey(Object.freeze(kept), keyOf(after)) : after
}

type Fields = { readonly [name: string]: unknown }

// lists of rows and rows within a row; other values are equal where they are the same
function keepEqualValue(before: unknown, after: unknown): unknown {
  if (before === after || !isObject(before) || !isObject(after)) return after
  if (Array.isArray(before) && Array.isArray(after)) return after.every(isObject) ? keepEqual(before as object[], after) : after
  return keepEqualRow(before, after)
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
