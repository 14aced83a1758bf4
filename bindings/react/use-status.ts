'use client'
import type { Store, StoreStatus } from '../../src/index.ts'
import { useStoreOr } from './provider.ts'
import { useSignal } from './use-signal.ts'

/** What a store is doing: the one given, or the nearest provider’s. Raises `misuse/no-provider`. */
export function useStatus(store?: Pick<Store<unknown, unknown>, 'status'>): StoreStatus {
  return useSignal(useStoreOr(store).status, opening)
}

const opening: StoreStatus = {
  phase: 'opening',
  connection: 'offline',
  live: false,
  reason: undefined,
  pending: 0,
  oldestPendingMs: 0,
  quarantined: 0,
  lastSyncedAt: null,
  version: 0,
  progress: undefined,
  leader: false,
  disk: 'opening',
  health: 'ok',
}
