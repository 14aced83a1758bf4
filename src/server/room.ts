import { createLane } from '../util/lane.ts'
import type { Database, SpaceReader } from './database.ts'
import { type Listener, makeWake } from './pass.ts'
import type { ServerWorld } from './world.ts'

/** The listeners of one space. */
export interface Room {
  readonly listeners: Set<Listener>
  /** Looks what there is to tell, soon: one look at a time. */
  wake(): void
  /** Resolves when no look is under way. */
  settle(): Promise<void>
}

/** What a room is made of. */
export interface RoomOptions {
  readonly database: Pick<Database, 'read'>
  readonly space: string
  readonly world: ServerWorld
  /** Reads what there is to tell; the answers tell it, once the state is let go. */
  readonly plan: (reader: SpaceReader, listeners: readonly Listener[]) => Promise<readonly (() => void)[]>
}

/** An empty room. */
export function createRoom({ database, space, world, plan }: RoomOptions): Room {
  const listeners = new Set<Listener>()
  let last: Promise<void> = Promise.resolve()
  const look = createLane(async () => {
    if (listeners.size === 0) return
    try {
      for (const tell of await database.read(space, (reader) => plan(reader, [...listeners]))) tell()
    } catch (error) {
      // what it would have told is not lost for a reader who pulls
      world.report(error)
      for (const { events, epoch } of listeners) events.send(makeWake(epoch, world.clock.now()))
    }
  })
  return {
    listeners,
    wake() {
      last = look()
    },
    settle: () => last,
  }
}
