import { notTidemark } from './failure.ts'

/** The lines of a stream of bytes, as many at a time as each chunk completes; chunks may be cut anywhere. What stands after the last line feed is a line too. */
export async function* splitLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<readonly string[], void, undefined> {
  let begun = ''
  for await (const text of decodeText(chunks)) {
    const [first = '', ...rest] = text.split('\n')
    begun += first
    const next = rest.pop()
    if (next === undefined) continue
    yield [begun, ...rest].map(withoutReturn)
    begun = next
  }
  if (begun !== '') yield [withoutReturn(begun)]
}

/** All of a stream of bytes as text. */
export async function readText(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  let whole = ''
  for await (const text of decodeText(chunks)) whole += text
  return whole
}

// Fatal, because a replacement character that is taken for data would be saved as data.
async function* decodeText(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const decode = (chunk?: Uint8Array): string => {
    try {
      return chunk ? decoder.decode(chunk, { stream: true }) : decoder.decode()
    } catch (cause) {
      throw notTidemark({ reason: 'utf-8' }, cause)
    }
  }
  for await (const chunk of chunks) yield decode(chunk)
  yield decode()
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line
}
