import type { TidemarkError } from '../errors.ts'

/** What a store tells, by event. */
export interface StoreEvents {
  /** The server's result of a mutation is shown. */
  confirmed: { readonly id: string }
  /** The server refused a mutation; it is in quarantine. */
  refused: { readonly id: string; readonly error: TidemarkError }
  /** A sync cycle ended well. */
  synced: { readonly version: number }
  online: {}
  offline: {}
  /** Base is fetched anew: the server's history was replaced, or this device was away too long. */
  resync: { readonly reason: 'epoch' | 'too-old' }
  /** Data that this device had is gone. */
  lost: { readonly error: TidemarkError }
  'update-needed': { readonly error: TidemarkError }
  /** Anything else that went wrong and was survived. */
  error: { readonly error: TidemarkError }
}

/** An event of a store. */
export type StoreEvent = keyof StoreEvents

/** Listeners by event. */
export interface Events {
  on<E extends StoreEvent>(event: E, listener: (detail: StoreEvents[E]) => void): () => void
  emit<E extends StoreEvent>(event: E, detail: StoreEvents[E]): void
}

/** An empty set of listeners. A listener that throws is reported as `error` and disturbs nobody. */
export function makeEvents(report: (error: unknown) => void): Events {
  const listenersByEvent = new Map<StoreEvent, Set<(detail: never) => void>>()
  return {
    on(event, listener) {
      const listeners = listenersByEvent.get(event) ?? new Set()
      listenersByEvent.set(event, listeners)
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    emit(event, detail) {
      for (const listener of [...(listenersByEvent.get(event) ?? [])]) {
        try {
          listener(detail as never)
        } catch (error) {
          if (event !== 'error') report(error)
          // a listener of errors that throws would hear of itself for ever: the host is to tell it
          else void Promise.reject(error)
        }
      }
    },
  }
}
