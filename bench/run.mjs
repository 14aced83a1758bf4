// `npm run bench`: measures Tidemark beside its floors in a real Chromium, and writes docs/benchmarks/results.{json,md}.
//
//   npm run bench -- --workload W3,W7 --rows 100000 --subject tidemark --runs 3
//
//   --workload   which ones (all)                    --rows      how many rows, in place of each workload's own
//   --subject    which ones (all; the floor always)  --runs      how often (3)
//   --out        the folder of the results           --profile   instead of results, what the pages' scripts spent their time in
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { findChromium } from '../scripts/chromium.mjs'
import { openBrowser } from './browser.mjs'
import { buildBench } from './build.mjs'
import { printProfile } from './profile.mjs'
import { describeMachine, printRun, summarise, writeResults } from './report.mjs'

/** The floor first: the others are told as ratios to it. */
const subjects = ['floor', 'tidemark']

const { values: asked } = parseArgs({
  options: {
    workload: { type: 'string' },
    rows: { type: 'string' },
    subject: { type: 'string', default: subjects.join() },
    runs: { type: 'string', default: '3' },
    out: { type: 'string', default: fileURLToPath(new URL('../docs/benchmarks', import.meta.url)) },
    profile: { type: 'boolean', default: false },
  },
})
const runs = mustNumber('runs', asked.runs)
const wantedSubjects = mustBeKnown('subject', asked.subject, subjects)
if (!findChromium()) fail('No Chromium was found; the bench measures in one. See docs/contributing.md.')

// inside the project, so that what the host leaves outside its bundle is found from there
const caches = fileURLToPath(new URL('../node_modules/.cache', import.meta.url))
mkdirSync(caches, { recursive: true })
const folder = mkdtempSync(join(caches, 'bench-'))
try {
  await main()
} catch (error) {
  console.error(`The bench stopped, and has written nothing: ${error.message}`)
  process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}

async function main() {
  const built = await buildBench(folder, { isMinified: !asked.profile })
  const names = built.plan.map(({ name }) => name)
  const wanted = mustBeKnown('workload', asked.workload ?? names.join(), names)
  const began = describeMachine()
  const results = []
  let chromium
  for (const workload of built.plan.filter(({ name }) => wanted.includes(name))) {
    for (const rows of asked.rows ? asked.rows.split(',').map((given) => mustNumber('rows', given)) : workload.rows) {
      const measured = await measure(built, workload, rows)
      chromium = measured.chromium
      const lines = summarise({ workload, rows, ...measured })
      printRun(workload, rows, lines)
      results.push(...lines)
    }
  }
  if (!asked.profile) writeResults(resolve(asked.out), { workloads: built.plan, machine: { ...began, chromium }, runs: results })
}

/** All runs of one workload, subjects in turn, so that what else the machine does meets each of them alike. */
async function measure({ openHost, bundles, preloadBySubject }, workload, rows) {
  const host = await openHost({
    bundles,
    preloadBySubject,
    server: workload.server,
    places: rows,
    folder: mkdtempSync(join(folder, 'database-')),
  })
  const kept = new Map()
  const timesBySubject = new Map()
  const versions = {}
  let chromium
  const url = (subject, step) => `${host.url}/?${new URLSearchParams({ subject, workload: workload.name, rows, step })}`
  try {
    for (let run = 0; run < runs; run++) {
      for (const subject of subjects.filter((name) => name === 'floor' || wantedSubjects.includes(name))) {
        if (asked.profile && !asked.subject.split(',').includes(subject)) continue
        const browser = kept.get(subject) ?? (await openBrowser())
        chromium = browser.version()
        try {
          if (workload.isPrepared && !kept.has(subject)) {
            kept.set(subject, browser)
            await browser.measure(url(subject, 'prepare'))
          }
          const times = {}
          for (let step = 0; step < workload.steps; step++) {
            const onProfile = asked.profile
              ? (profile) => printProfile(`${subject}, ${workload.name}, ${rows} rows, page ${step + 1}`, profile)
              : undefined
            const result = await browser.measure(url(subject, step), { onProfile })
            Object.assign(times, result.times)
            versions[subject] = result.version
          }
          timesBySubject.set(subject, [...(timesBySubject.get(subject) ?? []), times])
        } finally {
          if (!kept.has(subject)) await browser.close()
        }
      }
    }
  } finally {
    for (const browser of kept.values()) await browser.close()
    await host.close()
  }
  return { timesBySubject, versions, chromium }
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
