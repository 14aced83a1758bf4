/** The value, frozen through and through. It is plain JSON: no cycles. */
export function freezeDeep<T extends object>(value: T): T {
  for (const item of Object.values(value)) if (typeof item === 'object' && item !== null) freezeDeep(item)
  return Object.freeze(value)
}
