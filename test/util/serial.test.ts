import { expect, test } from 'vitest'
import { createSerial } from '../../src/util/serial.ts'

test('tasks run one after another, in the order of the calls, and a failure is its caller’s alone', async () => {
  const serial = createSerial()
  const log: string[] = []
  const task = (name: string, turns: number, fails = false) =>
    serial(async () => {
      log.push(`${name} begins`)
      for (let i = 0; i < turns; i++) await Promise.resolve()
      log.push(`${name} ends`)
      if (fails) throw new Error(name)
      return name
    })
  const all = await Promise.allSettled([task('a', 9), task('b', 1, true), task('c', 3)])
  expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends'])
  expect(all.map((one) => (one.status === 'fulfilled' ? one.value : (one.reason as Error).message))).toEqual(['a', 'b', 'c'])
  expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
})
