import { useCallback, useSyncExternalStore } from 'react'
import type { ReadonlySignal } from 'tidemark'

/** The value of a signal, now and whenever it changes. */
export function useSignal<T>(signal: ReadonlySignal<T>): T {
  const subscribe = useCallback((listener: () => void) => signal.subscribe(() => listener()), [signal])
  const read = () => signal.peek()
  return useSyncExternalStore(subscribe, read, read)
}
