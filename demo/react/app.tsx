import { StoreProvider } from 'tidemark/react'
import { people, type Person } from '../schema.ts'
import { createDevice } from './device.ts'
import { Shell } from './shell.tsx'
import { TideBar } from './tide-bar.tsx'
import { Tracker } from './tracker.tsx'
import { useSignal } from './use-signal.ts'

const wanted = new URLSearchParams(location.search)
const user: Person = people.find((person) => person === wanted.get('as')) ?? 'ada'
const device = createDevice({ name: `harbour-${wanted.get('device') ?? 'app'}`, label: 'App', user, space: 'main' })

/** Harbour alone, as people would use it. `?as=grace&device=phone` is another person on another device. */
export function App() {
  const store = useSignal(device.store)
  return (
    <Shell>
      <StoreProvider store={store}>
        <div className="single">
          <Tracker />
          <TideBar device={device} />
        </div>
      </StoreProvider>
    </Shell>
  )
}
