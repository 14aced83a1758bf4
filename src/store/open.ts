import { TidemarkError } from '../errors.ts'
import type { Persistence } from '../persist/persistence.ts'
import { type DiskOptions, openDisk } from '../persist/open-disk.ts'
import { createVolatileDisk } from '../persist/volatile-disk.ts'
import { errorToTidemark } from '../sync/error.ts'
import type { Replica } from '../sync/replica.ts'
import type { Clock } from '../util/clock.ts'
import { makeId } from '../util/id.ts'
import type { World } from './world.ts'

/** What a disk is opened with. */
export interface OpenOptions {
  readonly world: World
  readonly schemaVersion: number
  readonly report: (error: TidemarkError) => void
}

/** What became of opening. */
export interface OpenedDisk {
  readonly status: string
  readonly isShared: boolean
}

/**
 * Opens a replica over the disk of that name; where there is none, or it cannot be had or read, over one in memory.
 * Answers with what `status.disk` says, the disk's kind or why there is none, and whether other tabs may see that disk.
 */
export async function openReplica(replica: Replica, name: string, { world, schemaVersion, report }: OpenOptions): Promise<OpenedDisk> {
  const { clock, randomBytes } = world
  const options: DiskOptions = { schema: schemaVersion, clock, randomId: () => makeId(clock.now(), randomBytes), onError: report }
  const openVolatile = async (status: string): Promise<OpenedDisk> => {
    await replica.open(createVolatileDisk(options))
    return { status, isShared: false }
  }
  const { open } = world
  if (!open) return openVolatile('memory')
  let persistence: Persistence | undefined
  try {
    persistence = await openInTime(world.clock, open(name))
    await replica.open(openDisk(persistence, options))
    return { status: persistence.kind, isShared: true }
  } catch (error) {
    await persistence?.close().catch(report)
    const failure = errorToTidemark(error, 'disk/unavailable')
    report(failure)
    return openVolatile(failure.code)
  }
}

// a keeper of one's own, or a chunk of code that never comes, must not leave a store that opens for ever
const openLimitMs = 20_000

async function openInTime(clock: Clock, opening: Promise<Persistence>): Promise<Persistence> {
  const finished = new AbortController()
  const watchdog = clock.sleep(openLimitMs, finished.signal).then(() => {
    if (!finished.signal.aborted) throw new TidemarkError('disk/timeout')
  })
  try {
    return (await Promise.race([opening, watchdog])) as Persistence
  } catch (error) {
    opening.then((late) => late.close()).catch(() => {})
    throw error
  } finally {
    finished.abort()
  }
}
