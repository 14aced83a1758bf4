import { TidemarkError } from '../errors.ts'
import type { Clock } from '../util/clock.ts'
import { createLane } from '../util/lane.ts'
import { backoffMs } from './backoff.ts'
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
  /** One whole cycle, by whoever leads. Raises `unreachable/offline` where this tab is to be offline, `unreachable/timeout` where no leader answers, `misuse/closed`. */
  sync(): Promise<void>
  /** A tab that is to be offline leads nobody: the others go on without it. */
  setWanted(isWanted: boolean): void
  close(): void
}

/** What happens to this tab among the others. */
export interface TabsEvents {
  /** Raises the term, so that whoever led before can write no more. */
  readonly lead: () => Promise<void>
  readonly onLed: () => void
  /** This tab leads no more. */
  readonly onResign: () => void
  /** Runs a cycle, because this tab leads and one was asked for. */
  readonly onSync: () => Promise<void>
  /** Another tab wrote, and the replica has followed. */
  readonly onFollowed: () => void
  readonly onError: (error: unknown) => void
}

/** How a tab joins. */
export interface JoinOptions extends TabsEvents {
  readonly replica: Replica
  /** Whether it is to be online. */
  readonly isWanted: boolean
}

/** How long a tab waits for the leader's answer. */
const leaderAnswerMs = 10_000

/** Joins the tabs of a database. Without locks each tab leads: two leaders at once are harmless, because every write of base is fenced by its term. */
export function joinTabs(name: string, world: TabsWorld, { replica, isWanted, ...events }: JoinOptions): Tabs {
  const closing = new AbortController()
  const waiting = new Set<() => void>()
  let isLeading = false
  let stint: AbortController | undefined

  // a hundred messages that come while the disk is read are one more look at it
  const look = createLane(replica.follow)
  const follow = (): void => {
    look().then(events.onFollowed, (error: unknown) => {
      // a look that was asked for before this tab closed finds the disk closed
      if (!closing.signal.aborted) events.onError(error)
    })
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
  /** From winning the lead to giving it up. */
  const holdLead = async (stop: AbortSignal): Promise<void> => {
    let isMine = false
    for (let failures = 0; !isMine && !stop.aborted; ) {
      try {
        await events.lead()
        isMine = true
      } catch (error) {
        if (!stop.aborted) events.onError(error)
        await world.clock.sleep(backoffMs(++failures, 1), stop)
      }
    }
    if (stop.aborted) return
    isLeading = true
    events.onLed()
    wake()
    await untilAbort(stop)
    events.onResign()
  }
  const compete = (): void => {
    if (stint || closing.signal.aborted) return
    const mine = new AbortController()
    stint = mine
    const run = (): Promise<void> => holdLead(mine.signal)
    const competing = world.lock ? world.lock(`tidemark ${name}`, mine.signal, run) : run()
    competing.catch((error: unknown) => {
      if (!mine.signal.aborted) events.onError(error)
    })
  }
  const withdraw = (): void => {
    isLeading = false
    stint?.abort()
    stint = undefined
  }
  const mustBeOpen = (): void => {
    if (closing.signal.aborted) throw new TidemarkError('misuse/closed')
  }
  if (isWanted) compete()

  return {
    announce: () => channel?.post('written'),
    async sync() {
      mustBeOpen()
      if (!stint) throw new TidemarkError('unreachable/offline')
      if (!isLeading) {
        const done = new Promise<void>((resolve) => waiting.add(resolve))
        channel?.post('sync')
        const stop = new AbortController()
        const isLate = await Promise.race([done.then(() => false), world.clock.sleep(leaderAnswerMs, stop.signal).then(() => true)])
        stop.abort()
        if (isLate)
          throw new TidemarkError('unreachable/timeout', {
            message: 'The tab that syncs does not answer. Close it if it is frozen; another one takes over then.',
          })
      }
      mustBeOpen()
      if (isLeading) await events.onSync()
      else await replica.follow()
    },
    setWanted: (isOn) => (isOn ? compete() : withdraw()),
    close() {
      closing.abort()
      withdraw()
      wake()
      channel?.close()
    },
  }
}

function untilAbort(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
