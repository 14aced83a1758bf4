import { afterEach, expect, test, vi } from 'vitest'
import { findTop, type Issue, isTop, makeIssues, planUpdates } from '../../bench/data/issues.ts'
import { answer, findTruth, type Place } from '../../bench/data/places.ts'
import type { Subject } from '../../bench/subject.ts'
import { mutationsToDisk } from '../../bench/workloads/mutations-to-disk.ts'
import { mutationToView } from '../../bench/workloads/mutation-to-view.ts'

afterEach(() => void vi.useRealTimers())

/** A subject that keeps issues in a map and asks its question anew after each change; `spoil` alters what it shows. */
function makeSubject(spoil: (top: readonly Issue[]) => readonly Issue[] = (top) => top, isKept = true): Subject {
  const disks = new Map<string, Map<string, Issue>>()
  return {
    version: '0',
    async openIssues({ name }) {
      const kept = disks.get(name) ?? new Map<string, Issue>()
      if (isKept) disks.set(name, kept)
      const issues = new Map(kept)
      let watcher: ((top: readonly Issue[]) => void) | undefined
      const put = (issue: Issue): void => {
        issues.set(issue.id, issue)
        kept.set(issue.id, issue)
      }
      return {
        load: async (rows) => rows.forEach(put),
        find: (id) => issues.get(id),
        watchTop(callback) {
          watcher = callback
        },
        async patch(id, fields) {
          put({ ...(issues.get(id) as Issue), ...fields })
          watcher?.(spoil(findTop([...issues.values()])))
        },
        close: async () => {},
      }
    },
    openPlaces: () => {
      throw new Error('keeps no places')
    },
    fetchPlaces: () => Promise.reject(new Error('keeps no places')),
  }
}

const run = async (steps: typeof mutationToView.steps, subject: Subject) => {
  const times = {}
  for (const step of steps) Object.assign(times, await step({ subject, rows: 400, startedAt: 0 }))
  return times
}

test('a subject that answers rightly is given its times', async () => {
  expect(Object.keys(await run(mutationToView.steps, makeSubject()))).toContain('mean (ms)')
  expect(Object.keys(await run(mutationsToDisk.steps, makeSubject()))).toContain('durable (ms)')
})

test('a subject that shows other rows than the right ones is given none', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const failure = run(
    mutationToView.steps,
    makeSubject((top) => top.slice(1)),
  ).catch((error: unknown) => error)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(String(await failure)).toContain('the right rows were not shown')
})

test('a subject that loses what it called durable is given none', async () => {
  const forgetful = makeSubject(undefined, false)
  await expect(run(mutationsToDisk.steps, forgetful)).rejects.toThrow('after a reload')
})

test('an answer with a row too few, in another order, or with an old title is not the right one', () => {
  const top = findTop(makeIssues(400))
  const [first, second, ...rest] = top as readonly [Issue, Issue, ...Issue[]]
  expect(isTop([first, second, ...rest], top)).toBe(true)
  expect(isTop([first, ...rest], top)).toBe(false)
  expect(isTop([second, first, ...rest], top)).toBe(false)
  expect(isTop([{ ...first, title: 'old' }, second, ...rest], top)).toBe(false)
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

test('the truth about places is by name, ties by id, and no more than were asked for', () => {
  const place = (id: string, name: string, country = 'IT'): Place => ({ id, name, country, admin1: '', lat: 0, lng: 0 })
  const places = [place('3', 'San B'), place('1', 'San C'), place('2', 'San B'), place('4', 'San A', 'FR'), place('5', 'Roma')]
  expect(answer(places, { country: 'IT', prefix: 'San', limit: 2 }).map(({ id }) => id)).toEqual(['2', '3'])
  expect(findTruth(places).count).toBe(5)
})
