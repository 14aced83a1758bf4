import { expect, test } from 'vitest'
import type { TidemarkError } from '../../src/errors.ts'
import { dexie } from '../../src/persist/dexie.ts'
import { openDisk } from '../../src/persist/open-disk.ts'
import { diskSuite } from '../contract/disk.ts'
import { step } from '../contract/own-disk.ts'
import { persistenceSuite } from '../contract/persistence.ts'

const clock = { now: () => performance.now(), sleep }
const run = Math.random().toString(36).slice(2)
const keeper = { name: 'dexie in Chromium', open: (name: string) => dexie(`${run} ${name}`, { indexedDB, IDBKeyRange, clock }) }

persistenceSuite(keeper)
diskSuite(keeper)

test('171,075 rows are staged and read back whole, and the page may draw in between', async () => {
  const errors: TidemarkError[] = []
  let rests = 0
  const resting = {
    ...clock,
    sleep(ms: number, signal?: AbortSignal) {
      if (ms === 0) rests++
      return sleep(ms, signal)
    },
  }
  const options = {
    schema: 1,
    clock: resting,
    randomId: () => crypto.randomUUID(),
    onError: (error: TidemarkError) => void errors.push(error),
  }
  const name = 'many rows'
  const disk = openDisk(await keeper.open(name), options)
  await disk.load()
  const term = await disk.lead()
  const rows = Array.from({ length: 171_075 }, (_, i) => makePlace(i))
  const staging = await disk.stage()
  for (let at = 0; at < rows.length; at += 5000) await staging.add(rows.slice(at, at + 5000).map((row) => ['places', row] as const))
  await staging.commit({ term, cursor: null }, step('1'))
  await disk.close()
  const other = openDisk(await keeper.open(name), options)
  rests = 0
  const state = await other.load()
  expect(rests).toBeGreaterThan(0)
  expect(
    state.rowsByCollection
      .get('places')
      ?.map((row) => JSON.stringify(row))
      .join(),
  ).toBe(rows.map((row) => JSON.stringify(row)).join())
  expect(errors).toEqual([])
  await other.destroy()
})

function makePlace(i: number): {
  id: string
  name: string
  lat: number
  lng: number
  country: string
  admin1: string
  population: number | null
} {
  const id = String(i).padStart(6, '0')
  return {
    id,
    name: `Place ${i * 7919}`,
    lat: i / 1000,
    lng: 1 - i / 999,
    country: 'IT',
    admin1: String(i % 20),
    population: i % 3 ? i : null,
  }
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal?.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
