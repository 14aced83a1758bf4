// Pages of one device over a disk whose every transaction takes a while, and may be met before it begins.
import { createStore, type Store } from '../../src/index.ts'
import { makeMemoryRecords, memory } from '../../src/persist/memory.ts'
import { createChannels, createLocks } from '../kit/locks.ts'
import { mutators, schema } from '../kit/schemas.ts'
import type { TestWorld } from '../kit/world.ts'
import { makeSpy } from '../scenarios/steps.ts'

/** A store of the tests' app. */
export type AppStore = Store<(typeof schema)['collections'], (typeof mutators)['mutators']>

/** What is special about the disk of one page. */
export interface PageDisk {
  /** Called before each transaction; what it throws, the disk throws. */
  readonly before?: (mode: 'read' | 'write') => Promise<void> | void
  /** Called when a transaction is on disk: what it throws, the disk throws all the same. */
  readonly after?: (mode: 'read' | 'write') => void
  readonly onClosed?: () => void
}

/** The pages of one device. */
export interface Pages {
  open(disk?: PageDisk): AppStore
}

/** A device without pages; without `hasLocks` its browser has no Web Locks, without `hasServer` its stores keep to themselves. */
export function makePages(world: TestWorld, { hasLocks = true, hasServer = true, records = makeMemoryRecords() } = {}): Pages {
  const { clock, rng, net } = world
  const locks = createLocks()
  const channels = createChannels()
  return {
    open: ({ before, after, onClosed } = {}) =>
      createStore({
        name: 'device',
        schema,
        mutators,
        ...(hasServer ? { transport: makeSpy('none').transport } : {}),
        world: {
          clock,
          randomBytes: (count) => rng.bytes(count),
          fetch: net.fetch('device'),
          ...(hasLocks ? { lock: locks.lock } : {}),
          channel: channels.open,
          open: async (name) => {
            const persistence = await memory(name, records)
            return {
              ...persistence,
              async transact(mode, stores, run) {
                await clock.sleep(2)
                await before?.(mode)
                const result = await persistence.transact(mode, stores, run)
                after?.(mode)
                return result
              },
              async close() {
                await persistence.close()
                onClosed?.()
              },
            }
          },
        },
      }),
  }
}

/** How a promise has ended by now; `not yet` where it has not. */
export async function endingSoFar(world: TestWorld, work: Promise<unknown>): Promise<string> {
  let end = 'not yet'
  work.then(
    () => {
      end = 'well'
    },
    (error: { readonly code?: string }) => {
      end = error.code ?? 'no code'
    },
  )
  await world.clock.settle()
  return end
}
