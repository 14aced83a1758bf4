// `npm run bench`: measures Tidemark beside its floor and its peers in a real Chromium, and writes docs/benchmarks.
//
//   npm run bench -- --workload W3,W7 --rows 100000 --subject tidemark,tanstack --runs 3
//
//   --workload   which ones (all)                    --rows      how many rows, in place of each workload's own
//   --subject    which ones (all; the floor always)  --runs      how often at most (3)
//   --out        the folder of the results           --profile   instead of results, what the pages' scripts spent their time in
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { findChromium } from '../scripts/chromium.mjs'
import { buildBench } from './build.mjs'
import { measure } from './measure.mjs'
import { describeMachine, writeResults } from './report.mjs'
import { installPeers, subjects } from './subjects.mjs'

const { values: asked } = parseArgs({
  options: {
    workload: { type: 'string' },
    rows: { type: 'string' },
    subject: { type: 'string', default: subjects.map(({ name }) => name).join() },
    runs: { type: 'string', default: '3' },
    out: { type: 'string', default: fileURLToPath(new URL('../docs/benchmarks', import.meta.url)) },
    profile: { type: 'boolean', default: false },
  },
})
const runs = mustNumber('runs', asked.runs)
const wantedRows = asked.rows?.split(',').map((given) => mustNumber('rows', given))
const known = subjects.map(({ name }) => name)
const named = mustBeKnown('subject', asked.subject, known)
const wantedSubjects = subjects.filter(({ name }) => named.includes(name) || (name === 'floor' && !asked.profile))
if (!findChromium()) fail('No Chromium was found; the bench measures in one. See docs/contributing.md.')

// inside the project, so that what the host leaves outside its bundle is found from there
const caches = fileURLToPath(new URL('../node_modules/.cache', import.meta.url))
mkdirSync(caches, { recursive: true })
const folder = mkdtempSync(join(caches, 'bench-'))
try {
  await main()
} catch (error) {
  console.error(`The bench stopped; what it had measured before is written. ${error.message}`)
  process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}

async function main() {
  if (wantedSubjects.some(({ isPeer }) => isPeer)) installPeers()
  const bench = await buildBench(folder, { subjects: wantedSubjects, isMinified: !asked.profile })
  const names = bench.plan.map(({ name }) => name)
  const wanted = mustBeKnown('workload', asked.workload ?? names.join(), names)
  const machine = describeMachine()
  const out = resolve(asked.out)
  const begun = performance.now()
  const results = []
  for (const workload of bench.plan.filter(({ name }) => wanted.includes(name))) {
    console.log(`\n${workload.name}: ${workload.about}`)
    const taking = wantedSubjects.filter(({ isPeer }) => workload.isForAll || !isPeer)
    const lateNames = new Set()
    for (const rows of wantedRows ?? workload.rows) {
      const measured = await measure(bench, { workload, rows, runs, subjects: taking, folder, lateNames, isProfiled: asked.profile })
      results.push(...bench.summarise({ workload: workload.name, rows, outcomes: measured.outcomes }))
      // at once: a run takes long, and may be stopped
      if (!asked.profile) writeResults(out, { bench, machine: { ...machine, chromium: measured.chromium }, runs: results })
    }
  }
  // a peer may fail and be told of; we and the floor may not
  if (results.some(({ subject, median }) => median === null && ['floor', 'tidemark'].includes(subject))) process.exitCode = 1
  console.log(`\nMeasured in ${Math.round((performance.now() - begun) / 60_000)} min.`)
  if (!asked.profile) console.log(`Written: ${out}: results.json, results.md, and a plot for each workload`)
}

function mustNumber(name, given) {
  const number = Number(given)
  if (!Number.isInteger(number) || number < 1) fail(`--${name} is not a whole number from 1: ${given}`)
  return number
}

function mustBeKnown(name, given, known) {
  const names = given.split(',')
  for (const one of names) if (!known.includes(one)) fail(`There is no ${name} ${one}. There are: ${known.join(', ')}.`)
  return names
}

function fail(message) {
  console.error(message)
  process.exit(1)
}
