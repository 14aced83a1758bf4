import type { Replica } from './replica.ts'

/** What the tabs of one database share of the world. */
export interface TabsWorld {
  readonly lock?: (name: string, signal: AbortSignal, hold: () => Promise<void>) => Promise<void>
  readonly channel?: (name: string, onMessage: (message: string) => void) => { post(message: string): void; close(): void }
}

/** The tabs over one database: one of them leads, all hear that something was written. */
export interface Tabs {
  /** Tells the others to look at the disk. A hint: it may be lost, and nothing of it is applied. */
  announce(): void
  close(): void
}

/** What happens to this tab among the others. */
export interface TabsEvents {
  readonly onLead: () => Promise<void>
  /** Another tab wrote, and the replica has followed. */
  readonly onFollowed: () => void
  readonly onError: (error: unknown) => void
}

/** Joins the tabs of a database. Without locks each tab leads: two leaders at once are harmless, because every write of base is fenced by its term. */
export function joinTabs(name: string, world: TabsWorld, replica: Replica, { onLead, onFollowed, onError }: TabsEvents): Tabs {
  const closing = new AbortController()
  const channel = world.channel?.(`tidemark ${name}`, () => {
    replica.follow().then(onFollowed, onError)
  })
  const held = new Promise<void>((resolve) => closing.signal.addEventListener('abort', () => resolve()))
  const lead = async (): Promise<void> => {
    await onLead()
    await held
  }
  const leading = world.lock ? world.lock(`tidemark ${name}`, closing.signal, lead) : lead()
  leading.catch((error: unknown) => {
    if (!closing.signal.aborted) onError(error)
  })
  return {
    announce: () => channel?.post('written'),
    close() {
      closing.abort()
      channel?.close()
    },
  }
}
