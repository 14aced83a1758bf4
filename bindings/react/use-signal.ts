'use client'
import { useCallback, useSyncExternalStore } from 'react'
import type { ReadonlySignal } from '../../src/index.ts'

/** The value of a signal, rendered again when it changes; `onServer` on a server, while hydrating, and where there is no signal. */
export function useSignal<T>(source: ReadonlySignal<T> | undefined, onServer: T): T {
  const subscribe = useCallback((onChange: () => void) => source?.subscribe(() => onChange()) ?? (() => {}), [source])
  return useSyncExternalStore(
    subscribe,
    () => (source ? source.peek() : onServer),
    () => onServer,
  )
}
