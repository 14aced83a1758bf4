// Who listens, and what each has been told. A pass reads what changed in a space once, for all its listeners:
//
//   commit ─► pass ─► per user: audiences, again ─► changed: wake
//                 └─► per (seen, audiences): patches, serialised once ─► too many: wake
//                 └─► per group: verdicts ─► range { min, max, … }, or nothing where nothing is to be seen
//
// Nothing here may be relied upon: what is lost, a pull brings.
import type { PokeRequest } from '../protocol/poke.ts'
import type { SpaceReader } from './database.ts'
import { createEventStream, type EventStream } from './event-stream.ts'
import { type Outcomes, readNews } from './outcome.ts'
import { afterVersion, findChanges } from './page.ts'
import { mustMatchSchema } from './pull.ts'
import type { Setup } from './setup.ts'
import { enterSpace, findAudiences } from './space.ts'

/** The listeners of a server. */
export interface Pokes {
  /** A stream of pokes as server-sent events. Raises `auth/forbidden-space`, `outdated/schema`. */
  subscribe(request: PokeRequest, signal: AbortSignal): Promise<ReadableStream<Uint8Array>>
  close(): Promise<void>
}

/** Nobody listens yet; the database is listened to from the first one on. */
export function createPokes(setup: Setup): Pokes {
  const { database, world } = setup
  const rooms = new Map<string, Room>()
  const closing = new AbortController()
  let listening: Promise<() => Promise<void>> | undefined
  let isBeating = false

  const listen = async (): Promise<void> => {
    listening ??= database.listen((space) => wake(space))
    try {
      await listening
    } catch (error) {
      listening = undefined
      throw error
    }
  }
  const beat = async (): Promise<void> => {
    while (rooms.size > 0 && !closing.signal.aborted) {
      await world.clock.sleep(heartbeatMs, closing.signal)
      for (const { listeners } of rooms.values()) for (const { events } of listeners) events.beat()
    }
    isBeating = false
  }
  const wake = (space: string): void => {
    const room = rooms.get(space)
    if (!room) return
    room.isDue = true
    room.passing ??= pass(space, room).finally(() => {
      room.passing = undefined
    })
  }
  const pass = async (space: string, room: Room): Promise<void> => {
    while (room.isDue && !closing.signal.aborted) {
      room.isDue = false
      try {
        for (const tell of await database.read(space, (reader) => planPass(setup, reader, [...room.listeners]))) tell()
      } catch (error) {
        world.report(error)
        for (const { events, epoch } of room.listeners) events.send(makeWake(epoch, world.clock.now()))
      }
    }
  }
  return {
    async subscribe(request, signal) {
      mustMatchSchema(setup, request.schema)
      await listen()
      const { head, audiences } = await database.read(request.space, (reader) => enterSpace(setup, reader, request))
      const room = rooms.get(request.space) ?? { listeners: new Set(), isDue: false, passing: undefined }
      rooms.set(request.space, room)
      const leave = (): void => {
        room.listeners.delete(listener)
        if (room.listeners.size === 0 && rooms.get(request.space) === room) rooms.delete(request.space)
      }
      const events = createEventStream({ makeLate: () => makeWake(listener.epoch, world.clock.now()), onEnd: leave })
      const listener: Listener = { ...request, events, audiences, epoch: head.epoch, told: head.version, seen: head.version }
      room.listeners.add(listener)
      signal.addEventListener('abort', events.close, { once: true })
      if (signal.aborted) events.close()
      const isBehind = request.version !== head.version || (request.epoch !== undefined && request.epoch !== head.epoch)
      if (isBehind) events.send(makeWake(head.epoch, world.clock.now()))
      // what was committed between the look and the listening
      wake(request.space)
      if (!isBeating) {
        isBeating = true
        void beat()
      }
      return events.stream
    },
    async close() {
      closing.abort()
      const open = [...rooms.values()]
      for (const { listeners } of open) for (const { events } of [...listeners]) events.close()
      for (const { passing } of open) await passing
      const stop = await listening?.catch(() => undefined)
      await stop?.()
    },
  }
}

interface Room {
  readonly listeners: Set<Listener>
  isDue: boolean
  passing: Promise<void> | undefined
}

interface Listener extends Pick<PokeRequest, 'user' | 'group'> {
  readonly events: EventStream
  audiences: readonly string[]
  epoch: string
  /** What this connection was told of; ranges begin after it. */
  told: number
  /** Up to here there is nothing to tell but what was told. */
  seen: number
}

const heartbeatMs = 20_000

// Reads for all who are behind; the answers are what to do once the state is let go.
async function planPass(setup: Setup, reader: SpaceReader, listeners: readonly Listener[]): Promise<readonly (() => void)[]> {
  const head = await reader.head()
  const now = setup.world.clock.now()
  const limits = { patches: setup.limits.pagePatches, size: setup.limits.pokeSize }
  const audiencesOf = keepAnswers((user: string | null) => findAudiences(setup, reader, user))
  const patchesOf = keepAnswers(async (seen: number, audiences: readonly string[]) => {
    const patches = await findChanges(reader, new Map(audiences.map((audience) => [audience, afterVersion(seen)])), limits)
    return patches && { isEmpty: patches.length === 0, text: JSON.stringify(patches) }
  })
  const newsOf = keepAnswers((group: string, user: string | null, seen: number) => readNews(reader, { group, user }, seen))

  const plan: (() => void)[] = []
  for (const listener of listeners) {
    const { events, user, group, seen, told } = listener
    if (listener.epoch === head.epoch && seen >= head.version) continue
    const audiences = await audiencesOf(user)
    const wakeUp = (): void => {
      Object.assign(listener, { epoch: head.epoch, told: head.version, seen: head.version, audiences: audiences ?? [] })
      events.send(makeWake(head.epoch, now))
      // the pull that follows hears that there is no entry any more
      if (audiences === null) events.close()
    }
    const isSame = audiences !== null && listener.epoch === head.epoch && audiences.join('\n') === listener.audiences.join('\n')
    const patches = isSame ? await patchesOf(seen, audiences) : undefined
    if (!patches) {
      plan.push(wakeUp)
      continue
    }
    const news = await newsOf(group, user, seen)
    const isNews = !patches.isEmpty || Object.keys(news.confirmed).length > 0
    plan.push(() => {
      listener.seen = head.version
      if (!isNews) return
      listener.told = head.version
      events.send(makeRange({ epoch: head.epoch, now, min: told + 1, max: head.version }, patches.text, news))
    })
  }
  return plan
}

// The patches of a range are the same for all who hold the same audiences, and were made into text once.
function makeRange(
  range: { readonly epoch: string; readonly now: number; readonly min: number; readonly max: number },
  patches: string,
  news: Outcomes,
): string {
  return `${JSON.stringify({ ...range, ...news }).slice(0, -1)},"patches":${patches}}`
}

function makeWake(epoch: string, now: number): string {
  return JSON.stringify({ epoch, now, wake: true })
}

// one question, one answer: within a pass the state stands still
function keepAnswers<A extends readonly unknown[], T>(ask: (...args: A) => Promise<T>): (...args: A) => Promise<T> {
  const answers = new Map<string, Promise<T>>()
  return (...args) => {
    const key = JSON.stringify(args)
    const answer = answers.get(key) ?? ask(...args)
    answers.set(key, answer)
    return answer
  }
}
