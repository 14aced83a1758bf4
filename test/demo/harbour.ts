// Harbour under test: the demo as `npm start` runs it over a folder of its own, a Chromium, and what the server says it has.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from 'playwright-core'
import { type RunningDemo, spawnDemo } from '../../demo/spawn.mjs'
import { CHROMIUM_ARGS, findChromium } from '../../scripts/chromium.mjs'

/** A row as the page and the server show it. */
export type AnyRow = Readonly<Record<string, unknown>> & { readonly id: string }

/** The demo, a browser, and how to end both. */
export interface Harbour {
  readonly demo: RunningDemo
  readonly browser: Browser
  close(): Promise<void>
}

/** Starts the demo over an empty folder, and a Chromium. */
export async function openHarbour(): Promise<Harbour> {
  const folder = mkdtempSync(join(tmpdir(), 'harbour-test-'))
  const executablePath = findChromium()
  const [demo, browser] = await Promise.all([
    spawnDemo(folder),
    chromium.launch({ ...(executablePath && { executablePath }), args: CHROMIUM_ARGS }),
  ])
  return {
    demo,
    browser,
    async close() {
      await browser.close()
      await demo.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Opens a path; what the page throws is printed. */
export async function openPage(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage()
  page.on('pageerror', (error) => console.error(error))
  await page.goto(url)
  return page
}

/** Ends the page's process in mid-air: nothing of it gets to say good-bye. */
export async function crash(page: Page): Promise<void> {
  const crashed = page.waitForEvent('crash')
  await page.goto('chrome://crash').catch(() => undefined) // the navigation fails because the page is gone: that is the point
  await crashed
  await page.close()
}

/** The pane of a device on the page of two. */
export function paneOf(page: Page, label: 'A' | 'B'): Locator {
  return page.locator(`[data-device=${label}]`)
}

/** The issues that a device's store shows, in the order of ids. */
export function readDevice(page: Page, label: string): Promise<readonly AnyRow[]> {
  return page.evaluate((device) => {
    const { harbour } = globalThis as unknown as { readonly harbour: AtHand }
    const issues = harbour[device]?.store.value?.query['issues']
    return [...(issues?.read() ?? [])].sort((a, b) => (a.id < b.id ? -1 : 1))
  }, label)
}

/** How many places the page's store has, and one of them: all of them would take longer to hand over than to load. */
export function readPlace(page: Page, id: string): Promise<{ readonly count: number; readonly place: AnyRow | undefined }> {
  return page.evaluate((wanted) => {
    const { harbour } = globalThis as unknown as { readonly harbour: AtHand }
    const places = harbour['Places']?.store.value?.query['places']
    return { count: places?.read().length ?? 0, place: places?.where('id', '=', wanted).read()[0] }
  }, id)
}

interface AtHand {
  readonly [device: string]: { readonly store: { readonly value?: { readonly query: { readonly [name: string]: Question } } } }
}
interface Question {
  where(field: string, operator: '=', value: string): Question
  read(): readonly AnyRow[]
}

/** Puts issues on the server, a thousand per mutation. */
export async function putIssues(demo: RunningDemo, issues: readonly AnyRow[]): Promise<void> {
  const headers = { 'content-type': 'application/json', authorization: 'Bearer linus' }
  for (let seq = 1; (seq - 1) * 1000 < issues.length; seq++) {
    const calls = issues.slice((seq - 1) * 1000, seq * 1000).map((issue) => ['createIssue', [issue]])
    const mutation = { client: 'test', seq, id: `test-${seq}`, calls, at: seq, schema: 1 }
    const body = JSON.stringify({ tidemark: 1, space: 'main', user: 'linus', schema: 1, group: 'test', mutations: [mutation] })
    const answer = (await (await fetch(`${demo.url}/sync/push`, { method: 'POST', headers, body })).json()) as Pushed
    if (answer.verdicts?.[0]?.status !== 'applied') throw new Error(JSON.stringify(answer))
  }
}

interface Pushed {
  readonly verdicts?: readonly { readonly status: string }[]
}

/** What the server has in a space, in the order of ids, as it tells whoever asks for a snapshot. */
export async function readServer(demo: RunningDemo, space: 'main' | 'places'): Promise<readonly AnyRow[]> {
  const body = JSON.stringify({ tidemark: 1, space, user: 'linus', schema: 1, group: 'test' })
  const headers = { 'content-type': 'application/json', authorization: 'Bearer linus' }
  const answer = await fetch(`${demo.url}/sync/snapshot`, { method: 'POST', headers, body })
  const lines = (await answer.text()).trim().split('\n').slice(1, -1)
  return lines.map((line) => (JSON.parse(line) as readonly [string, AnyRow])[1]).sort((a, b) => (a.id < b.id ? -1 : 1))
}
