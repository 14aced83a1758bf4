import { expect, test } from 'vitest'
import { createLane } from '../../src/util/lane.ts'

function open() {
  const runs: { readonly end: () => void; readonly fail: (error: unknown) => void }[] = []
  let running = 0
  let most = 0
  const lane = createLane(async () => {
    running++
    most = Math.max(most, running)
    try {
      await new Promise<void>((end, fail) => runs.push({ end, fail }))
    } finally {
      running--
    }
  })
  return { lane, runs, most: () => most }
}
const tick = async (): Promise<void> => {
  for (let i = 0; i < 10; i++) await Promise.resolve()
}

test('T33 calls during a run share one next run, and no two run at once', async () => {
  const { lane, runs, most } = open()
  const first = lane()
  const others = Array.from({ length: 100 }, () => lane())
  await tick()
  expect(runs).toHaveLength(1)
  runs[0]?.end()
  await first
  await tick()
  expect(runs).toHaveLength(2)
  runs[1]?.end()
  await Promise.all(others)
  expect([runs.length, most()]).toEqual([2, 1])
})

test('T34 after a rest a call is a run of its own', async () => {
  const { lane, runs } = open()
  const first = lane()
  runs[0]?.end()
  await first
  const second = lane()
  runs[1]?.end()
  await second
  expect(runs).toHaveLength(2)
})

test('T35 a run that fails is its callers’ alone: the next one starts', async () => {
  const { lane, runs } = open()
  const first = lane()
  const second = lane()
  runs[0]?.fail(new Error('first'))
  await expect(first).rejects.toThrow('first')
  await tick()
  runs[1]?.end()
  await second
  expect(runs).toHaveLength(2)
})

test('T33 a call at any moment after a run, with another one behind it, starts no second run beside that', async () => {
  for (let ticks = 0; ticks < 8; ticks++) {
    const { lane, runs, most } = open()
    void lane()
    void lane()
    runs[0]?.end()
    for (let i = 0; i < ticks; i++) await Promise.resolve()
    void lane()
    await tick()
    expect(most(), `${ticks} ticks`).toBe(1)
  }
})
