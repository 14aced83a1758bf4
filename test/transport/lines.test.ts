import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readText, splitLines } from '../../src/transport/lines.ts'
import { collect, expectCode } from '../contract/transport.ts'

const encoder = new TextEncoder()
const anyText = fc.string({
  unit: fc.oneof(
    fc.constantFrom('\n', '\r\n', 'é', '🌊', '漢', '"', ' ', '\u2028'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 3 }),
  ),
})
const anyCuts = fc.array(fc.nat(200))

test('any cutting of the bytes gives the same lines', async () => {
  await fc.assert(
    fc.asyncProperty(anyText, anyCuts, async (text, cuts) => {
      const bytes = encoder.encode(text)
      const lines = (await collect(splitLines(cut(bytes, cuts)))).flat()
      expect(lines).toEqual(linesOf(text))
    }),
    { numRuns: 500 },
  )
})

test('any cutting of the bytes gives the same text', async () => {
  await fc.assert(
    fc.asyncProperty(anyText, anyCuts, async (text, cuts) => {
      expect(await readText(cut(encoder.encode(text), cuts))).toBe(withoutMark(text))
    }),
  )
})

test('a line that never ends is a line; a chunk of many lines comes at once', async () => {
  expect(await collect(splitLines(cut(encoder.encode('a\nb\nc'), [])))).toEqual([['a', 'b'], ['c']])
})

test('HN2 bytes that are no text, or that end in the middle of a character, are not taken for text', async () => {
  await expectCode(readText(cut(Uint8Array.of(0x61, 0xff, 0x62), [])), 'unreachable/not-tidemark')
  await expectCode(collect(splitLines(cut(encoder.encode('a🌊').slice(0, 3), [1]))), 'unreachable/not-tidemark')
})

function linesOf(text: string): string[] {
  const lines = withoutMark(text)
    .split('\n')
    .map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line))
  return withoutMark(text).split('\n').at(-1) === '' ? lines.slice(0, -1) : lines
}

// a byte order mark at the beginning is none of the text
function withoutMark(text: string): string {
  return text.startsWith('\ufeff') ? text.slice(1) : text
}

async function* cut(bytes: Uint8Array, places: readonly number[]): AsyncGenerator<Uint8Array> {
  const sorted = [...new Set([0, ...places.filter((place) => place < bytes.length), bytes.length])].sort((a, b) => a - b)
  for (const [i, place] of sorted.entries()) if (i > 0) yield bytes.slice(sorted[i - 1], place)
}
