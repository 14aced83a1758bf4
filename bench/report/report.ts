import type { Plot } from '../workload.ts'
import { drawPlot, type Series, tellNumber } from './plot.ts'
import type { Line } from './summary.ts'

/** All that was measured, as results.json has it. */
export interface Results {
  readonly at: string
  readonly machine: string
  readonly runs: readonly Line[]
}

/** What is drawn, and as many metrics in all, stand in the open; the rest of a workload's are folded away. */
const openCount = 3
const looks: Readonly<Record<string, 'back' | 'out'>> = { floor: 'back', tidemark: 'out' }

/** What a report says of a workload. */
export interface Planned {
  readonly name: string
  readonly about: string
  readonly plot: Plot
}

/** The page of tables and one plot for each workload that was measured, by file name. */
export function makeReport(plan: readonly Planned[], results: Results): Readonly<Record<string, string>> {
  const measured = plan.flatMap((workload) => {
    const lines = results.runs.filter((line) => line.workload === workload.name)
    return lines.length === 0 ? [] : [{ workload, lines }]
  })
  const plots = measured.map(({ workload, lines }): [string, string] => [`${workload.name}.svg`, draw(workload, lines)])
  return { 'results.md': makePage(results, measured.map(makeSection)), ...Object.fromEntries(plots) }
}

function makePage({ at, machine, runs }: Results, sections: readonly string[]): string {
  const versions = new Map(runs.map(({ subject, version }) => [subject, version]))
  return `# What was measured

Written by \`npm run bench\`. **Read the ratios, not the milliseconds:** the subjects are measured in turn in the same run on the same machine, so that
what slows one slows the others; the milliseconds are this machine's on that day, whatever else it did. Every answer is checked
against a plain loop over the data before its time counts. The page's clock steps by 0.005 ms: look at means, not medians, where times are that short.

A cell is the median of the runs, and from the least to the most of them. A subject is run three times, a peer no further once it has taken five seconds at a size; each is given
five seconds for its updates (how many fitted is told where not all did), and two minutes for a page. Where it had no right answer, the cell says so, and below the table stands why.

The floor is what one would write by hand for exactly these questions: a Map, ordered lists kept by splicing, counts, look-ups by id; and on disk one IndexedDB
record per row, one transaction per burst, one \`getAll\` at the start. The peers are used as their own documentation advises; how is in \`bench/peers/\`.

Subjects: ${[...versions].map(([subject, version]) => `${subject} ${version}`).join(', ')}.

Last run: ${at}, on ${machine}.

${sections.join('\n\n')}
`
}

function makeSection({ workload, lines }: { readonly workload: Planned; readonly lines: readonly Line[] }): string {
  const { name, about } = workload
  const failures = lines
    .filter(({ median }) => median === null)
    .map(({ subject, rows, metric }) => `- ${subject}, ${tell(rows)} rows: ${metric}`)
  const main = mainMetrics(workload.plot)
  const metrics = unique([...main, ...lines.filter(({ median }) => median !== null).map(({ metric }) => metric)])
  const shown = Math.max(openCount, main.length)
  const folded = metrics.slice(shown)
  return [
    `## ${name}`,
    `${upperFirst(about)}.`,
    `![${name}](${name}.svg)`,
    makeTable(workload, lines, metrics.slice(0, shown)),
    ...(failures.length > 0 ? [failures.join('\n')] : []),
    ...(folded.length > 0 ? ['<details><summary>more</summary>', makeTable(workload, lines, folded), '</details>'] : []),
  ].join('\n\n')
}

function makeTable({ plot }: Planned, lines: readonly Line[], metrics: readonly string[]): string {
  const sizes = unique(lines.map(({ rows }) => rows))
  const subjects = unique(lines.map(({ subject }) => subject))
  const main = mainMetrics(plot)
  const body = metrics.flatMap((metric) =>
    subjects.flatMap((subject) => {
      const found = sizes.map((rows) => findLine(lines, { metric, subject, rows }))
      // who failed everywhere is told of once, beside the main figures
      if (!found.some((line) => line && (line.median !== null || main.includes(metric)))) return []
      const ratios = found.map((line) => (subject === 'floor' ? undefined : line?.ratioToFloor))
      const floor = ratios.some((ratio) => typeof ratio === 'number')
        ? `× ${ratios.map((ratio) => (ratio ? tellNumber(ratio) : '–')).join(' · ')}`
        : ''
      return [[metric, subject, ...found.map(tellCell), ...(sizes.length > 1 ? [tellGrowth(found)] : []), floor]]
    }),
  )
  const growth = sizes.length > 1 ? [`${tell(sizes[0])} → ${tell(sizes.at(-1))}`] : []
  const head = ['metric', 'subject', ...sizes.map((rows) => `${tell(rows)} rows`), ...growth, 'to the floor']
  return [head, head.map((_, i) => (i < 2 ? '---' : '---:')), ...body].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function findLine(
  lines: readonly Line[],
  wanted: { readonly metric: string; readonly subject: string; readonly rows: number },
): Line | undefined {
  const own = lines.filter(({ subject, rows }) => subject === wanted.subject && rows === wanted.rows)
  return own.find(({ metric }) => metric === wanted.metric) ?? own.find(({ median }) => median === null)
}

function tellCell(line: Line | undefined): string {
  if (!line) return ''
  const { median, min, max, metric } = line
  if (median === null || min === null || max === null) return metric.startsWith('>') ? metric : 'failed'
  return min === max ? tellNumber(median) : `${tellNumber(median)} (${tellNumber(min)}–${tellNumber(max)})`
}

function tellGrowth(found: readonly (Line | undefined)[]): string {
  const [first, last] = [found[0]?.median, found.at(-1)?.median]
  return first && last ? `× ${tellNumber(last / first)}` : ''
}

function draw({ name, plot }: Planned, lines: readonly Line[]): string {
  const main = mainMetrics(plot)
  const series = unique(lines.map(({ subject }) => subject)).map((subject): Series => {
    const own = lines.filter((line) => line.subject === subject)
    const points = own.flatMap(({ metric, rows, median }): [number, number][] => {
      const place = 'metric' in plot ? rows : plot.metrics.find(([, one]) => one === metric)?.[0]
      return median === null || place === undefined || !main.includes(metric) ? [] : [[place, median]]
    })
    const failure = own.find(({ median }) => median === null)
    const look = looks[subject]
    return {
      name: subject,
      points,
      ...(look && { look }),
      ...(failure && { note: `${failure.metric.replace(/:.*$/, '')} at ${tell(failure.rows)}` }),
    }
  })
  const y = 'metric' in plot ? plot.metric : 'mean (ms)'
  return drawPlot({ title: name, x: plot.over, y, series })
}

function mainMetrics(plot: Plot): readonly string[] {
  return 'metric' in plot ? [plot.metric] : plot.metrics.map(([, metric]) => metric)
}

function unique<T>(values: readonly T[]): readonly T[] {
  return [...new Set(values)]
}

function tell(count: number | undefined): string {
  return count?.toLocaleString('en') ?? ''
}

function upperFirst(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1)
}
