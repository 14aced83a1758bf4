import { TidemarkError } from '../errors.ts'
import type { PokeRequest } from '../protocol/poke.ts'
import { createEventStream } from './event-stream.ts'
import { type Listener, makeWake, planPass } from './pass.ts'
import { mustMatchSchema } from './pull.ts'
import { createRoom, type Room } from './room.ts'
import type { Setup } from './setup.ts'
import { enterSpace } from './space.ts'

/** The listeners of a server. Nothing here may be relied upon: what is lost, a pull brings. */
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
    listening ??= database.listen((space) => rooms.get(space)?.wake())
    try {
      await listening
    } catch (error) {
      listening = undefined
      throw error
    }
  }
  const beat = async (): Promise<void> => {
    if (isBeating) return
    isBeating = true
    while (rooms.size > 0 && !closing.signal.aborted) {
      await world.clock.sleep(heartbeatMs, closing.signal)
      for (const { listeners } of rooms.values()) for (const { events } of listeners) events.beat()
    }
    isBeating = false
  }
  const mustRoom = (space: string): Room => {
    const room = rooms.get(space) ?? createRoom({ database, space, world, plan: (reader, listeners) => planPass(setup, reader, listeners) })
    rooms.set(space, room)
    return room
  }
  return {
    async subscribe(request, signal) {
      mustMatchSchema(setup, request.schema)
      await listen()
      const { space, user, group } = request
      const { head, audiences } = await database.read(space, (reader) => enterSpace(setup, reader, request))
      if (closing.signal.aborted) throw new TidemarkError('unreachable/busy')
      const room = mustRoom(space)
      const leave = (): void => {
        room.listeners.delete(listener)
        if (room.listeners.size === 0 && rooms.get(space) === room) rooms.delete(space)
      }
      const events = createEventStream({ makeLate: () => makeWake(listener.epoch, world.clock.now()), onEnd: leave })
      const listener: Listener = { user, group, events, audiences, epoch: head.epoch, told: head.version, seen: head.version }
      room.listeners.add(listener)
      if (signal.aborted) events.close()
      else signal.addEventListener('abort', events.close, { once: true })
      const isThere = request.version === head.version && (request.epoch ?? head.epoch) === head.epoch
      if (!isThere) events.send(makeWake(head.epoch, world.clock.now()))
      // what was committed between the look and the listening
      room.wake()
      void beat()
      return events.stream
    },
    async close() {
      closing.abort()
      const open = [...rooms.values()]
      for (const { listeners } of open) for (const { events } of [...listeners]) events.close()
      for (const room of open) await room.settle()
      const stop = await listening?.catch(() => undefined)
      await stop?.()
    },
  }
}

const heartbeatMs = 20_000
