import { type Poke, pokeSchema } from '../protocol/poke.ts'
import { parseMessage } from './failure.ts'

/**
 * The pokes in the lines of a stream of server-sent events (WHATWG HTML, §9.2): each event's data is one poke. Comments keep the stream awake and say nothing;
 * an event that the stream's end cuts off is none. Fields other than `data` are not ours. Raises `unreachable/not-tidemark`.
 */
export async function* readPokes(lines: AsyncIterable<readonly string[]>): AsyncGenerator<Poke, void, undefined> {
  let data: string[] = []
  for await (const batch of lines) {
    for (const line of batch) {
      if (line.startsWith('data:')) data.push(line.slice(line[5] === ' ' ? 6 : 5))
      if (line !== '' || data.length === 0) continue
      yield parseMessage(pokeSchema, data.join('\n'))
      data = []
    }
  }
}
