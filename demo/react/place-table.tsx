// The places that match, by name: virtual, and loaded as they are scrolled to.
import { useVirtualizer } from '@tanstack/react-virtual'
import { useLayoutEffect, useMemo, useRef } from 'react'
import { useQuery, useStore } from 'tidemark/react'
import type { HarbourStore } from './device.ts'
import { PlaceRow } from './place-row.tsx'
import { useSignal } from './use-signal.ts'
import { literally } from './view.ts'

const rowHeight = 36
const pageSize = 200

interface PlaceTableProps {
  /** Its code; empty for all of them. */
  readonly country: string
  readonly prefix: string
}

/** The places of a country, or of all, whose names begin with some letters; and how many they are. */
export function PlaceTable({ country, prefix }: PlaceTableProps) {
  const { query } = useStore()
  const scroller = useRef<HTMLDivElement>(null)
  const found = findPlaces(query, { country, prefix })
  const { data: count } = useQuery(found.count())
  const window = useMemo(() => findPlaces(query, { country, prefix }).orderBy('name').limit(pageSize).infinite(), [query, country, prefix])
  const places = useSignal(window)
  // oxlint-disable-next-line react/incompatible-library -- we use no compiler that would have to know
  const virtual = useVirtualizer({
    count: places.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => places[index]?.id ?? index,
    overscan: 12,
  })
  const rows = virtual.getVirtualItems()
  const last = rows.at(-1)
  // before the browser paints: nobody meets an end that is none
  useLayoutEffect(() => {
    if (last?.index === places.length - 1) window.more()
  })
  if (count === 0) return <p className="empty">No place here begins like that.</p>
  return (
    <>
      <p className="places-count" role="status">
        {count.toLocaleString()} {count === 1 ? 'place' : 'places'}, by name. Choose a name to correct it.
      </p>
      <div className="places-list" ref={scroller}>
        <table aria-label="Places" aria-rowcount={count + 1}>
          <thead>
            <tr aria-rowindex={1}>
              <th scope="col">Name</th>
              <th scope="col">Region</th>
              <th scope="col">Latitude</th>
              <th scope="col">Longitude</th>
            </tr>
          </thead>
          <tbody>
            <Gap height={rows[0]?.start ?? 0} />
            {rows.map(({ index }) => {
              const place = places[index]
              return place && <PlaceRow key={place.id} place={place} index={index} />
            })}
            <Gap height={virtual.getTotalSize() - (last?.end ?? 0)} />
          </tbody>
        </table>
      </div>
    </>
  )
}

function Gap({ height }: { readonly height: number }) {
  return (
    <tr className="places-gap" aria-hidden="true" hidden={height === 0} style={{ height }}>
      <td />
    </tr>
  )
}

function findPlaces({ places }: HarbourStore['query'], { country, prefix }: PlaceTableProps) {
  const here = country === '' ? places : places.where('country', '=', country)
  return prefix === '' ? here : here.where('name', 'ilike', `${literally(prefix)}%`)
}
