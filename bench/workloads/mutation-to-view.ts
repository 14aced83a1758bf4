import { isTop, makeIssues, planUpdates, type Update } from '../data/issues.ts'
import type { Issues } from '../subject.ts'
import { nextTask, type Workload } from '../workload.ts'

const count = 1000

/** W3: from a mutation's call to the callback of a live query with the right rows. */
export const mutationToView: Workload = {
  name: 'W3',
  about:
    '1,000 updates in turn, in memory: one jumps into the first 50 open issues, one is renamed there, one leaves, the same comes back; from the call until the live query calls back with the right rows',
  rows: [1000, 10_000, 100_000],
  steps: [
    async ({ subject, rows }) => {
      const issues = makeIssues(rows)
      const updates = planUpdates(issues, count)
      const store = await subject.openIssues({ name: 'w3', isKept: false })
      await store.load(issues)
      const watch = watchTop(store)
      const begun = performance.now()
      const times: number[] = []
      for (const update of updates) {
        times.push(await timeUpdate(store, watch, update))
        // what a store does after it has shown a change has its turn, outside the clock
        await nextTask()
      }
      const whole = performance.now() - begun
      await store.close()
      const sorted = times.toSorted((a, b) => a - b)
      return {
        'mean (ms)': times.reduce((sum, time) => sum + time, 0) / count,
        'median (ms)': sorted[count / 2] as number,
        'p95 (ms)': sorted[Math.floor(count * 0.95)] as number,
        'slowest (ms)': sorted[count - 1] as number,
        'with all that follows (ms)': whole / count,
      }
    },
  ],
}

interface Watch {
  /** What the next callback must say for its moment to be told. */
  expect(update: Update): Promise<number>
}

function watchTop(store: Issues): Watch {
  let waiting: { readonly update: Update; readonly resolve: (at: number) => void } | undefined
  store.watchTop((found) => {
    const at = performance.now()
    if (!waiting || !isTop(found, waiting.update.top)) return
    waiting.resolve(at)
    waiting = undefined
  })
  return { expect: (update) => new Promise((resolve) => (waiting = { update, resolve })) }
}

async function timeUpdate(store: Issues, watch: Watch, update: Update): Promise<number> {
  const seen = watch.expect(update)
  const called = performance.now()
  store.patch(update.id, update.fields).catch(() => {})
  return (await within(seen, `an issue that ${update.kind}`)) - called
}

/** Raises where the right rows do not come in time. */
function within<T>(work: Promise<T>, what: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout>
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`the right rows were not shown after ${what}`)), 10_000)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}
