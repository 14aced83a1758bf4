// Web Locks and BroadcastChannel of one device, as the browser keeps them: a lock goes to the next in line when its page dies.

/** The locks of one device. */
export interface Locks {
  /** A lock that is held goes on when its holder is done or its page dies; a request that waits ends when `signal` aborts. */
  lock(name: string, signal: AbortSignal, hold: () => Promise<void>, life?: AbortSignal): Promise<void>
}

/** No lock is held. */
export function createLocks(): Locks {
  const lastByName = new Map<string, Promise<void>>()
  return {
    async lock(name, signal, hold, life) {
      const before = lastByName.get(name) ?? Promise.resolve()
      let release = (): void => {}
      const held = new Promise<void>((resolve) => {
        release = resolve
      })
      lastByName.set(
        name,
        before.then(() => held),
      )
      life?.addEventListener('abort', () => release())
      await before
      try {
        if (!signal.aborted) await hold()
      } finally {
        release()
      }
    },
  }
}

/** The channels of one device. */
export interface Channels {
  open(name: string, onMessage: (message: string) => void): { post(message: string): void; close(): void }
}

/** Nobody listens. Messages arrive later, never at the page that sent them. */
export function createChannels(): Channels {
  const listenersByName = new Map<string, Set<(message: string) => void>>()
  return {
    open(name, onMessage) {
      const listeners = listenersByName.get(name) ?? new Set()
      listenersByName.set(name, listeners)
      listeners.add(onMessage)
      return {
        post(message) {
          for (const listener of [...listeners])
            if (listener !== onMessage) void Promise.resolve().then(() => listeners.has(listener) && listener(message))
        },
        close: () => listeners.delete(onMessage),
      }
    },
  }
}
