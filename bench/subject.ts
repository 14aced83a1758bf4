import type { Issue, Tracker } from './data/issues.ts'
import type { Place, PlaceQuestion } from './data/places.ts'

/** What is measured: a way to keep rows in a page. A further one is a file with a `subject`, and a line in `subjects.mjs`. */
export interface Subject {
  /** Opens a tracker without rows; kept on disk, or in memory alone where the subject can. */
  openTracker(options: { readonly name: string; readonly isKept: boolean }): Promise<TrackerStore>
  /** Left out by a subject that takes no part in the workloads of the places. */
  readonly places?: PlacesSubject
}

/** A tracker under test. Each `watch…` calls back with the answer as soon as it has one, and whenever the answer changes. */
export interface TrackerStore {
  /** Resolves when all rows are shown and, where they are kept, survive a reload. */
  load(tracker: Tracker): Promise<void>
  /** Needed for W7 alone. */
  find?(id: string): Issue | undefined
  /** The first `count` open issues, the last updated first. */
  watchTop(count: number, callback: (issues: readonly Issue[]) => void): void
  /** The first `count` open issues, the last updated first, each with its project and its assignee. */
  watchJoined(count: number, callback: (issues: readonly JoinedIssue[]) => void): void
  watchIssue(id: string, callback: (issue: Issue | undefined) => void): void
  /** The open issues of one assignee, in any order. */
  watchAssigned(assigneeId: string, callback: (issues: readonly Issue[]) => void): void
  /** How many issues are in each status that has any, in any order. */
  watchCounts(callback: (counts: readonly StatusCount[]) => void): void
  /** Shows the change; resolves when it survives a reload, where it is kept. */
  patch(id: string, fields: Partial<Issue>): Promise<unknown>
  renameProject(id: string, name: string): Promise<unknown>
  close(): Promise<void>
}

/** An issue with the rows that it names. */
export interface JoinedIssue extends Issue {
  readonly project: { readonly name: string } | null | undefined
  readonly assignee: { readonly name: string } | null | undefined
}

/** How many issues are in one status. */
export interface StatusCount {
  readonly status: string
  readonly count: number
}

/** A way to keep the world's places, and to fetch them. */
export interface PlacesSubject {
  /** Opens a store of places over what is on disk, and answers at once: rows may come later. */
  open(options: PlacesOptions): Places
  /** Fetches all places from a server that a store knows nothing of yet. Resolves when they survive a reload; `onReceived` hears of the last byte. */
  fetch(options: PlacesOptions, onReceived: () => void): Promise<Places>
}

/** Where places are kept and fetched. */
export interface PlacesOptions {
  readonly name: string
  /** Where the server's protocol is mounted. */
  readonly url: string
}

/** Places under test. */
export interface Places {
  /** Resolves when every row can be asked for. */
  readonly whole: Promise<unknown>
  /** Calls back with the answer whenever it changes. */
  watch(question: PlaceQuestion, callback: (places: readonly Place[]) => void): void
  count(): number
  close(): Promise<void>
}
