import type { ReactNode } from 'react'
import { StoreProvider } from 'tidemark/react'
import { personNames } from './words.ts'
import type { Device } from './device.ts'
import { Avatar } from './icons.tsx'
import { TideBar } from './tide-bar.tsx'
import { useSignal } from './use-signal.ts'

/** A device on the page: whose it is, what it shows, and its tide bar. */
export function Pane({ device, children }: { readonly device: Device; readonly children: ReactNode }) {
  const store = useSignal(device.store)
  const { online } = useSignal(device.network)
  return (
    <StoreProvider store={store}>
      <section className="pane" aria-label={`${personNames[device.user]}’s device`} data-device={device.label} data-online={online}>
        <header className="pane-head">
          <span className="pane-label">{device.label}</span>
          <h2>{personNames[device.user]}’s device</h2>
          <Avatar person={device.user} />
        </header>
        <div className="pane-body" key={generationOf(store)}>
          {children}
        </div>
        <TideBar device={device} />
      </section>
    </StoreProvider>
  )
}

// A new store is a new device: nothing that was open stays open.
const generations = new WeakMap<object, number>()
let lastGeneration = 0
function generationOf(store: object): number {
  const known = generations.get(store)
  if (known !== undefined) return known
  generations.set(store, ++lastGeneration)
  return lastGeneration
}
