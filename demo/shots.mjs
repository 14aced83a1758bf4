// `npm run demo:shots`: pictures of every page, wide and narrow, light and dark, into demo/shots/. To be looked at.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { CHROMIUM_ARGS, findChromium } from '../scripts/chromium.mjs'
import { spawnDemo } from './spawn.mjs'

const shots = fileURLToPath(new URL('shots/', import.meta.url))
const widths = { 1440: 900, 390: 844 }
const only = process.argv.slice(2)
const pictures = { home, work, app, list, filtered, nothing, places }

const folder = mkdtempSync(join(tmpdir(), 'harbour-shots-'))
const demo = await spawnDemo(folder)
const browser = await chromium.launch({ executablePath: findChromium(), args: CHROMIUM_ARGS })
try {
  mkdirSync(shots, { recursive: true })
  for (const [name, draw] of Object.entries(pictures).filter(([name]) => only.length === 0 || only.includes(name))) {
    for (const width of Object.keys(widths)) {
      for (const colorScheme of ['light', 'dark']) {
        const context = await browser.newContext({
          viewport: { width: Number(width), height: widths[width] },
          colorScheme,
          reducedMotion: 'reduce',
        })
        const page = await context.newPage()
        page.on('pageerror', (error) => console.error(`${name}: ${error.message}`))
        page.on('console', (message) => message.type() === 'error' && console.error(`${name}: ${message.text()}`))
        await draw(page, Number(width))
        await page.screenshot({ path: join(shots, `${name}-${width}-${colorScheme}.png`), fullPage: width === '390' })
        await context.close()
      }
    }
  }
} finally {
  await browser.close()
  await demo.stop()
  rmSync(folder, { recursive: true, force: true })
}
console.log(`Pictures are in ${shots}`)

// A first visit.
async function home(page) {
  await page.goto(demo.url)
  for (const device of ['A', 'B']) await pane(page, device).locator('.row').first().waitFor()
}

// A offline with changes of its own, B slow with changes on the way.
async function work(page) {
  await home(page)
  await pane(page, 'A').getByRole('switch').click()
  await pane(page, 'B').getByLabel('Latency').fill('3000')
  for (const device of ['A', 'B']) {
    await pane(page, device)
      .locator('.row .icon-button')
      .nth(device === 'A' ? 2 : 4)
      .click()
    await page.getByRole('option', { name: device === 'A' ? 'Backlog' : 'To do' }).click()
    await pane(page, device).locator('.row-title').nth(1).click()
    await page.keyboard.press('p')
    await page.keyboard.press('1')
    await page.keyboard.press('Escape')
    await page.keyboard.press('j')
  }
  await pane(page, 'A').locator('.queue-chip').nth(1).waitFor()
}

async function app(page) {
  await page.goto(`${demo.url}/app`)
  await page.locator('.row-title').nth(1).click()
  await page.locator('.detail').waitFor()
}

async function list(page) {
  await page.goto(`${demo.url}/app`)
  await page.locator('.row-title').first().waitFor()
}

// All kinds of filters at once, and an issue with sub-issues.
async function filtered(page) {
  await list(page)
  const chip = (group, name) => page.getByRole('group', { name: group }).getByRole('button', { name }).click()
  await chip('Priority', 'High')
  await chip('Priority', 'Medium')
  await chip('Assignee', 'Ada')
  await chip('Assignee', 'Nobody')
  await page.getByLabel('Search titles').fill('log')
  if (page.viewportSize().width < 720) return
  await page.getByRole('button', { name: 'Radio log works' }).click()
  await page.locator('.family-link').first().waitFor()
}

async function nothing(page) {
  await list(page)
  await page.getByLabel('Search titles').fill('nothing like it')
  await page.getByText('Nothing matches.').waitFor()
}

async function places(page) {
  await page.goto(`${demo.url}/places`)
  const load = page.getByRole('button', { name: 'Load 171,075 places' })
  const table = page.locator('.places table')
  await load.and(page.locator(':enabled')).or(table).first().waitFor({ timeout: 60_000 })
  if (await load.isVisible()) await load.click()
  await table.waitFor({ timeout: 120_000 })
}

function pane(page, label) {
  return page.locator(`[data-device=${label}]`)
}
