import { expect, test } from 'vitest'
import { inWorld } from '../kit/world.ts'
import { makeSpy } from '../scenarios/steps.ts'

const head = { tidemark: 1, epoch: 'e', version: 1, now: 1 }
const page = { ...head, patches: [], confirmed: {}, refused: [] }

test.each([
  ['answers another pull each time', 'pull', () => ({ ...page, from: 'another', cursor: 'c', more: false })],
  ['has more for ever, and goes nowhere', 'pull', (cursor: unknown) => ({ ...page, from: cursor, cursor, more: true })],
  ['decides what nobody sent', 'push', () => ({ ...head, verdicts: [{ client: 'another', seq: 1, status: 'applied' }] })],
])('a server that %s is asked less and less often', async (_, path, answer) => {
  await inWorld(1, {}, async (world) => {
    const spy = makeSpy('none')
    const { store } = world.device('a', { transport: spy.transport })
    await world.run(store.sync())
    const before = spy.sent.length
    const asked = (): number => spy.sent.length - before
    // a store that asks without end would leave no time to pass
    spy.answer = (name) => {
      if (asked() > 3_000) return new Response(null, { status: 503 })
      return name === path ? Response.json(answer(spy.sent.at(-1)?.body['cursor'])) : undefined
    }
    store.mutate.increment('c', 1)
    await world.clock.advance(60_000)
    const inFirstMinute = asked()
    expect(inFirstMinute).toBeLessThan(200)
    await world.clock.advance(60_000)
    expect(asked() - inFirstMinute).toBeLessThan(inFirstMinute)
  })
})
