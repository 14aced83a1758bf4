import type { Json } from './json.ts'

/** The same text for the same value, whatever the order of its keys. */
export function stableKey(value: Json | undefined): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  if (Array.isArray(value)) return `[${value.map((item) => stableKey(item as Json)).join(',')}]`
  const object = value as { readonly [key: string]: Json | undefined }
  const keys = Object.keys(object).filter((key) => object[key] !== undefined)
  return `{${keys
    .sort()
    .map((key) => `${JSON.stringify(key)}:${stableKey(object[key])}`)
    .join(',')}}`
}
