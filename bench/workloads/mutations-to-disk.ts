import { type Issue, makeIssues, makeTracker } from '../data/issues.ts'
import { mustEqual, type Workload } from '../workload.ts'

const count = 1000
const name = 'w7'

/** W7: from the calls of many single mutations until all survive a reload. */
export const mutationsToDisk: Workload = {
  name: 'W7',
  about: '1,000 single mutations in turn, kept on disk; until each call has returned and a read shows it, and until all survive a reload',
  rows: [10_000],
  isForAll: false,
  plot: { over: 'rows', metric: 'durable (ms)' },
  steps: [
    async ({ subject, rows }) => {
      const tracker = makeTracker(rows)
      const store = await subject.openTracker({ name, isKept: true })
      await store.load(tracker)
      const begun = performance.now()
      const durable: Promise<unknown>[] = []
      for (const { id, fields } of changes(tracker.issues)) {
        durable.push(store.patch(id, fields))
        if (store.find?.(id)?.title !== fields.title) throw new Error(`the call has returned, and a read does not show ${fields.title}`)
      }
      const shown = performance.now()
      await Promise.all(durable)
      const kept = performance.now()
      return { 'local, all calls (ms)': shown - begun, 'durable (ms)': kept - begun }
    },
    async ({ subject, rows }) => {
      const expected = new Map(makeIssues(rows).map((issue): [string, Issue] => [issue.id, issue]))
      for (const { id, fields } of changes([...expected.values()])) expected.set(id, { ...(expected.get(id) as Issue), ...fields })
      const store = await subject.openTracker({ name, isKept: true })
      for (const [id, issue] of expected) mustEqual(store.find?.(id)?.title, issue.title, `after a reload, the title of ${id}`)
      await store.close()
      return {}
    },
  ],
}

function changes(issues: readonly Issue[]): readonly { readonly id: string; readonly fields: Pick<Issue, 'title'> }[] {
  const step = Math.max(1, Math.floor(issues.length / count))
  return Array.from({ length: count }, (_, i) => ({
    id: (issues[(i * step) % issues.length] as Issue).id,
    fields: { title: `changed ${i}` },
  }))
}
