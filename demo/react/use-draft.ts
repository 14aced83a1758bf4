import { useEffect, useEffectEvent, useState } from 'react'

const pauseMs = 250

/** A text that is saved as one types: what is shown is the draft while there is one, else what the store says. */
export function useDraft(stored: string, save: (text: string) => void) {
  const [draft, setDraft] = useState<string>()
  const commit = () => {
    if (draft !== undefined && draft !== stored) save(draft)
    setDraft(undefined)
  }
  const onPause = useEffectEvent(commit)
  useEffect(() => {
    if (draft === undefined) return
    const timer = setTimeout(() => onPause(), pauseMs)
    return () => clearTimeout(timer)
  }, [draft])
  // what was typed last is not lost when its field goes away
  useEffect(() => () => onPause(), [])
  return { text: draft ?? stored, type: setDraft, commit }
}
