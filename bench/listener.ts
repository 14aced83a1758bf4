const limitMs = 30_000
const quietMs = 60
const budgetMs = 5000

/** The callback of a live query, and the wait for its right answer. */
export interface Listener<T> {
  readonly hear: (answer: T) => void
  /** Resolves with the moment at which the last or the next right answer was heard. Raises when none comes in time. */
  until(isRight: (answer: T) => boolean): Promise<number>
}

/** Listens to one live query. `what` names it where its answer is wrong. */
export function createListener<T>(what: string, onHeard?: () => void): Listener<T> {
  let last: { readonly answer: T; readonly at: number } | undefined
  let waiting: { readonly isRight: (answer: T) => boolean; readonly resolve: (at: number) => void } | undefined
  return {
    hear(answer) {
      const at = performance.now()
      onHeard?.()
      last = { answer, at }
      if (!waiting?.isRight(answer)) return
      waiting.resolve(at)
      waiting = undefined
    },
    until(isRight) {
      if (last && isRight(last.answer)) return Promise.resolve(last.at)
      const heard = new Promise<number>((resolve) => (waiting = { isRight, resolve }))
      return within(heard, () => `${what}: ${last ? `not the right answer, but ${brief(last.answer)}` : 'no answer'}`)
    },
  }
}

/** From an update's call until each of the answers that it changes has been heard. */
export async function timeUpdate(heard: readonly Promise<number>[], update: () => Promise<unknown>): Promise<number> {
  const called = performance.now()
  const refused = new Promise<never>((_, reject) => void update().catch(reject))
  const moments = await Promise.race([Promise.all(heard), refused])
  return Math.max(...moments) - called
}

/** Times updates in turn, as many as fit into five seconds, in whole turns of `turn`. */
export async function timeAll<T>(updates: readonly T[], time: (update: T) => Promise<number>, turn = 1): Promise<readonly number[]> {
  const begun = performance.now()
  const times: number[] = []
  for (const update of updates) {
    if (times.length % turn === 0 && performance.now() - begun > budgetMs) break
    times.push(await time(update))
    // what a store does after it has shown a change has its turn, outside the clock
    await nextTask()
  }
  return times
}

/** The mean of times, and how many they are where not all updates fitted into five seconds. */
export function tellMean(name: string, times: readonly number[], planned: number): Readonly<Record<string, number>> {
  const mean = times.reduce((sum, time) => sum + time, 0) / times.length
  return { [name]: mean, ...(times.length < planned && { [`${name.replace(/ \(ms\)$/, '')}: updates in 5 s`]: times.length }) }
}

/** Resolves when nothing has been heard for a while. */
export async function untilQuiet(countHeard: () => number): Promise<void> {
  for (let before = -1; before !== countHeard(); ) {
    before = countHeard()
    await new Promise((resolve) => setTimeout(resolve, quietMs))
  }
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

function within<T>(work: Promise<T>, late: () => string): Promise<T> {
  let timer: ReturnType<typeof setTimeout>
  const watchdog = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`the right answer was not heard: ${late()}`)), limitMs)
  })
  return Promise.race([work, watchdog]).finally(() => clearTimeout(timer))
}

function brief(answer: unknown): string {
  return (JSON.stringify(answer) ?? 'undefined').slice(0, 80)
}
