import { findTop, isTop, topCount } from '../data/answers.ts'
import { type Issue, makeTracker } from '../data/issues.ts'
import { planUpdates, type Update, updateKinds } from '../data/updates.ts'
import { createListener, tellMean, timeAll, timeUpdate } from '../listener.ts'
import type { Subject } from '../subject.ts'
import { allRows, type Workload } from '../workload.ts'

const count = 1000
const windows = [10, 100, 1000, 10_000] as const
const windowUpdates = 100
const updates =
  'one jumps into the first open issues, one is renamed there, one leaves (the next is pulled in), the same comes back; from the call until the live query calls back with the right rows'

/** W3: from a mutation's call to the callback of a live query with the right rows. */
export const mutationToView: Workload = {
  name: 'W3',
  about: `${count.toLocaleString('en')} updates in turn, in memory: ${updates}; the first ${topCount}`,
  rows: allRows,
  isForAll: true,
  plot: { over: 'rows', metric: 'mean (ms)' },
  steps: [
    async ({ subject, rows }) => {
      const { times, wholeMs } = await measure(subject, { rows, size: topCount, count })
      const sorted = times.toSorted((a, b) => a - b)
      return {
        ...tellMean('mean (ms)', times, count),
        'median (ms)': sorted[Math.floor(times.length / 2)] as number,
        'p95 (ms)': sorted[Math.floor(times.length * 0.95)] as number,
        'slowest (ms)': sorted.at(-1) as number,
        ...Object.fromEntries(updateKinds.map((kind, i) => [`mean, ${kind} (ms)`, mean(times.filter((_, turn) => turn % 4 === i))])),
        'with all that follows (ms)': wholeMs / times.length,
      }
    },
  ],
}

/** W3 over answers of several sizes: how the cost of a change grows with them. */
export const mutationToLargeView: Workload = {
  name: 'W3-size',
  about: `how W3 grows with the size of the answer: ${windowUpdates} updates for each size, ${updates}`,
  rows: [100_000],
  isForAll: false,
  plot: { over: 'rows in the answer', metrics: windows.map((size) => [size, nameOf(size)]) },
  steps: [
    async ({ subject, rows }) => {
      const means: Record<string, number> = {}
      // a first round in which the browser compiles; it does not count
      for (const size of [windows[0], ...windows].filter((size) => size * 5 <= rows))
        means[nameOf(size)] = mean((await measure(subject, { rows, size, count: windowUpdates })).times)
      return means
    },
  ],
}

async function measure(subject: Subject, asked: { readonly rows: number; readonly size: number; readonly count: number }) {
  const tracker = makeTracker(asked.rows)
  const planned = planUpdates(tracker.issues, asked.count, asked.size)
  const store = await subject.openTracker({ name: `w3-${asked.size}`, isKept: false })
  await store.load(tracker)
  const top = createListener<readonly Issue[]>(`the first ${asked.size} open issues`)
  store.watchTop(asked.size, top.hear)
  const expected = findTop(tracker.issues, asked.size)
  await top.until((found) => isTop(found, expected))
  const time = (update: Update): Promise<number> =>
    timeUpdate([top.until((found) => isTop(found, update.top))], () => store.patch(update.id, update.fields))
  const begun = performance.now()
  const times = await timeAll(planned, time, updateKinds.length)
  const wholeMs = performance.now() - begun
  await store.close()
  return { times, wholeMs }
}

function nameOf(size: number): string {
  return `mean, first ${size.toLocaleString('en')} (ms)`
}

function mean(times: readonly number[]): number {
  return times.reduce((sum, time) => sum + time, 0) / times.length
}
