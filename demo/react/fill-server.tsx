import { useEffect, useEffectEvent, useState } from 'react'
import { say } from './toast.tsx'

const all = 171_075

/** Has the server fill its space `places`, if it has not yet: ordinary mutations of a thousand rows each. */
export function FillServer({ onFilled }: { readonly onFilled: () => void }) {
  const [done, setDone] = useState<number>()
  const [isBusy, setIsBusy] = useState(false)
  const onCounted = useEffectEvent((count: number) => {
    if (count >= all) onFilled()
    else setDone(count)
  })
  useEffect(() => {
    countPlaces()
      .then((count) => onCounted(count))
      .catch(() => say('The server cannot be reached. Load the page again when it is back.'))
  }, [])

  const fill = async () => {
    setIsBusy(true)
    try {
      for await (const progress of fillServer()) setDone(progress)
      onFilled()
    } catch (error) {
      say(`The server could not be filled: ${String(error)}`)
      setIsBusy(false)
    }
  }
  return (
    <div className="empty">
      <p>
        {isBusy
          ? `The server has ${(done ?? 0).toLocaleString()} of ${all.toLocaleString()} places.`
          : 'The server does not have the places yet. Filling it takes some seconds, once.'}
      </p>
      {isBusy ? (
        <progress aria-label="Filling the server" max={all} value={done ?? 0} />
      ) : (
        <button type="button" className="button primary" disabled={done === undefined} onClick={() => void fill()}>
          Load 171,075 places
        </button>
      )}
    </div>
  )
}

async function countPlaces(): Promise<number> {
  const answer = await fetch('/demo/places')
  return ((await answer.json()) as { readonly done: number }).done
}

// The answer is a line of JSON a step.
async function* fillServer(): AsyncGenerator<number> {
  const { body } = await fetch('/demo/places', { method: 'POST' })
  const reader = (body as ReadableStream<Uint8Array<ArrayBuffer>>).pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  let done = 0
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const lines = (text + part.value).split('\n')
    text = lines.pop() ?? ''
    for (const line of lines) yield (done = (JSON.parse(line) as { done: number }).done)
  }
  if (done < all) throw new Error(`it ended after ${done}`)
}
