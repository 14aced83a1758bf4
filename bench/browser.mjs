// A Chromium over a profile of its own on disk, and what a page in it measured.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { CHROMIUM_ARGS, findChromium } from '../scripts/chromium.mjs'

const limitMs = 2 * 60_000

/** What a page raises that has no result in time. */
export class LateError extends Error {
  seconds = limitMs / 1000
}

/** Opens a browser over an empty profile. */
export async function openBrowser() {
  const profile = await mkdtemp(join(tmpdir(), 'tidemark-bench-'))
  const context = await chromium.launchPersistentContext(profile, { executablePath: findChromium(), args: CHROMIUM_ARGS })
  return {
    version: () => context.browser()?.version() ?? 'unknown',
    /** Opens a page, and answers with the times that it measured, and its weight where that is wanted. Raises what the page raises. */
    async measure(url, { onProfile, isWeighed } = {}) {
      const page = await context.newPage()
      const complaints = []
      page.on('pageerror', (error) => complaints.push(String(error)))
      const stopProfile = onProfile && (await startProfile(context, page))
      try {
        await page.goto(url)
        const times = await within(page.evaluate(waitForResult), () => `no result in time. ${complaints.join(' ')}`)
        onProfile?.(await stopProfile())
        if (complaints.length > 0) throw new Error(complaints.join(' '))
        return isWeighed ? { ...times, 'heap (MiB)': await weigh(context, page) } : times
      } finally {
        await page.close()
      }
    },
    async close() {
      await context.close()
      await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
    },
  }
}

// runs in the page
async function waitForResult() {
  await globalThis.begun
  return globalThis.result
}

async function weigh(context, page) {
  const session = await context.newCDPSession(page)
  for (let i = 0; i < 3; i++) await session.send('HeapProfiler.collectGarbage')
  return (await session.send('Runtime.getHeapUsage')).usedSize / 2 ** 20
}

async function startProfile(context, page) {
  const session = await context.newCDPSession(page)
  await session.send('Profiler.enable')
  await session.send('Profiler.setSamplingInterval', { interval: 200 })
  await session.send('Profiler.start')
  return async () => (await session.send('Profiler.stop')).profile
}

async function within(work, late) {
  let timer
  const watchdog = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new LateError(late())), limitMs)
  })
  return Promise.race([work, watchdog]).finally(() => clearTimeout(timer))
}
