import { countByStatus, isCount } from '../data/answers.ts'
import { type Issue, makeRandom, makeTracker, statuses } from '../data/issues.ts'
import { createListener, tellMean, timeAll, timeUpdate } from '../listener.ts'
import type { StatusCount } from '../subject.ts'
import { allRows, type Workload } from '../workload.ts'

const count = 500

/** W6: counts that follow every change. */
export const counts: Workload = {
  name: 'W6',
  about: `how many issues are in each status: one is moved to another, ${count} times; from the call until the live query calls back with the right counts`,
  rows: allRows,
  isForAll: true,
  plot: { over: 'rows', metric: 'mean (ms)' },
  steps: [
    async ({ subject, rows }) => {
      const { issues, ...named } = makeTracker(rows)
      const moves = plan(issues)
      const store = await subject.openTracker({ name: 'w6', isKept: false })
      await store.load({ issues, ...named })
      const counted = createListener<readonly StatusCount[]>('the issues by status')
      store.watchCounts(counted.hear)
      const expected = countByStatus(issues)
      await counted.until((found) => isCount(found, expected))
      const times = await timeAll(moves, ({ id, status, answer }) =>
        timeUpdate([counted.until((found) => isCount(found, answer))], () => store.patch(id, { status })),
      )
      await store.close()
      return tellMean('mean (ms)', times, count)
    },
  ],
}

// counted anew, by a plain loop, for the first and the last; one off and one on between them
function plan(issues: readonly Issue[]) {
  const random = makeRandom(issues.length)
  const rows = [...issues]
  let answer = countByStatus(rows)
  const moves = Array.from({ length: count }, () => {
    const place = random(rows.length)
    const issue = rows[place] as Issue
    const status = statuses[(statuses.indexOf(issue.status as 'open') + 1 + random(statuses.length - 1)) % statuses.length] as string
    rows[place] = { ...issue, status }
    answer = move(answer, issue.status, status)
    return { id: issue.id, status, answer }
  })
  if (!isCount(answer, countByStatus(rows))) throw new Error('the plan of the moves is wrong')
  return moves
}

function move(counts: readonly StatusCount[], from: string, to: string): readonly StatusCount[] {
  const known = counts.some(({ status }) => status === to) ? counts : [...counts, { status: to, count: 0 }]
  const moved = known.map(({ status, count }) => ({ status, count: count - Number(status === from) + Number(status === to) }))
  return moved.filter(({ count }) => count > 0)
}
