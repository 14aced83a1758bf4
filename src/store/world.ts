import type { OpenPersistence } from '../persist/persistence.ts'
import type { TransportWorld } from '../transport/transport.ts'
import { makeId, type RandomBytes } from '../util/id.ts'

/** Tells the other tabs of this origin that something happened. */
export interface Channel {
  post(message: string): void
  close(): void
}

/** All that a store takes from outside: the one door through which time, chance, disk, tabs and network come in. */
export interface World extends TransportWorld {
  readonly randomBytes: RandomBytes
  /** Opens the disk. Absent where there is none: then the store keeps to itself, in memory. */
  readonly open?: OpenPersistence
  /** Runs `hold` while this tab alone holds the lock of that name; ends when `signal` aborts. Absent where there is none: then each tab syncs. */
  readonly lock?: (name: string, signal: AbortSignal, hold: () => Promise<void>) => Promise<void>
  /** Opens the channel of that name. Absent where there is none. */
  readonly channel?: (name: string, onMessage: (message: string) => void) => Channel
  /** Calls back when the network comes and goes, the page shows and hides; answers with how to stop. */
  readonly onNetwork: (listener: (isOnline: boolean) => void) => () => void
  /** Calls back when the page becomes visible; answers with how to stop. */
  readonly onVisible: (listener: () => void) => () => void
  /** Counts milliseconds in fractions, for `explain`. */
  readonly stopwatch: () => number
  /** Whether costly checks of the developer's code run. */
  readonly isDevelopment: boolean
}

/** The world of a browser page; in Node, what there is of it. Reads globals when it is called, not when it is imported. */
export function hostWorld(persistence: 'indexeddb' | 'memory' | OpenPersistence | undefined): World {
  const online = typeof addEventListener === 'function' && typeof navigator === 'object'
  const open = findHostOpen(persistence)
  // a disk that no other tab can see is no reason to talk to them
  const isShared = online && open !== undefined
  return {
    clock: { now: () => Date.now(), sleep },
    randomBytes: hostRandom,
    fetch: (url, init) => fetch(url, init),
    ...(open ? { open } : {}),
    ...(isShared && navigator.locks
      ? { lock: (name, signal, hold) => navigator.locks.request(name, { signal }, hold) as Promise<void> }
      : {}),
    ...(isShared && typeof BroadcastChannel === 'function' ? { channel: openChannel } : {}),
    onNetwork: (listener) => (online ? onWindow({ online: () => listener(true), offline: () => listener(false) }) : () => {}),
    onVisible: (listener) => {
      if (!online || typeof document !== 'object') return () => {}
      const check = (): void => {
        if (document.visibilityState === 'visible') listener()
      }
      document.addEventListener('visibilitychange', check)
      return () => document.removeEventListener('visibilitychange', check)
    },
    stopwatch: () => performance.now(),
    isDevelopment: isDevelopment(),
  }
}

/** A new id for a row: sortable by when it was made, 122 random bits less the time. Inside a mutator use `tx.newId()`. */
export function newId(): string {
  return makeId(Date.now(), hostRandom)
}

// asking the browser for a few bytes costs as much as asking for many
const randomPool = new Uint8Array(4096)
let used = randomPool.length
const hostRandom: RandomBytes = (count) => {
  if (count > randomPool.length) return crypto.getRandomValues(new Uint8Array(count))
  if (used + count > randomPool.length) {
    crypto.getRandomValues(randomPool)
    used = 0
  }
  used += count
  return randomPool.slice(used - count, used)
}

function findHostOpen(persistence: 'indexeddb' | 'memory' | OpenPersistence | undefined): OpenPersistence | undefined {
  if (typeof persistence === 'function') return persistence
  const isMemory = persistence === 'memory' || (persistence === undefined && typeof indexedDB !== 'object')
  return isMemory ? undefined : openIndexedDB
}

// bundlers put a text in place of these words; a page without a bundler knows no `process`, and counts as production
function isDevelopment(): boolean {
  try {
    return process.env.NODE_ENV !== 'production'
  } catch {
    return false
  }
}

const openIndexedDB: OpenPersistence = async (name) => {
  const { dexie } = await import('../persist/dexie.ts')
  return dexie(name, { indexedDB, IDBKeyRange, clock: { now: () => Date.now(), sleep } })
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const done = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done)
  })
}

function openChannel(name: string, onMessage: (message: string) => void): Channel {
  const channel = new BroadcastChannel(name)
  channel.onmessage = (event) => onMessage(String(event.data))
  return { post: (message) => channel.postMessage(message), close: () => channel.close() }
}

function onWindow(listeners: Readonly<Record<string, () => void>>): () => void {
  for (const [name, listener] of Object.entries(listeners)) addEventListener(name, listener)
  return () => {
    for (const [name, listener] of Object.entries(listeners)) removeEventListener(name, listener)
  }
}
