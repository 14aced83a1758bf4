import type { Json } from '../util/json.ts'

/** A value by which rows meet: text, a number, true or false. */
export type Key = string | number | boolean

/** Whether rows meet by the value: null, absence, lists and objects meet nothing. */
export function isKey(value: Json | undefined): value is Key {
  return value !== null && value !== undefined && typeof value !== 'object'
}
