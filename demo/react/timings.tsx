import { effect, type ReadonlySignal, signal } from 'tidemark'
import type { Device } from './device.ts'
import { isPageKept } from './keep-page.ts'
import { useSignal } from './use-signal.ts'

const snapshotKey = 'harbour:places-snapshot-ms'

/** What a device was measured to take, in milliseconds. */
export interface Measured {
  readonly firstResultMs?: number
  readonly snapshotMs?: number
}

/** Watches a device from its first moment. A snapshot is shown once it is on disk, in one step: the moment in which the store is ready is both. */
export function measureDevice(device: Device): ReadonlySignal<Measured> {
  const kept = Number(localStorage.getItem(snapshotKey))
  const measured = signal<Measured>(kept > 0 ? { snapshotMs: kept } : {})
  let loadingSince: number | undefined
  effect(() => {
    const phase = device.store.value?.status.value.phase
    if (phase === 'loading') loadingSince ??= performance.now()
    if (phase !== 'ready') return
    const { firstResultMs = performance.now(), ...others } = measured.peek()
    measured.value = { ...others, firstResultMs }
    if (loadingSince === undefined) return
    const snapshotMs = performance.now() - loadingSince
    loadingSince = undefined
    localStorage.setItem(snapshotKey, String(snapshotMs))
    measured.value = { firstResultMs, snapshotMs }
  })
  return measured
}

/** What this device was measured to take, in this browser. */
export function Timings({ measured }: { readonly measured: ReadonlySignal<Measured> }) {
  const { firstResultMs, snapshotMs } = useSignal(measured)
  const isKept = useSignal(isPageKept)
  return (
    <dl className="timings">
      <Timing name="Snapshot, until it is on disk" ms={snapshotMs} />
      <Timing name="This page, until its first result" ms={firstResultMs} />
      <div>
        <dt>Opens without a network</dt>
        <dd>{isKept ? 'yes' : 'not yet'}</dd>
      </div>
    </dl>
  )
}

function Timing({ name, ms }: { readonly name: string; readonly ms: number | undefined }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{ms === undefined ? '…' : `${(ms / 1000).toFixed(2)} s`}</dd>
    </div>
  )
}
