import type { Subject } from './subject.ts'

/** One thing that is measured, in one page or in several, one after another over the same profile of the browser. */
export interface Workload {
  readonly name: string
  /** What is done and when the clock stops, in a sentence. */
  readonly about: string
  /** The numbers of rows that are measured unless others are asked for. */
  readonly rows: readonly number[]
  /** The database of the server that the page talks to. */
  readonly server?: 'memory' | 'pglite'
  /** Done once; then all runs are pages over the same profile. Without it each run has a fresh one. */
  readonly prepare?: Step
  readonly steps: readonly Step[]
}

/** What one page does. Answers with what it measured, by metric, and raises where an answer was wrong: then nothing of the run counts. */
export type Step = (page: StepContext) => Promise<Readonly<Record<string, number>>>

/** What a page is given. */
export interface StepContext {
  readonly subject: Subject
  readonly rows: number
  /** When the page's script began to run, on the clock of `performance.now()`. */
  readonly startedAt: number
}

/** Resolves in a task of its own, after all that waits for its turn now. */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(undefined)
  })
}

/** Raises where an answer is not what a plain loop over the data says. */
export function mustEqual(found: unknown, expected: unknown, what: string): void {
  const [is, should] = [JSON.stringify(found), JSON.stringify(expected)]
  if (is !== should) throw new Error(`${what} is wrong: ${is?.slice(0, 300)} where ${should?.slice(0, 300)} is right`)
}
