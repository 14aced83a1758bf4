import { findTop, isTop, topCount } from '../data/answers.ts'
import { type Issue, makeTracker } from '../data/issues.ts'
import { createListener } from '../listener.ts'
import { allRows, type Workload } from '../workload.ts'

/** W8: what rows in memory weigh. */
export const memory: Workload = {
  name: 'W8',
  about: `the rows loaded, and the first ${topCount} open issues watched; the page's whole JavaScript heap, the subject's own code included, after three forced collections. What a subject keeps on disk alone is not in it`,
  rows: allRows,
  isForAll: true,
  isWeighed: true,
  plot: { over: 'rows', metric: 'heap (MiB)' },
  steps: [
    async ({ subject, rows }) => {
      const store = await subject.openTracker({ name: 'w8', isKept: false })
      // held until the page is weighed, as an application would hold it
      Object.assign(globalThis, { held: store })
      await store.load(makeTracker(rows))
      const top = createListener<readonly Issue[]>('the first open issues')
      store.watchTop(topCount, top.hear)
      Object.assign(globalThis, { heard: top })
      const expected = findTop(makeTracker(rows).issues)
      await top.until((found) => isTop(found, expected))
      return {}
    },
  ],
}
