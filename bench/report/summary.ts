/** One line of the results: one metric of one subject at one number of rows. Where it failed, the metric says how, and there are no figures. */
export interface Line {
  readonly workload: string
  readonly rows: number
  readonly subject: string
  readonly version: string
  readonly metric: string
  readonly median: number | null
  readonly min: number | null
  readonly max: number | null
  readonly ratioToFloor: number | null
}

/** What came of one subject's runs. */
export interface Outcome {
  readonly name: string
  readonly version: string
  readonly runs: readonly Readonly<Record<string, number>>[]
  /** Why nothing of it counts. */
  readonly failure?: string
}

/** The lines of one workload at one number of rows. */
export function summarise(measured: {
  readonly workload: string
  readonly rows: number
  readonly outcomes: readonly Outcome[]
}): readonly Line[] {
  const { workload, rows, outcomes } = measured
  const floor = outcomes.find(({ name }) => name === 'floor')
  return outcomes.flatMap(({ name, version, runs, failure }): readonly Line[] => {
    const line = { workload, rows, subject: name, version }
    if (failure) return [{ ...line, metric: failure, median: null, min: null, max: null, ratioToFloor: null }]
    const metrics = new Set(runs.flatMap((times) => Object.keys(times)))
    return [...metrics].map((metric) => {
      const spread = spreadOf(runs, metric)
      const atFloor = floor && !floor.failure && floor.runs.some((times) => metric in times) ? spreadOf(floor.runs, metric).median : 0
      return { ...line, metric, ...spread, ratioToFloor: atFloor > 0 ? round(spread.median / atFloor) : null }
    })
  })
}

function spreadOf(runs: Outcome['runs'], metric: string) {
  const sorted = runs.flatMap((times) => times[metric] ?? []).sort((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  const median = ((sorted[Math.floor(middle)] as number) + (sorted[Math.ceil(middle)] as number)) / 2
  return { median: round(median), min: round(sorted[0] as number), max: round(sorted.at(-1) as number) }
}

function round(number: number): number {
  return Number(number.toPrecision(4))
}
