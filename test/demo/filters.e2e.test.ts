import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AnyRow, type Harbour, openHarbour, openPage, paneOf, putIssues, readDevice } from './harbour.ts'

let harbour: Harbour
beforeAll(async () => {
  harbour = await openHarbour()
})
afterAll(() => harbour?.close())

const patience = { timeout: 60_000 }
const statuses = ['doing', 'todo', 'backlog', 'done']

test('filters of all kinds go together: the list and the counts are those of a plain loop, and each can be taken back', async () => {
  const page = await openApp()
  const rows = await readDevice(page, 'App')
  await mustShow(page, rows)

  await chip(page, 'Priority', 'High').click()
  await chip(page, 'Priority', 'Urgent').click()
  const urgent = rows.filter(({ priority }) => Number(priority) >= 3)
  await mustShow(page, urgent)
  await chip(page, 'Assignee', 'Ada').click()
  await chip(page, 'Assignee', 'Nobody').click()
  const adas = urgent.filter(({ assignee }) => assignee === 'ada' || assignee === null)
  await mustShow(page, adas)
  await page.getByLabel('Search titles').fill('LOG ')
  const logs = adas.filter(({ title }) => String(title).toLowerCase().includes('log'))
  await mustShow(page, logs)
  await chip(page, 'Status', 'To do').click()
  await mustShow(page, logs, ['todo'])

  await page.getByLabel('Search titles').fill('100% of_nothing')
  await page.getByText('Nothing matches.').waitFor()
  expect(await page.locator('.row').count()).toBe(0)
  await page.getByRole('button', { name: 'Clear' }).click()
  await mustShow(page, rows)
  expect(await page.getByRole('button', { name: 'Clear' }).isVisible()).toBe(false)
  await page.context().close()
})

test('each order sorts within its status as a plain loop does, and nobody comes last by assignee', async () => {
  const page = await openApp()
  const rows = await readDevice(page, 'App')
  await page.getByLabel('Order').selectOption({ label: 'By title' })
  await mustShow(page, rows, statuses, (a, b) => compare(a['title'], b['title']))
  await page.getByLabel('Order').selectOption({ label: 'By assignee' })
  await mustShow(page, rows, statuses, (a, b) => compare(a['assignee'] ?? 'z', b['assignee'] ?? 'z') || byPriority(a, b))
  await page.context().close()
})

test('the counts are live: what one device changes, the chips and heads of both show, offline and afterwards', async () => {
  const context = await harbour.browser.newContext()
  const page = await openPage(context, harbour.demo.url)
  for (const label of ['A', 'B'] as const) await paneOf(page, label).locator('.row').first().waitFor(patience)
  const [doing = 0, todo = 0, backlog = 0, done = 0] = await countsOf(page, 'A')
  await paneOf(page, 'B').getByRole('switch').click()
  await paneOf(page, 'A').locator('.row .icon-button').nth(0).click()
  await paneOf(page, 'A').getByRole('option', { name: 'Backlog' }).click()
  const after = [doing - 1, todo, backlog + 1, done]
  expect(await countsOf(page, 'A')).toEqual(after)
  expect(await paneOf(page, 'A').locator('.group-head', { hasText: 'Backlog' }).locator('.count').innerText()).toBe(String(backlog + 1))
  expect(await countsOf(page, 'B')).toEqual([doing, todo, backlog, done])
  await paneOf(page, 'B').getByRole('switch').click()
  await expect.poll(() => countsOf(page, 'B'), patience).toEqual(after)
  await context.close()
})

test('an issue shows what it is a part of and its parts, and they follow their rows', async () => {
  const page = await openApp()
  await page.getByLabel('Search titles').fill('Tide table works through the night')
  await page.locator('.row-title').first().click()
  const family = page.locator('.family')
  expect(await family.locator('.count').innerText()).toBe('0 of 2 done')
  await family.getByRole('button', { name: 'Tide table shows times' }).click()
  await page.locator('.family-parent').getByText('Tide table works through the night').waitFor()
  await page.getByRole('combobox', { name: 'Status' }).selectOption({ label: 'Done' })
  await page.locator('.family-parent button').click()
  await expect.poll(() => family.locator('.count').innerText(), patience).toBe('1 of 2 done')
  await page.context().close()
})

test('of 10,000 issues each comes into the page as it is scrolled to, in order, without an empty place, and keys go on from there', async () => {
  const more = Array.from({ length: 9800 }, (_, i) => ({
    id: `many-${String(i).padStart(4, '0')}`,
    title: `Container ${i} stands on the wrong quay`,
    status: statuses[i % 4],
    priority: i % 5,
    assignee: [null, 'ada', 'grace', 'linus'][i % 4],
  }))
  await putIssues(harbour.demo, more)
  const page = await openApp(10_000)
  const rows = await readDevice(page, 'App')
  expect(rows).toHaveLength(10_000)
  expect(await countsOf(page)).toEqual(statuses.map((status) => rows.filter((row) => row['status'] === status).length))

  await chip(page, 'Status', 'Backlog').click()
  const backlog = rows.filter(({ status }) => status === 'backlog').sort(byPriority)
  const seen = await scrollThrough(page)
  expect(seen.ids).toEqual(backlog.map(({ id }) => id))
  expect(seen.mostRows).toBeLessThan(100)
  expect(seen.emptyPlaces).toBe(0)

  await chip(page, 'Status', 'Backlog').click()
  await page.locator('.list').evaluate((list) => list.scrollTo(0, list.scrollHeight))
  const done = rows.filter(({ status }) => status === 'done').sort(byPriority)
  await page.locator(`[data-issue="${done.at(-1)?.id}"] .row-title`).click()
  await page.keyboard.press('k')
  await expect.poll(() => cursorOf(page)).toBe(done.at(-2)?.id)
  await page.keyboard.press('j')
  await expect.poll(() => cursorOf(page)).toBe(done.at(-1)?.id)
  await page.context().close()
})

async function openApp(count = 200): Promise<Page> {
  const context = await harbour.browser.newContext()
  const page = await openPage(context, `${harbour.demo.url}/app`)
  await expect.poll(async () => (await readDevice(page, 'App')).length, patience).toBe(count)
  await page.locator('.row').first().waitFor(patience)
  return page
}

/** The list shows these rows alone, those of each status together, and the chips count all of them. */
async function mustShow(page: Page, rows: readonly AnyRow[], shown = statuses, order: Order = byPriority): Promise<void> {
  const of = (status: string) => rows.filter((row) => row['status'] === status).sort((a, b) => order(a, b) || compare(a.id, b.id))
  expect((await scrollThrough(page)).ids).toEqual(shown.flatMap((status) => of(status).map(({ id }) => id)))
  expect(await countsOf(page)).toEqual(statuses.map((status) => of(status).length))
}

/** What the list shows from its top to its end, a screen at a time. */
function scrollThrough(page: Page): Promise<{ readonly ids: readonly string[]; readonly mostRows: number; readonly emptyPlaces: number }> {
  return page.locator('.list').evaluate(async (list) => {
    const ids = new Map<number, string>()
    let mostRows = 0
    let emptyPlaces = 0
    for (list.scrollTo(0, 0); ; list.scrollBy(0, list.clientHeight)) {
      await new Promise((done) => requestAnimationFrame(() => setTimeout(done)))
      const places = [...list.querySelectorAll('.list-slot')]
      mostRows = Math.max(mostRows, places.length)
      emptyPlaces += places.filter((place) => place.firstElementChild === null).length
      for (const place of places) {
        const id = place.querySelector('.row')?.getAttribute('data-issue')
        if (id) ids.set(Number(place.getAttribute('aria-posinset')), id)
      }
      if (list.scrollTop + list.clientHeight >= list.scrollHeight - 1) break
    }
    list.scrollTo(0, 0)
    return { ids: [...ids].sort(([a], [b]) => a - b).map(([, id]) => id), mostRows, emptyPlaces }
  })
}

/** What the chips of the statuses count, in their order. */
async function countsOf(page: Page, label?: 'A' | 'B'): Promise<readonly number[]> {
  const chips = (label ? paneOf(page, label) : page).getByRole('group', { name: 'Status' }).locator('.count')
  return (await chips.allInnerTexts()).map(Number)
}

function chip(page: Page, group: string, name: string) {
  return page.getByRole('group', { name: group }).getByRole('button', { name })
}

function cursorOf(page: Page): Promise<string | null> {
  return page.locator('.row[data-cursor=true]').getAttribute('data-issue')
}

type Order = (a: AnyRow, b: AnyRow) => number

function byPriority(a: AnyRow, b: AnyRow): number {
  return Number(b['priority']) - Number(a['priority']) || Number(b['createdAt']) - Number(a['createdAt']) || compare(a.id, b.id)
}

function compare(a: unknown, b: unknown): number {
  return String(a) < String(b) ? -1 : a === b ? 0 : 1
}
