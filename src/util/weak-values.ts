/** Values by key, for as long as somebody else holds them. */
export interface WeakValues<T extends object> {
  find(key: string): T | undefined
  set(key: string, value: T): T
}

/** An empty map of weakly held values. */
export function makeWeakValues<T extends object>(): WeakValues<T> {
  const held = new Map<string, WeakRef<T>>()
  const gone = new FinalizationRegistry<string>((key) => {
    if (held.get(key)?.deref() === undefined) held.delete(key)
  })
  return {
    find: (key) => held.get(key)?.deref(),
    set(key, value) {
      held.set(key, new WeakRef(value))
      gone.register(value, key)
      return value
    },
  }
}
