import { countByStatus, findAssigned, findJoined, findTop } from '../../bench/data/answers.ts'
import type { Issue, Tracker } from '../../bench/data/issues.ts'
import type { Subject } from '../../bench/subject.ts'

/** What a subject of the tests does wrong. */
interface Faults {
  /** Alters what it shows of the first open issues. */
  readonly spoil?: (top: readonly Issue[]) => readonly Issue[]
  /** Whether it loses what it called durable. */
  readonly isForgetful?: boolean
  /** Whether it calls back though an answer has not changed. */
  readonly isNoisy?: boolean
}

/** A subject that keeps its rows in arrays and asks every question anew after each change. */
export function makeSubject({ spoil = (top) => top, isForgetful, isNoisy }: Faults = {}): Subject {
  const disks = new Map<string, Tracker>()
  return {
    async openTracker({ name }) {
      let rows: Tracker = disks.get(name) ?? { issues: [], projects: [], users: [] }
      const watching: (() => void)[] = []
      const show = (next: Tracker): void => {
        rows = next
        if (!isForgetful) disks.set(name, next)
        for (const tell of watching) tell()
      }
      const watch = <T>(ask: () => T, callback: (answer: T) => void): void => {
        let shown = ''
        const tell = (): void => {
          const answer = ask()
          const text = JSON.stringify(answer) ?? ''
          if (text !== shown || isNoisy) callback(answer)
          shown = text
        }
        watching.push(tell)
        tell()
      }
      return {
        load: async (tracker) => show(tracker),
        find: (id) => rows.issues.find((issue) => issue.id === id),
        watchTop: (count, callback) => watch(() => spoil(findTop(rows.issues, count)), callback),
        watchJoined: (count, callback) => watch(() => findJoined(rows, count), callback),
        watchIssue: (id, callback) => watch(() => rows.issues.find((issue) => issue.id === id), callback),
        watchAssigned: (id, callback) => watch(() => findAssigned(rows.issues, id), callback),
        watchCounts: (callback) => watch(() => countByStatus(rows.issues), callback),
        patch: async (id, fields) =>
          show({ ...rows, issues: rows.issues.map((issue) => (issue.id === id ? { ...issue, ...fields } : issue)) }),
        renameProject: async (id, name) => show({ ...rows, projects: rows.projects.map((one) => (one.id === id ? { id, name } : one)) }),
        close: async () => {},
      }
    },
  }
}
