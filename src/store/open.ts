import { TidemarkError } from '../errors.ts'
import type { Disk } from '../persist/disk.ts'
import { openDisk } from '../persist/open-disk.ts'
import { memory } from '../persist/memory.ts'
import { errorToTidemark } from '../sync/replica.ts'
import { makeId } from '../util/id.ts'
import type { World } from './world.ts'

/** What a disk is opened with. */
export interface OpenDiskOptions {
  readonly world: World
  readonly schemaVersion: number
  readonly report: (error: TidemarkError) => void
}

/** The disk of that name; where it cannot be had, one in memory, and the code that says why. */
export async function openDiskOrMemory(
  name: string,
  { world, schemaVersion, report }: OpenDiskOptions,
): Promise<{ readonly disk: Disk; readonly status: string }> {
  const options = {
    schema: schemaVersion,
    clock: world.clock,
    randomId: () => makeId(world.clock.now(), world.randomBytes),
    onError: report,
  }
  try {
    const persistence = await world.open(name)
    return { disk: openDisk(persistence, options), status: persistence.kind }
  } catch (error) {
    const failure = errorToTidemark(error, 'disk/unavailable')
    report(failure)
    return { disk: openDisk(await memory(name), options), status: failure.code }
  }
}
