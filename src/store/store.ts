import { TidemarkError } from '../errors.ts'
import { createLives } from '../live/live.ts'
import { createPending } from '../pending/pending.ts'
import { makeStageBook } from '../pending/stages.ts'
import type { QuarantinedMutation } from '../persist/disk.ts'
import { createPool } from '../pool/pool.ts'
import { makeQuery } from '../query/builder.ts'
import type { Query } from '../query/query.ts'
import { computed, type ReadonlySignal, signal, untracked } from '../reactive.ts'
import type { RowOf } from '../schema/collection.ts'
import type { Visible } from '../schema/schema.ts'
import { runCycle } from '../sync/cycle.ts'
import { createEngine } from '../sync/engine.ts'
import { runLocalCycle } from '../sync/local.ts'
import { listenForPokes } from '../sync/pokes.ts'
import { refusalToError } from '../sync/refusal.ts'
import { createReplica, errorToTidemark, type Replica } from '../sync/replica.ts'
import { makeStatus, readinessOf, type StoreStatus } from '../sync/status.ts'
import { joinTabs, type Tabs } from '../sync/tabs.ts'
import { makeId } from '../util/id.ts'
import { type CollectionFace, makeCollection } from './collection.ts'
import { type Events, makeEvents, type StoreEvent, type StoreEvents } from './events.ts'
import type { Mutate, Written } from './mutate.ts'
import { makeMutations } from './mutations.ts'
import { openDiskOrMemory } from './open.ts'
import { mustOptions, type StoreOptions } from './options.ts'
import { hostWorld, type World } from './world.ts'

/** A store: rows that are there at once, mutations that show at once, and a server that learns of them when it can. */
export interface Store<C, M> {
  /** Questions by collection. */
  readonly query: { readonly [N in Visible<C>]: Query<RowOf<C[N]>> }
  /** Rows one by one, by collection. */
  readonly collections: { readonly [N in Visible<C>]: CollectionFace<C[N]> }
  readonly mutate: Mutate<M>
  /** Unconfirmed mutations, in their order, and their stages by id, also after a reload. */
  readonly mutations: {
    readonly list: ReadonlySignal<readonly PendingMutation[]>
    get(id: string): Written | undefined
  }
  /** Refused mutations, kept with their arguments until they are discarded. */
  readonly quarantine: {
    readonly list: ReadonlySignal<readonly QuarantinedMutation[]>
    discard(id: string): Promise<void>
    discardAll(): Promise<void>
  }
  readonly status: ReadonlySignal<StoreStatus>
  /** Resolves when what is on disk is shown. Raises nothing: a disk that fails leaves a store in memory. */
  readonly ready: Promise<void>
  /** One whole cycle of push and pull. Calls made during one share the next. Raises what the cycle met. */
  sync(): Promise<void>
  goOffline(): void
  goOnline(): void
  on<E extends StoreEvent>(event: E, listener: (detail: StoreEvents[E]) => void): () => void
  /** Writes what is not on disk yet, stops everything. A closed store raises `misuse/closed`. */
  close(): Promise<void>
}

/** An unconfirmed mutation, for people to see. */
export interface PendingMutation {
  readonly id: string
  readonly calls: readonly (readonly [name: string, args: readonly unknown[]])[]
  /** `memory` until it survives a reload, `queued`, `sent`, then `accepted` until its result is shown. */
  readonly stage: 'memory' | 'queued' | 'sent' | 'accepted'
  /** Rows that it writes, as `collection/id`. */
  readonly writes: readonly string[]
}

/**
 * Opens a store. It answers at once; rows that are on disk are in when `ready` resolves.
 * Raises `misuse/options`.
 */
export function createStore<C, M>(options: StoreOptions<C, M>): Store<C, M> {
  const settings = mustOptions(options)
  const { schema, mutators } = settings
  const world: World = { ...hostWorld(options.persistence), ...options.world }
  const { clock, randomBytes } = world
  const events: Events = makeEvents((error) => report(error))
  const report = (error: unknown): void => {
    const failure = errorToTidemark(error, 'bug/invariant')
    // a listener of `error` that throws must not call itself for ever
    untracked(() => events.emit('error', { error: failure }))
  }
  const isClosed = signal(false)
  const disk = signal('opening')
  const mustBeOpen = (): void => {
    if (isClosed.peek()) throw new TidemarkError('misuse/closed')
  }

  const pool = createPool(report)
  const book = makeStageBook()
  const pending = createPending({ pool, mutators, user: settings.user, isDevelopment: world.isDevelopment })
  const replica: Replica = createReplica({
    pool,
    pending,
    book,
    clock,
    randomBytes,
    schemaVersion: schema.version,
    onWritten: () => {
      tabs?.announce()
      if (replica.sendable().length > 0) engine.tell({ type: 'asked' })
    },
    onOutcome: (id, refusal) => {
      if (refusal) events.emit('refused', { id, error: refusalToError(refusal) })
      else events.emit('confirmed', { id })
    },
    report,
  })
  const transport = options.transport?.(world)
  const wire = transport && { transport, replica, space: settings.space, user: settings.user, schemaVersion: schema.version }
  const engine = createEngine({
    cycle: (onProgress, stop) =>
      wire ? runCycle(wire, { onProgress, onResync: (reason) => events.emit('resync', { reason }) }, stop) : runLocalCycle(replica, pending),
    listen: wire?.transport.subscribe ? (on, stop) => listenForPokes(wire, on, stop) : undefined,
    clock,
    randomBytes,
    pollMs: options.pollMs ?? 30_000,
    onSynced: () => {
      events.emit('synced', { version: replica.meta?.version ?? 0 })
      replica.compact().catch(report)
    },
    onFailed: (error) => events.emit(error.code.startsWith('outdated/') ? 'update-needed' : 'error', { error }),
  })
  let tabs: Tabs | undefined

  const name = [settings.name, settings.space, settings.user === null ? 'nobody' : `user ${settings.user}`].map(encodeURIComponent).join('/')
  const open = async (): Promise<void> => {
    const opened = await openDiskOrMemory(name, { world, schemaVersion: schema.version, report })
    disk.value = opened.status
    await replica.open(opened.disk)
    if (isClosed.peek()) return
    tabs = joinTabs(name, world, {
      replica,
      onSync: engine.sync,
      onLead: async () => {
        await replica.lead()
        engine.tell({ type: 'led' })
      },
      onFollowed: () => {
        if (replica.sendable().length > 0) engine.tell({ type: 'asked' })
      },
      onError: report,
    })
  }
  const stopNetwork = world.onNetwork((isOn) => {
    engine.tell({ type: 'network', isOn })
    events.emit(isOn ? 'online' : 'offline', {})
  })
  const stopVisible = world.onVisible(() => {
    if (!replica.isLoaded.peek()) return
    replica.follow().catch(report)
    engine.tell({ type: 'asked' })
  })
  const ready = open().catch(report)

  const status = computed(() => {
    void replica.changed.value
    const { queue, quarantine, meta } = untracked(() => ({ queue: replica.queue, quarantine: replica.quarantine, meta: replica.meta }))
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
      pendingSince: queue[0]?.mutation.at,
      quarantined: quarantine.length,
      disk: disk.value,
      now: clock.now(),
    })
  })
  const lives = createLives({ pool, clock, ready: computed(() => readinessOf(status.value)), onError: report })
  const mutations = makeMutations({ mutators, replica, book, newId: () => makeId(clock.now(), randomBytes), mustBeOpen })
  const setWanted = (isOn: boolean): void => {
    mustBeOpen()
    if (engine.state.peek().isWanted === isOn) return
    engine.tell({ type: 'wanted', isOn })
    events.emit(isOn ? 'online' : 'offline', {})
  }
  const visible = Object.entries(schema.collections).filter(([, { options: { audience } }]) => audience !== 'server')

  const store = {
    query: Object.fromEntries(visible.map(([collection]) => [collection, makeQuery(lives, collection)])),
    collections: Object.fromEntries(visible.map(([collection, definition]) => [collection, makeCollection(collection, definition, { pool, call: mutations.call })])),
    mutate: {
      ...Object.fromEntries([...mutators.byName.keys()].map((mutator) => [mutator, (...args: readonly unknown[]) => mutations.call(mutator, args)])),
      batch: mutations.batch,
    },
    mutations: {
      list: computed(() => {
        void replica.changed.value
        return replica.queue.map(({ mutation, stage }): PendingMutation => ({ id: mutation.id, calls: mutation.calls, stage, writes: [...pending.writesOf(mutation.id).keys()] }))
      }),
      get: mutations.find,
    },
    quarantine: {
      list: computed(() => {
        void replica.changed.value
        return replica.quarantine
      }),
      discard: (id: string) => replica.discard([id]),
      discardAll: () => replica.discard(replica.quarantine.map((held) => held.id)),
    },
    status,
    ready,
    async sync() {
      mustBeOpen()
      await ready
      await replica.flush()
      await tabs?.sync()
    },
    goOffline: () => setWanted(false),
    goOnline: () => setWanted(true),
    on: events.on,
    async close() {
      if (isClosed.peek()) return
      isClosed.value = true
      stopNetwork()
      stopVisible()
      lives.close()
      await ready
      tabs?.close()
      await engine.close()
      await replica.close()
      book.closeAll(new TidemarkError('misuse/closed'))
    },
  }
  return store as unknown as Store<C, M>
}
