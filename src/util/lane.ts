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
    // a run that is over may have one behind it that has not begun
    if (!current && !next) return start()
    next ??= (current as Promise<void>).then(start, start)
    return next
  }
}
