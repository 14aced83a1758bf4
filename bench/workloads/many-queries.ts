import { findAssigned, hasSame, isSame } from '../data/answers.ts'
import { type Issue, makeTracker, type Tracker } from '../data/issues.ts'
import { createListener, type Listener, tellMean, timeAll, timeUpdate, untilQuiet } from '../listener.ts'
import type { Subject } from '../subject.ts'
import { allRows, type Workload } from '../workload.ts'

const assignees = Array.from({ length: 20 }, (_, i) => `u${i}`)
const count = 200
const queryCounts = [100, 1000, 10_000] as const
const updates = `${assignees.length} live queries for the open issues of an assignee, and one issue renamed, ${count} times; from the call until both queries that have it have called back with the right rows`

/** W4: one row changes among many live queries. */
export const manyQueries: Workload = {
  name: 'W4',
  about: `1,000 live queries by id and ${updates}; how many callbacks one update makes (2 are right; more are work for nothing); until all have called back at first`,
  rows: allRows,
  isForAll: true,
  plot: { over: 'rows', metric: 'mean (ms)' },
  steps: [async ({ subject, rows }) => measure(subject, rows, 1000)],
}

/** W4 with fewer and with more live queries: how the cost of a change grows with them. */
export const manyMoreQueries: Workload = {
  name: 'W4-queries',
  about: `how W4 grows with the number of live queries by id: beside them ${updates}`,
  rows: [100_000],
  isForAll: false,
  plot: { over: 'live queries by id', metrics: queryCounts.map((queries) => [queries, `mean, ${name(queries)} (ms)`]) },
  steps: [
    async ({ subject, rows }) => {
      const found: Record<string, number> = {}
      // a first round in which the browser compiles; it does not count
      for (const queries of [queryCounts[0], ...queryCounts].filter((queries) => queries <= rows))
        for (const [metric, value] of Object.entries(await measure(subject, rows, queries)))
          found[metric.replace(/( \(ms\)|$)/, `, ${name(queries)}$1`)] = value
      return found
    },
  ],
}

async function measure(subject: Subject, rows: number, queries: number): Promise<Readonly<Record<string, number>>> {
  const tracker = makeTracker(rows)
  const { watched, renamed } = plan(tracker, queries)
  const store = await subject.openTracker({ name: `w4-${queries}`, isKept: false })
  await store.load(tracker)
  let heard = 0
  const onHeard = (): void => void heard++
  const byId = new Map(watched.map(({ id }): [string, Listener<Issue | undefined>] => [id, createListener(`issue ${id}`, onHeard)]))
  const byAssignee = new Map(
    assignees.map((id): [string, Listener<readonly Issue[]>] => [id, createListener(`the issues of ${id}`, onHeard)]),
  )
  const expectedById = new Map(watched.map((issue) => [issue.id, issue]))
  const expectedByAssignee = new Map(assignees.map((id) => [id, findAssigned(tracker.issues, id)]))
  const begun = performance.now()
  for (const [id, { hear }] of byId) store.watchIssue(id, hear)
  for (const [id, { hear }] of byAssignee) store.watchAssigned(id, hear)
  const moments = await Promise.all([
    ...[...byId].map(([id, { until }]) => until((found) => isSame(found, expectedById.get(id)))),
    ...[...byAssignee].map(([id, { until }]) => until((found) => hasSame(found, expectedByAssignee.get(id) ?? []))),
  ])
  const subscribedMs = moments.reduce((latest, at) => Math.max(latest, at), 0) - begun
  await untilQuiet(() => heard)
  heard = 0
  const updating = performance.now()
  const times = await timeAll(renamed, async ({ id, assigneeId, title }) => {
    const one = (byId.get(id) as Listener<Issue | undefined>).until((found) => found?.title === title)
    const assigned = (byAssignee.get(assigneeId) as Listener<readonly Issue[]>).until((found) =>
      found.some((issue) => issue.id === id && issue.title === title),
    )
    return timeUpdate([one, assigned], () => store.patch(id, { title }))
  })
  const wholeMs = performance.now() - updating
  await untilQuiet(() => heard)
  await store.close()
  return {
    ...tellMean('mean (ms)', times, count),
    callbacks: heard / times.length,
    'all subscribed (ms)': subscribedMs,
    'with all that follows (ms)': wholeMs / times.length,
  }
}

// all that are renamed are watched by id, and are in the answer of one assignee
function plan({ issues }: Tracker, queries: number) {
  const assigned = assignees.flatMap((id) => findAssigned(issues, id).slice(0, Math.max(1, Math.floor(queries / assignees.length))))
  const first = new Set(assigned)
  const watched = [...assigned, ...issues.filter((issue) => !first.has(issue))].slice(0, queries)
  const renamed = Array.from({ length: count }, (_, i) => ({ ...(assigned[i % assigned.length] as Issue), title: `renamed ${i}` }))
  return { watched, renamed }
}

function name(queries: number): string {
  return `${queries.toLocaleString('en')} by id`
}
