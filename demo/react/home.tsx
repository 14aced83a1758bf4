import { createDevice } from './device.ts'
import { Hint } from './hint.tsx'
import { OnDevice } from './on-device.tsx'
import { Pane } from './pane.tsx'
import { Shell } from './shell.tsx'
import { Tracker } from './tracker.tsx'

const devices = [
  createDevice({ name: 'harbour-a', label: 'A', user: 'ada', space: 'main' }),
  createDevice({ name: 'harbour-b', label: 'B', user: 'grace', space: 'main' }),
] as const

/** Two people's devices side by side, each with a database of its own. */
export function Home() {
  return (
    <Shell actions={<KillPage />}>
      <OnDevice device={devices[0]}>
        <Hint device={devices[0]} />
      </OnDevice>
      <div className="panes">
        {devices.map((device) => (
          <Pane key={device.name} device={device}>
            <Tracker />
          </Pane>
        ))}
      </div>
    </Shell>
  )
}

// No close(), no good-bye: whatever is on disk at this moment is all that is left.
function KillPage() {
  return (
    <button type="button" className="button quiet" title="Reloads the page without a clean stop" onClick={() => location.reload()}>
      Kill page
    </button>
  )
}
