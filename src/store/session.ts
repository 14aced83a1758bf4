import { TidemarkError } from '../errors.ts'
import { createPending, type Pending } from '../pending/pending.ts'
import { makeStageBook, type StageBook } from '../pending/stages.ts'
import { createPool, type Pool } from '../pool/pool.ts'
import { computed, type ReadonlySignal, signal, untracked } from '../reactive.ts'
import { runCycle } from '../sync/cycle.ts'
import { createEngine, type Engine } from '../sync/engine.ts'
import { listenForPokes } from '../sync/pokes.ts'
import { refusalToError } from '../sync/refusal.ts'
import { errorToTidemark } from '../sync/error.ts'
import { createReplica, type Replica } from '../sync/replica.ts'
import { makeStatus, type StoreStatus } from '../sync/status.ts'
import { joinTabs, type Tabs } from '../sync/tabs.ts'
import type { Connect } from '../transport/transport.ts'
import type { Events } from './events.ts'
import { openReplica } from './open.ts'
import type { StoreSettings } from './options.ts'
import type { World } from './world.ts'

/*
 * The living parts of a store, and who hears of whom:
 *
 *   pool ◀── pending ◀── replica ◀──▶ disk
 *                           ▲  │ written            tabs ◀──▶ other tabs
 *                    commits│  ▼                      │ leads
 *        transport ◀──▶ cycle, pokes ◀── engine ◀─────┘
 */

/** What the parts are made of. */
export interface SessionOptions {
  readonly settings: StoreSettings
  readonly connect: Connect | undefined
  readonly pollMs: number
  readonly world: World
  readonly events: Events
  readonly report: (error: unknown) => void
}

/** The living parts of a store. */
export interface Session {
  readonly pool: Pool
  readonly pending: Pending
  readonly book: StageBook
  readonly replica: Replica
  readonly status: ReadonlySignal<StoreStatus>
  /** Resolves when what is on disk is shown. */
  readonly ready: Promise<void>
  sync(): Promise<void>
  /** Whether the app wants to be online. */
  setWanted(isOn: boolean): void
  close(): Promise<void>
}

/** Opens the disk, joins the tabs, and syncs while this tab leads. */
export function createSession({ settings, connect, pollMs, world, events, report }: SessionOptions): Session {
  const { schema, mutators, space, user } = settings
  const { clock, randomBytes } = world
  const isClosed = signal(false)
  const disk = signal('opening')
  const name = [settings.name, space, user === null ? 'nobody' : `user ${user}`].map(encodeURIComponent).join('/')
  const indexesByCollection = new Map(Object.entries(schema.collections).map(([of, { options }]) => [of, options.indexes ?? []]))
  const pool = createPool(report, { indexesByCollection })
  const book = makeStageBook()
  const pending = createPending({ pool, mutators, user, isDevelopment: world.isDevelopment })
  let tabs: Tabs | undefined

  const onMoved = (): void => {
    if (replica.sendable().length > 0) engine.tell({ type: 'news' })
    // with a server the cycles see to it
    else if (!connect) replica.compact().catch(report)
  }
  const replica = createReplica({
    pool,
    pending,
    book,
    clock,
    randomBytes,
    schemaVersion: schema.version,
    isLocal: connect === undefined,
    onWritten: () => {
      tabs?.announce()
      onMoved()
    },
    onOutcome: (id, refusal) => {
      if (refusal) events.emit('refused', { id, error: refusalToError(refusal) })
      else events.emit('confirmed', { id })
    },
    onLost: (error) => events.emit('lost', { error }),
    report,
  })
  const transport = connect?.(world)
  const wire = transport && { transport, replica, space, user, schemaVersion: schema.version }
  const onResync = (reason: 'epoch' | 'too-old'): void => events.emit('resync', { reason })
  const engine: Engine = createEngine({
    cycle: async (onProgress, stop) => {
      await replica.leadAgain()
      await (wire ? runCycle(wire, { onProgress, onResync }, stop) : replica.fold())
    },
    listen: wire?.transport.subscribe ? (on, stop) => listenForPokes(wire, on, stop) : undefined,
    clock,
    randomBytes,
    pollMs,
    onSynced: () => {
      events.emit('synced', { version: replica.meta?.version ?? 0 })
      replica.compact().catch(report)
    },
    onFailed: (error) => events.emit(error.code.startsWith('outdated/') ? 'update-needed' : 'error', { error }),
  })
  const open = async (): Promise<void> => {
    const opened = await openReplica(replica, name, { world, schemaVersion: schema.version, report })
    disk.value = opened.status
    if (!isClosed.peek())
      tabs = joinTabs(name, opened.isShared ? world : { clock }, {
        replica,
        isWanted: engine.state.peek().isWanted,
        lead: replica.lead,
        onLed: () => engine.tell({ type: 'led' }),
        onResign: () => engine.tell({ type: 'resigned' }),
        onSync: engine.sync,
        onFollowed: onMoved,
        onError: report,
      })
  }
  const stops = [
    world.onNetwork((isOn) => {
      engine.tell({ type: 'network', isOn })
      events.emit(isOn ? 'online' : 'offline', {})
    }),
    world.onVisible(() => {
      if (!replica.isLoaded.peek()) return
      replica.follow().catch(report)
      engine.tell({ type: 'asked' })
    }),
  ]
  const ready = open().catch(report)

  const status = computed(() => {
    void replica.changed.value
    const { queue, quarantine, meta } = untracked(() => ({
      queue: replica.unconfirmed,
      quarantine: replica.quarantine,
      meta: replica.meta,
    }))
    return makeStatus({
      isClosed: isClosed.value,
      hasTransport: wire !== undefined,
      sync: engine.state.value,
      progress: engine.progress.value,
      lastSyncedAt: engine.lastSyncedAt.value,
      isLoaded: replica.isLoaded.value,
      version: meta?.version ?? 0,
      cursor: meta?.cursor ?? null,
      pending: queue.length,
      pendingSince: queue[0]?.at,
      quarantined: quarantine.length,
      disk: disk.value,
      now: clock.now(),
    })
  })

  return {
    pool,
    pending,
    book,
    replica,
    status,
    ready,
    async sync() {
      await ready
      await replica.flush()
      if (!tabs) throw new TidemarkError('misuse/closed')
      await tabs.sync()
    },
    setWanted(isOn) {
      if (engine.state.peek().isWanted === isOn) return
      engine.tell({ type: 'wanted', isOn })
      tabs?.setWanted(isOn)
      events.emit(isOn ? 'online' : 'offline', {})
    },
    async close() {
      isClosed.value = true
      for (const stop of stops) stop()
      await ready
      tabs?.close()
      try {
        await engine.close()
        await replica.close()
      } finally {
        book.closeAll(new TidemarkError('misuse/closed'))
      }
    },
  }
}

/** Makes what was thrown by anybody a report of the store. */
export function makeReport(events: () => Events): (error: unknown) => void {
  return (error) => untracked(() => events().emit('error', { error: errorToTidemark(error, 'bug/invariant') }))
}
