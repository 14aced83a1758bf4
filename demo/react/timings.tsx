import { useEffect, useState } from 'react'
import { useStatus } from 'tidemark/react'
import { isPageKept } from './keep-page.ts'
import { useSignal } from './use-signal.ts'

const snapshotKey = 'harbour:places-snapshot-ms'

/** What this device was measured to take, in this browser, on this page. */
export function Timings() {
  const { firstResultMs, snapshotMs } = useTimings()
  const isKept = useSignal(isPageKept)
  return (
    <dl className="timings">
      <Timing name="Snapshot, until it is on disk" ms={snapshotMs} />
      <Timing name="This page, until its first result" ms={firstResultMs} />
      <div>
        <dt>Opens without a network</dt>
        <dd data-kept={isKept}>{isKept ? 'yes' : 'not yet'}</dd>
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

// A snapshot is shown once it is on disk, in one step: the moment in which the store is ready is both.
function useTimings() {
  const { phase } = useStatus()
  const [loadingSince, setLoadingSince] = useState<number>()
  const [firstResultMs, setFirstResultMs] = useState<number>()
  const [snapshotMs, setSnapshotMs] = useState(Number(localStorage.getItem(snapshotKey)) || undefined)
  useEffect(() => {
    if (phase === 'loading') setLoadingSince((since) => since ?? performance.now())
    if (phase !== 'ready') return
    setFirstResultMs((ms) => ms ?? performance.now())
    if (loadingSince === undefined) return
    const took = performance.now() - loadingSince
    localStorage.setItem(snapshotKey, String(took))
    setSnapshotMs(took)
    setLoadingSince(undefined)
  }, [phase, loadingSince])
  return { firstResultMs, snapshotMs }
}
