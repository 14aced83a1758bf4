import { useStore } from 'tidemark/react'
import type { HarbourStore } from './device.ts'

/** The store of the device that this part of the page belongs to. */
export function useHarbour(): HarbourStore {
  return useStore() as unknown as HarbourStore
}
