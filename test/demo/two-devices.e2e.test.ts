import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AnyRow, crash, type Harbour, openHarbour, openPage, paneOf, readDevice, readServer } from './harbour.ts'

let harbour: Harbour
beforeAll(async () => {
  harbour = await openHarbour()
})
afterAll(() => harbour?.close())

const patience = { timeout: 20_000 }

test('A1 A4 T01 T06 two devices edit offline, and afterwards both show the same as the server', async () => {
  const context = await harbour.browser.newContext()
  const page = await openFull(await openPage(context, harbour.demo.url))
  await switchTo(page, 'A', 'Offline')
  await switchTo(page, 'B', 'Offline')

  await retitle(page, 'A', { from: 'Pilot roster reads well on a phone', to: 'Pilot roster reads well on two phones' })
  await create(page, 'A', 'Written on A')
  await setStatus(page, 'B', { title: 'Pilot roster reads well on a phone', name: 'Done' })
  await create(page, 'B', 'Written on B')
  expect(await chipsOf(page, 'A')).toHaveLength(2)
  expect(await chipsOf(page, 'B')).toHaveLength(2)
  expect(await titlesIn(page, 'A', 'Written on')).toEqual(['Written on A'])
  expect(await titlesIn(page, 'B', 'Written on')).toEqual(['Written on B'])

  await switchTo(page, 'A', 'Online')
  await switchTo(page, 'B', 'Online')
  await mustConverge(page)
  const rows = await readDevice(page, 'A')
  expect(rows).toHaveLength(202)
  expect(rows.find(({ title }) => title === 'Pilot roster reads well on two phones')).toMatchObject({ status: 'done' })
  expect(titlesWith(rows, 'Written on')).toEqual(['Written on A', 'Written on B'])
  await context.close()
})

test('A2 T50 both devices edit offline and their page is killed: reopened, the edits are there and still queued, and then reach everybody', async () => {
  const context = await harbour.browser.newContext()
  const page = await openFull(await openPage(context, harbour.demo.url))
  await switchTo(page, 'A', 'Offline')
  await switchTo(page, 'B', 'Offline')
  await create(page, 'A', 'Survives on A')
  await setStatus(page, 'A', { title: 'Invoice has a test for leap days', name: 'In progress' })
  await create(page, 'B', 'Survives on B')
  await expect.poll(() => chipsOf(page, 'A'), patience).toEqual(['queued', 'queued'])
  await expect.poll(() => chipsOf(page, 'B'), patience).toEqual(['queued'])
  const before = { A: await readDevice(page, 'A'), B: await readDevice(page, 'B'), server: await readServer(harbour.demo, 'main') }
  await crash(page)

  const again = await openPage(context, harbour.demo.url)
  await expect.poll(() => chipsOf(again, 'A'), patience).toEqual(['queued', 'queued'])
  await expect.poll(() => chipsOf(again, 'B'), patience).toEqual(['queued'])
  expect(await readDevice(again, 'A')).toEqual(before.A)
  expect(await readDevice(again, 'B')).toEqual(before.B)
  expect(await readServer(harbour.demo, 'main')).toEqual(before.server)

  await switchTo(again, 'A', 'Online')
  await switchTo(again, 'B', 'Online')
  await mustConverge(again)
  const rows = await readServer(harbour.demo, 'main')
  expect(titlesWith(rows, 'Survives on')).toEqual(['Survives on A', 'Survives on B'])
  expect(rows.find(({ title }) => title === 'Invoice has a test for leap days')).toMatchObject({ status: 'doing' })
  await context.close()
})

test('A1 a kept page opens with the network cut, shows its rows, takes edits, and sends them when the network is back', async () => {
  const context = await harbour.browser.newContext()
  const page = await openPage(context, `${harbour.demo.url}/app?as=grace`)
  await expect.poll(async () => (await readDevice(page, 'App')).length, patience).toBeGreaterThanOrEqual(200)
  await expect.poll(() => page.locator('html').getAttribute('data-kept'), patience).toBe('true')
  const before = await readDevice(page, 'App')
  await context.setOffline(true)
  await page.reload()
  await page.locator('.row').first().waitFor()
  await expect.poll(() => readDevice(page, 'App'), patience).toEqual(before)

  await page.keyboard.press('c')
  await page.getByLabel('Title of the new issue').fill('Written with the network cut')
  await page.keyboard.press('Enter')
  await expect.poll(() => page.locator('.queue-chip').count(), patience).toBe(1)
  await context.setOffline(false)
  await expect
    .poll(async () => (await readServer(harbour.demo, 'main')).some(({ title }) => title === 'Written with the network cut'), {
      timeout: 60_000,
    })
    .toBe(true)
  await expect.poll(() => page.locator('.queue-chip').count(), patience).toBe(0)
  await context.close()
})

test('an issue with open sub-issues cannot be closed: the reason is shown, and nothing is queued', async () => {
  const context = await harbour.browser.newContext()
  const page = await openFull(await openPage(context, harbour.demo.url))
  await switchTo(page, 'A', 'Offline')
  await setStatus(page, 'A', { title: 'Crane schedule works through the night without a network', name: 'Done' })
  await page.getByText('has 2 open sub-issues. Close them first.').waitFor()
  expect(await chipsOf(page, 'A')).toEqual([])
  expect(
    (await readDevice(page, 'A')).find(({ title }) => title === 'Crane schedule works through the night without a network'),
  ).toMatchObject({ status: 'doing' })
  await context.close()
})

test('a device whose disk is reset begins anew with all that the server has', async () => {
  const context = await harbour.browser.newContext()
  const page = await openFull(await openPage(context, harbour.demo.url))
  await switchTo(page, 'B', 'Offline')
  await create(page, 'B', 'Lost on purpose')
  await paneOf(page, 'B').getByRole('button', { name: 'Reset disk' }).click()
  await paneOf(page, 'B').getByText('This device has no data yet').waitFor()
  await switchTo(page, 'B', 'Online')
  await mustConverge(page)
  expect((await readDevice(page, 'B')).some(({ title }) => title === 'Lost on purpose')).toBe(false)
  await context.close()
})

async function openFull(page: Page): Promise<Page> {
  for (const label of ['A', 'B'] as const)
    await expect.poll(async () => (await readDevice(page, label)).length, patience).toBeGreaterThanOrEqual(200)
  return page
}

async function switchTo(page: Page, label: 'A' | 'B', word: 'Online' | 'Offline'): Promise<void> {
  const knob = paneOf(page, label).getByRole('switch')
  await knob.click()
  await expect.poll(() => knob.textContent(), patience).toBe(word)
}

async function create(page: Page, label: 'A' | 'B', title: string): Promise<void> {
  const pane = paneOf(page, label)
  await pane.getByRole('button', { name: 'New' }).click()
  await pane.getByLabel('Title of the new issue').fill(title)
  await page.keyboard.press('Enter')
  await expect.poll(() => titlesIn(page, label, title)).toEqual([title])
}

async function retitle(page: Page, label: 'A' | 'B', { from, to }: { readonly from: string; readonly to: string }): Promise<void> {
  const row = await find(page, label, from)
  await row.locator('.row-title').click()
  await paneOf(page, label).getByRole('button', { name: 'Issues' }).click()
  await page.keyboard.press('e')
  await row.locator('.row-input').fill(to)
  await page.keyboard.press('Enter')
  await search(page, label, '')
}

async function setStatus(page: Page, label: 'A' | 'B', { title, name }: { readonly title: string; readonly name: string }): Promise<void> {
  const row = await find(page, label, title)
  await row.locator('.icon-button').click()
  await paneOf(page, label).getByRole('option', { name }).click()
  await search(page, label, '')
}

async function find(page: Page, label: 'A' | 'B', title: string) {
  await search(page, label, title)
  return paneOf(page, label).locator('.row').first()
}

async function search(page: Page, label: 'A' | 'B', text: string): Promise<void> {
  await paneOf(page, label).getByLabel('Search titles').fill(text)
}

async function titlesIn(page: Page, label: 'A' | 'B', part: string): Promise<readonly string[]> {
  return titlesWith(await readDevice(page, label), part)
}

function titlesWith(rows: readonly AnyRow[], part: string): readonly string[] {
  const titles = rows.map(({ title }) => String(title)).filter((title) => title.includes(part))
  return titles.sort((a, b) => (a < b ? -1 : 1))
}

/** The stages of the queue as its chips draw them. */
function chipsOf(page: Page, label: 'A' | 'B'): Promise<readonly (string | null)[]> {
  const chips = paneOf(page, label).locator('.queue-chip')
  return chips.evaluateAll((all) => all.map((chip) => chip.getAttribute('data-stage')))
}

async function mustConverge(page: Page): Promise<void> {
  for (const label of ['A', 'B'] as const) await expect.poll(() => chipsOf(page, label), patience).toEqual([])
  const server = await readServer(harbour.demo, 'main')
  for (const label of ['A', 'B'] as const) await expect.poll(() => readDevice(page, label), patience).toEqual(server)
}
