import { people, type Person } from '../schema.ts'
import { createDevice } from './device.ts'
import { OnDevice } from './on-device.tsx'
import { Shell } from './shell.tsx'
import { TideBar } from './tide-bar.tsx'
import { Tracker } from './tracker.tsx'

const wanted = new URLSearchParams(location.search)
const user: Person = people.find((person) => person === wanted.get('as')) ?? 'ada'
const device = createDevice({ name: `harbour-${wanted.get('device') ?? 'app'}`, label: 'App', user, space: 'main' })

/** Harbour alone, as people would use it. `?as=grace&device=phone` is another person on another device. */
export function App() {
  return (
    <Shell>
      <OnDevice device={device}>
        <div className="single">
          <Tracker />
          <TideBar device={device} />
        </div>
      </OnDevice>
    </Shell>
  )
}
