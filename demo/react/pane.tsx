import type { ReactNode } from 'react'
import type { Device } from './device.ts'
import { Avatar } from './icons.tsx'
import { OnDevice } from './on-device.tsx'
import { TideBar } from './tide-bar.tsx'
import { personNames } from './words.ts'

/** A device on the page: whose it is, what it shows, and its tide bar. */
export function Pane({ device, children }: { readonly device: Device; readonly children: ReactNode }) {
  return (
    <section className="pane" aria-label={`${personNames[device.user]}’s device`} data-device={device.label}>
      <header className="pane-head">
        <span className="pane-label">{device.label}</span>
        <h2>{personNames[device.user]}’s device</h2>
        <Avatar person={device.user} />
      </header>
      <OnDevice device={device}>
        <div className="pane-body">{children}</div>
        <TideBar device={device} />
      </OnDevice>
    </section>
  )
}
