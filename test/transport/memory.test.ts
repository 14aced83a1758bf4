import { expect, test } from 'vitest'
import { memory } from '../../src/transport/memory.ts'
import { expectCode, never, pullRequest, testTransport } from '../contract/transport.ts'
import { createVirtualClock } from '../kit/clock.ts'

const noNetwork = (): Promise<Response> => Promise.reject(new Error('memory has no use for the network'))

testTransport('memory', async (handler, clock) => ({
  transport: memory({ fetch: async (request) => handler(request) })({ clock, fetch: noNetwork }),
  close: async () => undefined,
}))

test('headers reach the server, so that it can tell users apart', async () => {
  let seen: string | null = null
  const server = {
    fetch: async (request: Request) => {
      seen = request.headers.get('authorization')
      return new Response('no', { status: 404 })
    },
  }
  const transport = memory(server, { headers: async () => ({ authorization: 'Bearer u1' }) })({
    clock: createVirtualClock(),
    fetch: noNetwork,
  })
  await expectCode(transport.pull(pullRequest, never()), 'unreachable/not-tidemark')
  expect(seen).toBe('Bearer u1')
})
