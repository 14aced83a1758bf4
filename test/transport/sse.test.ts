import fc from 'fast-check'
import { expect, test } from 'vitest'
import { splitLines } from '../../src/transport/lines.ts'
import { readPokes } from '../../src/transport/sse.ts'
import { collect, expectCode } from '../contract/transport.ts'

const poke = { epoch: 'e', now: 1, wake: true }
const text = JSON.stringify(poke)

test.each([
  ['data with and without a space', `data: ${text}\n\ndata:${text}\n\n`, 2],
  ['comments, other fields and blank lines', `: hi\n\n\nid: 7\nevent: poke\nretry: 10\ndata: ${text}\n\n:\n\n`, 1],
  ['data over several lines', `data: {"epoch":"e",\ndata: "now":1,"wake":true}\n\n`, 1],
  ['lines that end as on Windows', `data: ${text}\r\n\r\n`, 1],
  ['an event that the end cuts off', `data: ${text}\n\ndata: ${text}\n`, 1],
  ['an event that the end cuts in its data', `data: ${text}\n\ndata: ${text.slice(0, 9)}`, 1],
  ['nothing', '', 0],
])('a stream of %s is read as it stands', async (_, stream, count) => {
  expect(await collect(readPokes(splitLines(chunks(stream, [3]))))).toEqual(Array.from({ length: count }, () => poke))
})

test('pokes are the same however the stream is cut', async () => {
  const stream = `: é🌊\n\ndata: ${text}\n\n:\n\ndata: ${text}\n\n`
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 }), async (sizes) => {
      expect(await collect(readPokes(splitLines(chunks(stream, sizes))))).toEqual([poke, poke])
    }),
  )
})

test.each(['hello', '{"wake":true}', '{"epoch":"e","now":1,"min":1}'])(
  'data that is no poke (%s) ends the stream with a failure',
  async (data) => {
    await expectCode(collect(readPokes(splitLines(chunks(`data: ${data}\n\n`, [50])))), 'unreachable/not-tidemark')
  },
)

async function* chunks(stream: string, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(stream)
  for (let at = 0, turn = 0; at < bytes.length; turn++) yield bytes.slice(at, (at += sizes[turn % sizes.length] as number))
}
