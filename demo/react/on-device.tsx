import type { ReactNode } from 'react'
import { StoreProvider } from 'tidemark/react'
import type { Device } from './device.ts'
import { useSignal } from './use-signal.ts'

/** What works with the store of a device; after a reset it begins anew, with nothing open. */
export function OnDevice({ device, children }: { readonly device: Device; readonly children: ReactNode }) {
  const store = useSignal(device.store)
  if (!store) return <p className="empty">This device’s disk is being deleted …</p>
  return <StoreProvider store={store}>{children}</StoreProvider>
}
