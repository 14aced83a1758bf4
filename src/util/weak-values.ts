/** Values by key, for as long as somebody else holds them. */
export interface WeakValues<T extends object> {
  /** Whether nobody holds any, as far as is known. */
  readonly isEmpty: boolean
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
    get isEmpty() {
      return held.size === 0
    },
    find: (key) => held.get(key)?.deref(),
    set(key, value) {
      held.set(key, new WeakRef(value))
      gone.register(value, key)
      return value
    },
  }
}
