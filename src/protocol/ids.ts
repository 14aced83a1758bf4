import * as v from 'valibot'

/** A client, group, mutation, epoch or space id: 1 to 256 characters, no NUL. */
export const idSchema = v.pipe(v.string(), v.minLength(1), v.maxLength(256), v.regex(/^[^\u0000\p{Surrogate}]*$/u))
/** A sequence number within a client: a whole number from 1. */
export const seqSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(1))
/** A version of a space: a whole number from 0. */
export const versionSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
/** Milliseconds since 1970. */
export const timeSchema = v.pipe(v.number(), v.finite())
/** A cursor: text that only the server reads. */
export const cursorSchema = v.pipe(v.string(), v.minLength(1), v.maxLength(16_384))

/** Names one row of a space. */
export type RowKey = `${string}/${string}`

/** The key of a row: collection names have no slash, so the first one parts them. */
export function makeRowKey(collection: string, id: string): RowKey {
  return `${collection}/${id}`
}

/** The collection and the id of a row key. */
export function splitRowKey(key: RowKey): readonly [collection: string, id: string] {
  const slash = key.indexOf('/')
  return [key.slice(0, slash), key.slice(slash + 1)]
}
