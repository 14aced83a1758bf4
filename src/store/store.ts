import { TidemarkError } from '../errors.ts'
import { createLives, type Lives } from '../live/live.ts'
import type { QuarantinedMutation } from '../persist/disk.ts'
import { makeQuery } from '../query/builder.ts'
import type { Live, Query } from '../query/query.ts'
import { computed, type ReadonlySignal } from '../reactive.ts'
import type { RowOf } from '../schema/collection.ts'
import type { Visible } from '../schema/schema.ts'
import { readinessOf, type StoreStatus } from '../sync/status.ts'
import { makeId } from '../util/id.ts'
import { type CollectionFace, makeCollection } from './collection.ts'
import { type Events, makeEvents, type StoreEvent, type StoreEvents } from './events.ts'
import type { Mutate, Written } from './mutate.ts'
import { makeMutations, type Mutations } from './mutations.ts'
import { makeRelated } from './related.ts'
import { mustOptions, type StoreOptions, type StoreSettings } from './options.ts'
import { createSession, makeReport, type Session } from './session.ts'
import { hostWorld, type World } from './world.ts'

/** A store: rows that are there at once, mutations that show at once, and a server that learns of them when it can. */
export interface Store<C, M> {
  /** Questions by collection. */
  readonly query: { readonly [N in Visible<C>]: Query<RowOf<C[N]>, C, N> }
  /** Rows one by one, by collection. */
  readonly collections: { readonly [N in Visible<C>]: CollectionFace<C, N> }
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
  const world: World = { ...hostWorld(options.persistence), ...options.world }
  const report = makeReport(() => events)
  const events: Events = makeEvents(report)
  const session = createSession({ settings, connect: options.transport, pollMs: options.pollMs ?? 30_000, world, events, report })
  let isClosed = false
  let closing: Promise<void> | undefined
  const mustBeOpen = (): void => {
    if (isClosed) throw new TidemarkError('misuse/closed')
  }
  const readiness = computed(() => readinessOf(session.status.value))
  const lives = createLives({ pool: session.pool, clock: world.clock, ready: readiness, onError: report, stopwatch: world.stopwatch })
  const newId = (): string => makeId(world.clock.now(), world.randomBytes)
  const mutations = makeMutations({ ...session, mutators: settings.mutators, isDevelopment: world.isDevelopment, newId, mustBeOpen })
  const store = {
    ...makeCollections(settings, { session, lives, mutations }),
    mutate: {
      ...Object.fromEntries(
        [...settings.mutators.byName.keys()].map((name) => [name, (...args: readonly unknown[]) => mutations.call(name, args)]),
      ),
      batch: mutations.batch,
    },
    mutations: { list: makePendingList(session), get: mutations.find },
    quarantine: makeQuarantine(session),
    status: session.status,
    ready: session.ready,
    async sync() {
      mustBeOpen()
      await session.sync()
    },
    goOffline() {
      mustBeOpen()
      session.setWanted(false)
    },
    goOnline() {
      mustBeOpen()
      session.setWanted(true)
    },
    on: events.on,
    close() {
      if (!isClosed) lives.close()
      isClosed = true
      closing ??= session.close()
      return closing
    },
  }
  return store as unknown as Store<C, M>
}

interface Faces {
  readonly session: Session
  readonly lives: Lives
  readonly mutations: Mutations
}

function makeCollections({ schema }: StoreSettings, { session, lives, mutations }: Faces): object {
  const visible = Object.entries(schema.collections).filter(([, { options }]) => options.audience !== 'server')
  const relate = (collection: string, id: string, relation: string): Live<unknown> =>
    makeRelated(lives, schema, { collection, id, relation })
  const parts = { pool: session.pool, status: lives.status, call: mutations.call, relate }
  return {
    query: Object.fromEntries(visible.map(([name]) => [name, makeQuery(lives, schema, name)])),
    collections: Object.fromEntries(visible.map(([name, definition]) => [name, makeCollection(name, definition, parts)])),
  }
}

function makePendingList({ replica, pending }: Session): ReadonlySignal<readonly PendingMutation[]> {
  return computed(() => {
    void replica.changed.value
    return replica.queue.map(({ mutation: { id, calls }, stage }) => ({ id, calls, stage, writes: [...pending.writesOf(id).keys()] }))
  })
}

function makeQuarantine({ replica, ready }: Session): Store<unknown, unknown>['quarantine'] {
  return {
    list: computed(() => {
      void replica.changed.value
      return replica.quarantine
    }),
    discard: async (id) => {
      await ready
      await replica.discard([id])
    },
    discardAll: async () => {
      await ready
      await replica.discard(replica.quarantine.map(({ id }) => id))
    },
  }
}
