import type { Issue } from './data/issues.ts'
import type { Place, PlaceQuestion } from './data/places.ts'

/** What is measured: a way to keep rows in a page. A further one is one file beside `subjects/tidemark.ts`, and a line in `page.ts` and `run.mjs`. */
export interface Subject {
  readonly version: string
  /** Opens a store of issues; kept on disk, or in memory alone. */
  openIssues(options: { readonly name: string; readonly isKept: boolean }): Promise<Issues>
  /** Opens a store of places over what is on disk, and answers at once: rows may come later. */
  openPlaces(options: PlacesOptions): Places
  /** Fetches all places from a server that a store knows nothing of yet. Resolves when they survive a reload; `onReceived` hears of the last byte. */
  fetchPlaces(options: PlacesOptions, onReceived: () => void): Promise<Places>
}

/** Where places are kept and fetched. */
export interface PlacesOptions {
  readonly name: string
  /** Where the server's protocol is mounted. */
  readonly url: string
}

/** Issues under test. */
export interface Issues {
  /** Resolves when they are shown and, where they are kept, survive a reload. */
  load(issues: readonly Issue[]): Promise<void>
  find(id: string): Issue | undefined
  /** Calls back with the first 50 open issues, the last updated first, whenever they change. */
  watchTop(callback: (issues: readonly Issue[]) => void): void
  /** Shows the change; resolves when it survives a reload. */
  patch(id: string, fields: Partial<Issue>): Promise<unknown>
  close(): Promise<void>
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
