import type { Subject } from './subject.ts'

/** One thing that is measured, in one page or in several, one after another over the same profile of the browser. */
export interface Workload {
  readonly name: string
  /** What is done and when the clock stops, in a sentence. */
  readonly about: string
  /** The numbers of rows that are measured unless others are asked for. */
  readonly rows: readonly number[]
  /** Who takes part: all, or Tidemark and the floor alone. */
  readonly isForAll: boolean
  /** What is drawn: one metric over the rows, or several metrics of one number of rows, each at its place. */
  readonly plot: Plot
  /** The database of the server that the page talks to. */
  readonly server?: 'memory' | 'pglite'
  /** Whether the heap of each page is measured once its step is done. */
  readonly isWeighed?: boolean
  /** Done once; then all runs are pages over the same profile. Without it each run has a fresh one. */
  readonly prepare?: Step
  readonly steps: readonly Step[]
}

/** What is drawn of a workload. */
export type Plot =
  | { readonly over: 'rows'; readonly metric: string }
  | { readonly over: string; readonly metrics: readonly (readonly [place: number, metric: string])[] }

/** What one page does. Answers with what it measured, by metric, and raises where an answer was wrong: then nothing of the run counts. */
export type Step = (page: StepContext) => Promise<Readonly<Record<string, number>>>

/** What a page is given. */
export interface StepContext {
  readonly subject: Subject
  readonly rows: number
  /** When the page's script began to run, on the clock of `performance.now()`. */
  readonly startedAt: number
}

/** The numbers of rows at which every subject is measured. */
export const allRows: readonly number[] = [1000, 10_000, 100_000]

/** Raises where an answer is not what a plain loop over the data says. */
export function mustEqual(found: unknown, expected: unknown, what: string): void {
  const [is, should] = [JSON.stringify(found), JSON.stringify(expected)]
  if (is !== should) throw new Error(`${what} is wrong: ${is?.slice(0, 300)} where ${should?.slice(0, 300)} is right`)
}
