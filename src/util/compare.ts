import type { Json } from './json.ts'
import { stableKey } from './stable-key.ts'

/*
 * One total order over stored values, the same in memory, on IndexedDB and on Postgres (SQL narrows, this decides):
 *
 *   absent or null  <  false < true  <  numbers  <  text by UTF-16 code unit  <  lists and objects by their text with sorted keys, keys in order
 */

/** Negative, zero or positive as `a` sorts before, with or after `b`. */
export function compareValues(a: Json | undefined, b: Json | undefined): number {
  if (a === b) return 0
  const rankA = rank(a)
  const rankB = rank(b)
  if (rankA !== rankB) return rankA - rankB
  if (rankA === 0) return 0
  if (rankA === 4) return compareText(stableKey(a), stableKey(b))
  return (a as string) < (b as string) ? -1 : 1
}

/** Text by UTF-16 code unit, as JavaScript and IndexedDB sort it. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Whether two stored values are the same by value; absent is not null. */
export function isSame(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, i) => isSame(item, b[i]))
  if (Array.isArray(b)) return false
  const one = a as { readonly [key: string]: Json | undefined }
  const two = b as { readonly [key: string]: Json | undefined }
  let fields = 0
  for (const key of Object.keys(one)) {
    if (one[key] === undefined) continue
    if (!Object.hasOwn(two, key) || !isSame(one[key], two[key])) return false
    fields++
  }
  for (const key of Object.keys(two)) if (two[key] !== undefined) fields--
  return fields === 0
}

function rank(value: Json | undefined): number {
  if (value === null || value === undefined) return 0
  switch (typeof value) {
    case 'boolean':
      return 1
    case 'number':
      return 2
    case 'string':
      return 3
    default:
      return 4
  }
}
