// What a device is doing, drawn; and the knobs that make its network worse.
import { useId, useState } from 'react'
import { useStatus } from 'tidemark/react'
import type { Device } from './device.ts'
import { Inbox } from './inbox.tsx'
import { QueueChips } from './queue-chips.tsx'
import { useSignal } from './use-signal.ts'

/** The bar below a pane. */
export function TideBar({ device }: { readonly device: Device }) {
  const { online, latencyMs, loss } = useSignal(device.network)
  return (
    <section className="tide" aria-label={`Device ${device.label}`} data-online={online}>
      <div className="tide-knobs">
        <button type="button" className="switch" role="switch" aria-checked={online} onClick={() => device.setNetwork({ online: !online })}>
          <span className="switch-track" aria-hidden="true" />
          <span className="switch-word">{online ? 'Online' : 'Offline'}</span>
        </button>
        <Slider
          label="Latency"
          max={3000}
          step={100}
          value={latencyMs}
          text={`${(latencyMs / 1000).toFixed(1)} s`}
          onChange={(value) => device.setNetwork({ latencyMs: value })}
        />
        <Slider
          label="Loss"
          max={0.6}
          step={0.05}
          value={loss}
          text={`${Math.round(loss * 100)} %`}
          onChange={(value) => device.setNetwork({ loss: value })}
        />
        <ResetDisk device={device} />
      </div>
      <QueueChips />
      <Facts />
    </section>
  )
}

interface SliderProps {
  readonly label: string
  readonly max: number
  readonly step: number
  readonly value: number
  readonly text: string
  readonly onChange: (value: number) => void
}

function Slider({ label, max, step, value, text, onChange }: SliderProps) {
  const id = useId()
  return (
    <div className="slider">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="range"
        min={0}
        max={max}
        step={step}
        value={value}
        aria-valuetext={text}
        onChange={(event) => onChange(Number(event.target.value))}
      />
      <output htmlFor={id}>{text}</output>
    </div>
  )
}

function ResetDisk({ device }: { readonly device: Device }) {
  const [isBusy, setIsBusy] = useState(false)
  const reset = async () => {
    setIsBusy(true)
    try {
      await device.reset()
    } finally {
      setIsBusy(false)
    }
  }
  return (
    <button
      type="button"
      className="button quiet"
      title="Deletes this device’s database and begins anew"
      disabled={isBusy}
      onClick={() => void reset()}
    >
      Reset disk
    </button>
  )
}

function Facts() {
  const { version, leader, live, disk, connection } = useStatus()
  return (
    <ul className="facts" aria-label="State">
      <li title="The version of the space that is shown">
        version <b data-fact="version">{version}</b>
      </li>
      <li title="How news arrives">{connection === 'offline' ? 'cut off' : live ? 'live' : 'asking now and then'}</li>
      <li title="One tab of a device syncs for all">{leader ? 'leads' : 'follows'}</li>
      <li title="Where the data is kept">{disk}</li>
      <li>
        <Inbox />
      </li>
    </ul>
  )
}
