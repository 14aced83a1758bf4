import type { Issue } from '../data/issues.ts'

/** The open issues, the last updated first, in one array kept by splicing. `callback` is called at first, and where a change touches the first `count`. */
export function makeTop(issues: Iterable<Issue>, count: number, callback: (top: readonly Issue[]) => void) {
  const open = [...issues].filter(({ status }) => status === 'open').sort((a, b) => b.updatedAt - a.updatedAt)
  const placeOf = ({ updatedAt }: Issue): number => {
    let [low, high] = [0, open.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((open[middle] as Issue).updatedAt > updatedAt) low = middle + 1
      else high = middle
    }
    return low
  }
  const first = (): readonly Issue[] => open.slice(0, count)
  const tell = (): void => callback(first())
  tell()
  return {
    first,
    tell,
    move(before: Issue, after: Issue) {
      let place = Infinity
      const isInPlace = before.status === 'open' && after.status === 'open' && after.updatedAt === before.updatedAt
      if (before.status === 'open') {
        place = placeOf(before)
        if (isInPlace) open[place] = after
        else open.splice(place, 1)
      }
      if (after.status === 'open' && !isInPlace) {
        const next = placeOf(after)
        open.splice(next, 0, after)
        place = Math.min(place, next)
      }
      if (place < count) tell()
    },
  }
}
