import { expect, test } from 'vitest'
import { createLinger } from '../../src/util/linger.ts'
import { createVirtualClock } from '../kit/clock.ts'

const make = () => {
  const clock = createVirtualClock()
  const said: string[] = []
  const linger = createLinger({ clock, ms: 100, open: () => said.push('open'), close: () => said.push('close') })
  return { clock, said, linger }
}

test('it opens for the first holder and closes a moment after the last', async () => {
  const { clock, said, linger } = make()
  linger.hold()
  linger.hold()
  linger.letGo()
  await clock.advance(1000)
  expect(said).toEqual(['open'])
  linger.letGo()
  await clock.advance(99)
  expect(said).toEqual(['open'])
  await clock.advance(1)
  expect(said).toEqual(['open', 'close'])
  linger.hold()
  expect(said).toEqual(['open', 'close', 'open'])
})

test('who comes back within the moment finds it open, and the next moment is a whole one', async () => {
  const { clock, said, linger } = make()
  linger.hold()
  linger.letGo()
  await clock.advance(90)
  linger.hold()
  linger.letGo()
  await clock.advance(90)
  expect(said).toEqual(['open'])
  expect(clock.sleepers).toBe(1)
  await clock.advance(10)
  expect(said).toEqual(['open', 'close'])
})

test('closing it ends the moment, and leaves no sleeper', async () => {
  const { clock, said, linger } = make()
  linger.hold()
  linger.letGo()
  linger.close()
  expect(said).toEqual(['open', 'close'])
  await clock.settle()
  expect(clock.sleepers).toBe(0)
})

test('closed while somebody holds it, it closes when that one lets go, at once', () => {
  const { said, linger } = make()
  linger.hold()
  linger.close()
  expect(said).toEqual(['open'])
  linger.letGo()
  expect(said).toEqual(['open', 'close'])
})

test('closing what never opened closes nothing', () => {
  const { said, linger } = make()
  linger.close()
  expect(said).toEqual([])
})
