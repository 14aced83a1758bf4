import { findJoined, isJoined } from '../data/answers.ts'
import { makeTracker, type Tracker } from '../data/issues.ts'
import { createListener, tellMean, timeAll, timeUpdate } from '../listener.ts'
import type { JoinedIssue } from '../subject.ts'
import { allRows, type Workload } from '../workload.ts'

const count = 200
const size = 50

/** W5: a change on either side of a join. */
export const joinedView: Workload = {
  name: 'W5',
  about: `the first ${size} open issues, each with its project and its assignee: a project renamed, and an issue renamed, ${count} times each; from the call until the live query calls back with the right rows`,
  rows: allRows,
  isForAll: true,
  plot: { over: 'rows', metric: 'mean, project renamed (ms)' },
  steps: [
    async ({ subject, rows }) => {
      const tracker = makeTracker(rows)
      const renames = plan(tracker)
      const store = await subject.openTracker({ name: 'w5', isKept: false })
      await store.load(tracker)
      const joined = createListener<readonly JoinedIssue[]>('the first open issues with their projects and assignees')
      store.watchJoined(size, joined.hear)
      const expected = findJoined(tracker, size)
      await joined.until((found) => isJoined(found, expected))
      const times = await timeAll(
        renames,
        ({ kind, id, name, answer }) =>
          timeUpdate([joined.until((found) => isJoined(found, answer))], () =>
            kind === 'project' ? store.renameProject(id, name) : store.patch(id, { title: name }),
          ),
        2,
      )
      await store.close()
      return {
        ...tellMean('mean, project renamed (ms)', evens(times), count),
        ...tellMean('mean, issue renamed (ms)', odds(times), count),
      }
    },
  ],
}

// projects and issues in turn; what has only a new name moves nowhere
function plan(tracker: Tracker) {
  let answer = findJoined(tracker, size)
  return Array.from({ length: count * 2 }, (_, turn) => {
    const issue = answer[(turn * 7) % answer.length] as JoinedIssue
    const kind = turn % 2 === 0 ? ('project' as const) : ('issue' as const)
    const [id, name] = [kind === 'project' ? issue.projectId : issue.id, `renamed ${turn}`]
    answer = answer.map((one) => {
      if (kind === 'project' && one.projectId === id) return { ...one, project: { name } }
      return kind === 'issue' && one.id === id ? { ...one, title: name } : one
    })
    return { kind, id, name, answer }
  })
}

function evens(times: readonly number[]): readonly number[] {
  return times.filter((_, i) => i % 2 === 0)
}

function odds(times: readonly number[]): readonly number[] {
  return times.filter((_, i) => i % 2 === 1)
}
