import { expect, test } from 'vitest'
import type { Persistence } from '../../src/persist/persistence.ts'
import { createTestDevice, type TestDevice } from './disk.ts'
import { createRng } from './rng.ts'

const add = (persistence: Persistence, value: number) =>
  persistence.transact('write', ['meta', 'log'], async (tx) => {
    tx.put('meta', 'value', value)
    tx.put('log', value, value)
  })
const read = (persistence: Persistence) =>
  persistence.transact('read', ['meta', 'log'], async (tx) => [await tx.get('meta', 'value'), (await tx.list('log')).map(([key]) => key)])
const reopen = async (device: TestDevice) => read(await device.tab().open('a'))

test('a killed tab’s transactions happened wholly or not at all, as the seed says, and nobody is told', async () => {
  const outcomes = new Set<string>()
  for (let seed = 1; seed <= 20; seed++) {
    const device = createTestDevice({ rng: createRng(seed) })
    let release = () => {}
    const tab = device.tab(() => new Promise((resolve) => (release = resolve)))
    const persistence = await tab.open('a')
    let isTold = false
    add(persistence, 1)
      .finally(() => (isTold = true))
      .catch(() => {})
    tab.kill()
    release()
    outcomes.add(JSON.stringify(await reopen(device)))
    read(persistence)
      .finally(() => (isTold = true))
      .catch(() => {})
    await new Promise((resolve) => setImmediate(resolve))
    expect(isTold).toBe(false)
    expect(await reopen(device)).toEqual(await reopen(device))
  }
  expect([...outcomes].sort()).toEqual(['[1,[1]]', '[null,[]]'])
})

test('a full device refuses to write and still reads', async () => {
  const device = createTestDevice({ rng: createRng(1) })
  const persistence = await device.tab().open('a')
  await add(persistence, 1)
  device.isFull = true
  await expect(add(persistence, 2)).rejects.toMatchObject({ code: 'disk/quota' })
  expect(await read(persistence)).toEqual([1, [1]])
  device.isFull = false
  await add(persistence, 2)
  expect(await read(persistence)).toEqual([2, [1, 2]])
})

test('a device loses its last commits, from the newest, and at most those that there were', async () => {
  const device = createTestDevice({ rng: createRng(1) })
  const tab = device.tab()
  const persistence = await tab.open('a')
  for (const value of [1, 2, 3]) await add(persistence, value)
  tab.kill()
  expect(device.loseLast('a', 2)).toBe(2)
  expect(await reopen(device)).toEqual([1, [1]])
  expect(device.loseLast('a', 9)).toBe(1)
  expect(await reopen(device)).toEqual([undefined, []])
  await add(await device.tab().open('a'), 4)
  device.clear('a')
  expect(await reopen(device)).toEqual([undefined, []])
})
