// All runs of one workload at one number of rows.
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { LateError, openBrowser } from './browser.mjs'
import { printProfile } from './profile.mjs'

/** A peer that has taken so long is not run again: its spread would cost more than it tells. */
const enoughMs = 5000

/**
 * Measures subjects in turn, so that what else the machine does meets each of them alike. Answers with each one's times by run, or why it
 * failed. `lateNames` are those that had no result in time with fewer rows; who has none now is added.
 */
export async function measure(bench, { workload, rows, runs, subjects, folder, lateNames, isProfiled }) {
  const { openHost, bundles, preloadBySubject } = bench
  const database = mkdtempSync(join(folder, 'database-'))
  const host = await openHost({ bundles, preloadBySubject, server: workload.server, places: rows, folder: database })
  const outcomes = subjects.map(({ name, version, isPeer }) => ({ name, version, isPeer, runs: [], spentMs: 0 }))
  const kept = new Map()
  let chromium
  const runOnce = async ({ name }) => {
    const browser = kept.get(name) ?? (await openBrowser())
    chromium = browser.version()
    const url = (step) => `${host.url}/?${new URLSearchParams({ subject: name, workload: workload.name, rows, step })}`
    try {
      if (workload.isPrepared && !kept.has(name)) {
        kept.set(name, browser)
        await browser.measure(url('prepare'))
      }
      const times = {}
      for (let step = 0; step < workload.steps; step++) {
        const title = `${name}, ${workload.name}, ${rows} rows, page ${step + 1}`
        const onProfile = isProfiled ? (profile) => printProfile(title, profile) : undefined
        Object.assign(times, await browser.measure(url(step), { onProfile, isWeighed: workload.isWeighed }))
      }
      return times
    } finally {
      if (!kept.has(name)) await browser.close()
    }
  }
  try {
    for (let run = 0; run < runs; run++)
      for (const outcome of outcomes) {
        if (outcome.failure || (outcome.isPeer && outcome.spentMs > enoughMs)) continue
        const begun = performance.now()
        try {
          if (lateNames.has(outcome.name)) throw new LateError()
          const times = await runOnce(outcome)
          outcome.runs.push(times)
          printTimes(outcome, { rows, run, times })
        } catch (error) {
          if (error instanceof LateError) lateNames.add(outcome.name)
          outcome.failure = error instanceof LateError ? `> ${error.seconds} s` : `failed: ${brief(error)}`
          console.error(`  ${rows.toLocaleString('en').padStart(9)}  ${outcome.name.padEnd(12)} ${outcome.failure}`)
        }
        outcome.spentMs += performance.now() - begun
      }
  } finally {
    for (const browser of kept.values()) await browser.close()
    await host.close()
  }
  return { outcomes, chromium }
}

function printTimes({ name }, { rows, run, times }) {
  const told = Object.entries(times).map(([metric, time]) => `${metric} ${Number(time.toPrecision(3))}`)
  console.log(`  ${rows.toLocaleString('en').padStart(9)}  ${name.padEnd(12)} ${run + 1}:  ${told.join('  ')}`)
}

function brief({ message }) {
  return message
    .replace(/^page\.evaluate: (Error: )?/, '')
    .split('\n')[0]
    .slice(0, 160)
}
