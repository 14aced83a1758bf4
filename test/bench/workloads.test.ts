import { afterEach, expect, test, vi } from 'vitest'
import { findTop, isJoined, isTop } from '../../bench/data/answers.ts'
import { type Issue, makeIssues } from '../../bench/data/issues.ts'
import { answer, findTruth, type Place } from '../../bench/data/places.ts'
import { planUpdates } from '../../bench/data/updates.ts'
import { createViews } from '../../bench/floor/views.ts'
import { subject as floor } from '../../bench/subjects/floor.ts'
import type { Subject } from '../../bench/subject.ts'
import type { Workload } from '../../bench/workload.ts'
import { counts } from '../../bench/workloads/counts.ts'
import { joinedView } from '../../bench/workloads/joined-view.ts'
import { manyQueries } from '../../bench/workloads/many-queries.ts'
import { memory } from '../../bench/workloads/memory.ts'
import { mutationsToDisk } from '../../bench/workloads/mutations-to-disk.ts'
import { mutationToView } from '../../bench/workloads/mutation-to-view.ts'
import { makeSubject } from './kit.ts'

afterEach(() => void vi.useRealTimers())

// the page's own timers are its watchdog and its wait for quiet: they run as fast as the test does
const run = async ({ steps }: Workload, subject: Subject): Promise<Readonly<Record<string, number>>> => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const times = {}
  let isDone = false
  const running = (async () => {
    for (const step of steps) Object.assign(times, await step({ subject, rows: 400, startedAt: 0 }))
    return times
  })().finally(() => (isDone = true))
  running.catch(() => {})
  while (!isDone) {
    await new Promise((resolve) => setImmediate(resolve))
    await vi.advanceTimersByTimeAsync(20)
  }
  return running
}

test.each([mutationToView, manyQueries, joinedView, counts])(
  '$name gives its times to a subject that answers rightly, and to the floor',
  async (workload) => {
    const metrics = Object.keys(await run(workload, makeSubject()))
    expect(metrics.some((metric) => metric.startsWith('mean'))).toBe(true)
    expect(Object.keys(await run(workload, floor))).toEqual(metrics)
  },
)

test('W7 and W8 give their times to a subject that answers rightly', async () => {
  expect(Object.keys(await run(mutationsToDisk, makeSubject()))).toContain('durable (ms)')
  expect(await run(memory, makeSubject())).toEqual({})
})

test.each([mutationToView, memory])('$name gives none to a subject that shows other rows than the right ones', async (workload) => {
  const subject = makeSubject({ spoil: (top) => top.slice(1) })
  await expect(run(workload, subject)).rejects.toThrow('the right answer was not heard')
})

test('a subject that loses what it called durable is given none', async () => {
  await expect(run(mutationsToDisk, makeSubject({ isForgetful: true }))).rejects.toThrow('after a reload')
})

test('a subject that refuses an update fails at once', async () => {
  const subject: Subject = {
    openTracker: async (options) => ({ ...(await makeSubject().openTracker(options)), patch: () => Promise.reject(new Error('no')) }),
  }
  await expect(run(counts, subject)).rejects.toThrow('no')
})

test('W4 counts the callbacks: two are right, and each one for nothing shows', async () => {
  expect((await run(manyQueries, makeSubject())).callbacks).toBe(2)
  expect((await run(manyQueries, makeSubject({ isNoisy: true }))).callbacks).toBe(400 + 20)
})

test('an answer with a row too few, in another order, or with an old title is not the right one', () => {
  const top = findTop(makeIssues(400))
  const [first, second, ...rest] = top as readonly [Issue, Issue, ...Issue[]]
  expect(isTop([first, second, ...rest], top)).toBe(true)
  expect(isTop([first, ...rest], top)).toBe(false)
  expect(isTop([second, first, ...rest], top)).toBe(false)
  expect(isTop([{ ...first, title: 'old' }, second, ...rest], top)).toBe(false)
})

test('an answer with the old name of a project is not the right one', () => {
  const joined = findTop(makeIssues(400)).map((issue) => ({ ...issue, project: { name: 'new' }, assignee: { name: 'who' } }))
  expect(isJoined(joined, joined)).toBe(true)
  expect(
    isJoined(
      joined.map((one) => ({ ...one, project: { name: 'old' } })),
      joined,
    ),
  ).toBe(false)
  expect(
    isJoined(
      joined.map((one) => ({ ...one, assignee: undefined })),
      joined,
    ),
  ).toBe(false)
})

test('updates come in four kinds, and the answer after each is what sorting all rows says', () => {
  const issues = makeIssues(400)
  const rows = new Map(issues.map((issue) => [issue.id, issue]))
  const updates = planUpdates(issues, 40)
  for (const { id, fields, top } of updates) {
    rows.set(id, { ...(rows.get(id) as Issue), ...fields })
    const open = [...rows.values()].filter(({ status }) => status === 'open').toSorted((a, b) => b.updatedAt - a.updatedAt)
    expect(top).toEqual(open.slice(0, 50))
  }
  expect(new Set(updates.map(({ kind }) => kind)).size).toBe(4)
  expect(new Set(issues.map(({ updatedAt }) => updatedAt)).size).toBe(400)
})

test('too few rows for a workload are told so', () => {
  expect(() => planUpdates(makeIssues(100), 4)).toThrow('too few')
})

test("the floor's views say after each of many changes what a plain loop says", () => {
  const issuesById = new Map(makeIssues(400).map((issue) => [issue.id, issue]))
  const views = createViews({ issuesById, projectsById: new Map(), usersById: new Map() })
  const shown: { top: readonly Issue[]; mine: readonly Issue[] } = { top: [], mine: [] }
  views.watchTop(10, (top) => (shown.top = top))
  views.watchAssigned('u1', (mine) => (shown.mine = mine))
  for (let i = 0; i < 300; i++) {
    const before = [...issuesById.values()][(i * 7) % 400] as Issue
    const after = { ...before, status: i % 3 === 0 ? 'done' : 'open', assigneeId: `u${i % 4}`, updatedAt: before.updatedAt + i * 100_000 }
    issuesById.set(after.id, after)
    views.move(before, after)
    expect(shown.top).toEqual(findTop([...issuesById.values()], 10))
    const mine = [...issuesById.values()].filter(({ status, assigneeId }) => status === 'open' && assigneeId === 'u1')
    expect(new Set(shown.mine.map(({ id }) => id))).toEqual(new Set(mine.map(({ id }) => id)))
  }
})

test('the truth about places is by name, ties by id, and no more than were asked for', () => {
  const place = (id: string, name: string, country = 'IT'): Place => ({ id, name, country, admin1: '', lat: 0, lng: 0 })
  const places = [place('3', 'San B'), place('1', 'San C'), place('2', 'San B'), place('4', 'San A', 'FR'), place('5', 'Roma')]
  expect(answer(places, { country: 'IT', prefix: 'San', limit: 2 }).map(({ id }) => id)).toEqual(['2', '3'])
  expect(findTruth(places).count).toBe(5)
})
