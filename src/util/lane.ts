/**
 * A lane for one task at a time: a call while it is idle starts a run, and all calls made during a run share the next one.
 * Each caller hears how its own run ended.
 */
export function createLane(run: () => Promise<void>): () => Promise<void> {
  let current: Promise<void> | undefined
  let next: Promise<void> | undefined
  const start = (): Promise<void> => {
    next = undefined
    const mine = run().finally(() => {
      if (current === mine) current = undefined
    })
    current = mine
    return mine
  }
  return () => {
    if (!current) return start()
    next ??= current.then(start, start)
    return next
  }
}
