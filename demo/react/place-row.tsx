import { useState } from 'react'
import { useEntity, useStore } from 'tidemark/react'
import type { Place } from '../schema.ts'
import { PendingDot } from './issue-row.tsx'
import { act } from './toast.tsx'

/** A place of an answer, the one at `index`; its name is corrected in place. */
export function PlaceRow({ place, index }: { readonly place: Place; readonly index: number }) {
  const entity = useStore().collections.places.entity(place.id)
  const { pending } = useEntity(entity)
  const [draft, setDraft] = useState<string>()
  const save = () => {
    const name = draft?.trim()
    if (name && name !== place.name) act(() => entity.patch({ name }))
    setDraft(undefined)
  }
  return (
    <tr data-place={place.id} aria-rowindex={index + 2}>
      <td>
        <span className="place-name">
          <PendingDot isPending={pending} />
          {draft === undefined ? (
            <button type="button" className="row-title" onClick={() => setDraft(place.name)}>
              {place.name}
            </button>
          ) : (
            <input
              className="row-input"
              aria-label="Name"
              autoFocus
              maxLength={200}
              value={draft}
              onChange={(event) => setDraft(event.target.value)}
              onBlur={save}
              onKeyDown={(event) => {
                if (event.key === 'Enter') save()
                if (event.key === 'Escape') setDraft(undefined)
              }}
            />
          )}
        </span>
      </td>
      <td>{place.admin1}</td>
      <td className="number">{place.lat.toFixed(4)}</td>
      <td className="number">{place.lng.toFixed(4)}</td>
    </tr>
  )
}
