// Writes what was measured: results.json for programs, results.md and a plot per workload for people.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, platform, release, totalmem } from 'node:os'
import { join } from 'node:path'

/** What the figures depend on beside the code. */
export function describeMachine() {
  const [cpu] = cpus()
  return {
    at: new Date().toISOString(),
    text: `${cpus().length} × ${cpu?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${platform()} ${release()}, Node ${process.versions.node}`,
    load: loadavg()[0],
  }
}

/** Writes into `folder`. What this run measured replaces what was known of it; the rest stays, as it was measured then. */
export function writeResults(folder, { bench, machine, runs }) {
  const text = `${machine.text}, Chromium ${machine.chromium}; load ${machine.load.toFixed(1)} before, ${loadavg()[0].toFixed(1)} after`
  const measured = new Set(runs.map(keyOf))
  const names = bench.plan.map(({ name }) => name)
  const old = readKnown(join(folder, 'results.json')).filter((run) => !measured.has(keyOf(run)) && names.includes(run.workload))
  const order = (run) => names.indexOf(run.workload)
  const all = [...old, ...runs].sort((a, b) => order(a) - order(b) || a.rows - b.rows)
  const results = { at: machine.at, machine: text, runs: all }
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'results.json'), `${JSON.stringify(results, null, 2)}\n`)
  for (const [name, content] of Object.entries(bench.makeReport(bench.plan, results))) writeFileSync(join(folder, name), content)
}

function readKnown(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).runs : []
}

// a ratio means nothing beside another floor than its own: what is measured anew replaces all subjects' lines
function keyOf({ workload, rows }) {
  return `${workload} ${rows}`
}
