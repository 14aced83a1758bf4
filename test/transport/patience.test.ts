import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { createPatience } from '../../src/transport/patience.ts'
import { expectCode, never } from '../contract/transport.ts'
import { createVirtualClock } from '../kit/clock.ts'

test('a step in time is handed on, with what it throws; no timer stays behind', async () => {
  const clock = createVirtualClock()
  const patience = createPatience(clock, never())
  expect(await patience.wait(Promise.resolve(7), 10)).toBe(7)
  await expect(patience.wait(Promise.reject(new RangeError('no')), 10)).rejects.toThrow(RangeError)
  expect(clock.sleepers).toBe(0)
  expect(patience.signal.aborted).toBe(false)
})

test('each step has its own time; the first that takes too long ends the call for good', async () => {
  const clock = createVirtualClock()
  const patience = createPatience(clock, never())
  for (let i = 0; i < 5; i++) {
    const step = patience.wait(clock.sleep(9), 10)
    await clock.advance(9)
    await step
  }
  const late = expectCode(patience.wait(new Promise(() => undefined), 10), 'unreachable/timeout')
  await clock.advance(10)
  await late
  expect(patience.signal.aborted).toBe(true)
  await expectCode(patience.wait(Promise.resolve(1), 10), 'unreachable/timeout')
})

test('the caller’s abort ends the step, before and during it', async () => {
  const clock = createVirtualClock()
  const leaving = new AbortController()
  const patience = createPatience(clock, leaving.signal)
  const step = expectCode(patience.wait(new Promise(() => undefined), 10), 'unreachable/offline')
  leaving.abort(new Error('closed'))
  await step
  expect(patience.signal.reason).toMatchObject({ cause: leaving.signal.reason })
  await expectCode(createPatience(clock, leaving.signal).wait(new Promise(() => undefined), 10), 'unreachable/offline')
  expect(clock.sleepers).toBe(0)
})

test('a closed patience no longer follows the caller', () => {
  const leaving = new AbortController()
  const patience = createPatience(createVirtualClock(), leaving.signal)
  expect(getEventListeners(leaving.signal, 'abort')).toHaveLength(1)
  patience.close()
  expect(getEventListeners(leaving.signal, 'abort')).toHaveLength(0)
})
