import { TidemarkError } from '../errors.ts'
import type { Clock } from '../util/clock.ts'
import type { Replica } from './replica.ts'

/** What the tabs of one database share of the world. */
export interface TabsWorld {
  readonly clock: Clock
  readonly lock?: (name: string, signal: AbortSignal, hold: () => Promise<void>) => Promise<void>
  readonly channel?: (name: string, onMessage: (message: string) => void) => { post(message: string): void; close(): void }
}

/** The tabs over one database: one of them leads, all hear that something was written. */
export interface Tabs {
  /** Tells the others to look at the disk. A hint: it may be lost, and nothing of it is applied. */
  announce(): void
  /** One whole cycle, by whoever leads. Raises `unreachable/timeout` where no leader answers. */
  sync(): Promise<void>
  close(): void
}

/** What happens to this tab among the others. */
export interface TabsEvents {
  readonly onLead: () => Promise<void>
  /** Runs a cycle, because this tab leads and one was asked for. */
  readonly onSync: () => Promise<void>
  /** Another tab wrote, and the replica has followed. */
  readonly onFollowed: () => void
  readonly onError: (error: unknown) => void
}

/** How long a tab waits for the leader's answer. */
const leaderAnswerMs = 10_000

/** Joins the tabs of a database. Without locks each tab leads: two leaders at once are harmless, because every write of base is fenced by its term. */
export function joinTabs(name: string, world: TabsWorld, { replica, ...events }: TabsEvents & { readonly replica: Replica }): Tabs {
  const closing = new AbortController()
  const waiting = new Set<() => void>()
  let isLeading = false

  const follow = (): void => {
    replica.follow().then(events.onFollowed, events.onError)
  }
  const onMessage = (message: string): void => {
    follow()
    if (message === 'sync' && isLeading) answer().catch(events.onError)
    if (message === 'synced') wake()
  }
  const wake = (): void => {
    for (const resolve of waiting) resolve()
    waiting.clear()
  }
  const answer = async (): Promise<void> => {
    // how it ended is on the status of the tab that leads; whoever asked looks at the disk
    await events.onSync().catch(() => {})
    channel?.post('synced')
  }
  const channel = world.channel?.(`tidemark ${name}`, onMessage)
  const lead = async (): Promise<void> => {
    await events.onLead()
    isLeading = true
    wake()
    await new Promise<void>((resolve) => closing.signal.addEventListener('abort', () => resolve()))
  }
  const leading = world.lock ? world.lock(`tidemark ${name}`, closing.signal, lead) : lead()
  leading.catch((error: unknown) => {
    if (!closing.signal.aborted) events.onError(error)
  })

  return {
    announce: () => channel?.post('written'),
    async sync() {
      if (!isLeading) {
        const done = new Promise<void>((resolve) => waiting.add(resolve))
        channel?.post('sync')
        const stop = new AbortController()
        const isLate = await Promise.race([done.then(() => false), world.clock.sleep(leaderAnswerMs, stop.signal).then(() => true)])
        stop.abort()
        if (isLate)
          throw new TidemarkError('unreachable/timeout', {
            message: 'The tab that syncs does not answer. Nothing to do: another one takes over.',
          })
      }
      if (isLeading) await events.onSync()
      else await replica.follow()
    },
    close() {
      closing.abort()
      channel?.close()
    },
  }
}
