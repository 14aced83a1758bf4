// From times to results: medians, ratios to the floor, a page of JSON for programs and one of tables for people.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, platform, release, totalmem } from 'node:os'
import { join } from 'node:path'

/** The lines of one workload at one number of rows. */
export function summarise({ workload, rows, timesBySubject, versions }) {
  const floors = timesBySubject.get('floor')
  return [...timesBySubject].flatMap(([subject, times]) =>
    Object.keys(times[0]).map((metric) => {
      const { median, min, max } = spread(times.map((one) => one[metric]))
      const floor = floors && spread(floors.map((one) => one[metric])).median
      const ratioToFloor = floor > 0 ? round(median / floor) : null
      return { workload: workload.name, rows, subject, version: versions[subject], metric, median, min, max, ratioToFloor }
    }),
  )
}

function spread(times) {
  const sorted = times.toSorted((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  const median = (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2
  return { median: round(median), min: round(sorted[0]), max: round(sorted.at(-1)) }
}

function round(number) {
  return Number(number.toPrecision(4))
}

/** Prints the lines of one workload. */
export function printRun(workload, rows, lines) {
  console.log(`\n${workload.name}, ${rows.toLocaleString('en')} rows: ${workload.about}`)
  for (const { subject, metric, median, min, max, ratioToFloor } of lines)
    console.log(
      `  ${subject.padEnd(10)} ${metric.padEnd(28)} ${String(median).padStart(10)}  (${min} to ${max})${ratioToFloor === null ? '' : `  × ${ratioToFloor}`}`,
    )
}

/** What the figures depend on beside the code. */
export function describeMachine() {
  const [cpu] = cpus()
  return {
    at: new Date().toISOString(),
    text: `${cpus().length} × ${cpu?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${platform()} ${release()}, Node ${process.versions.node}`,
    load: loadavg()[0],
  }
}

/** Writes results.json and results.md. What this run measured replaces what was known of it; the rest stays, as it was measured then. */
export function writeResults(folder, { workloads, machine, runs }) {
  const text = `${machine.text}, Chromium ${machine.chromium}; load ${machine.load.toFixed(1)} before, ${loadavg()[0].toFixed(1)} after`
  const measured = new Set(runs.map(keyOf))
  const known = readKnown(join(folder, 'results.json')).filter((run) => !measured.has(keyOf(run)))
  const all = [...known, ...runs].sort((a, b) => orderOf(workloads, a) - orderOf(workloads, b) || a.rows - b.rows)
  const results = { at: machine.at, machine: text, runs: all }
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'results.json'), `${JSON.stringify(results, null, 2)}\n`)
  writeFileSync(join(folder, 'results.md'), makePage(workloads, results))
  console.log(`\nWritten: ${join(folder, 'results.json')} and results.md`)
}

function readKnown(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).runs : []
}

function keyOf({ workload, rows }) {
  return `${workload} ${rows}`
}

function orderOf(workloads, { workload }) {
  return workloads.findIndex(({ name }) => name === workload)
}

function makePage(workloads, { at, machine, runs }) {
  const sections = workloads.flatMap((workload) => {
    const lines = runs.filter((run) => run.workload === workload.name)
    return lines.length === 0 ? [] : [`## ${workload.name}\n\n${upperFirst(workload.about)}.\n\n${makeTable(lines)}`]
  })
  return `# What was measured

Written by \`npm run bench\`. **Read the ratios, not the milliseconds:** subject and floor are measured in turn in the same run on the same machine, so that
what slows one slows the other; the milliseconds are this machine's on that day, whatever else it did. Every answer is checked
against a plain loop over the data before its time counts. The page's clock steps by 0.005 ms: look at means, not medians, where times are that short.

The floor is what one would write by hand for exactly these questions: a Map, an ordered list kept by splicing, and on disk one IndexedDB
record per row, one transaction per burst, one \`getAll\` at the start.

Last run: ${at}, on ${machine}.

${sections.join('\n\n')}
`
}

function makeTable(lines) {
  const rows = lines.map(({ rows, metric, subject, median, min, max, ratioToFloor }) =>
    [
      rows.toLocaleString('en'),
      metric,
      subject,
      median,
      min,
      max,
      subject === 'floor' || ratioToFloor === null ? '' : `× ${ratioToFloor}`,
    ].join(' | '),
  )
  return [
    '| rows | metric | subject | median | min | max | to the floor |',
    '|---:|---|---|---:|---:|---:|---:|',
    ...rows.map((row) => `| ${row} |`),
  ].join('\n')
}

function upperFirst(text) {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
