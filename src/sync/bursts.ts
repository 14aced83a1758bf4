import type { TidemarkError } from '../errors.ts'
import type { StageBook } from '../pending/stages.ts'
import type { QueuedMutation } from '../persist/disk.ts'
import { errorToTidemark } from './error.ts'
import type { Mirror } from './mirror.ts'
import type { Queue } from './queue.ts'

/** What the writing of bursts works with. */
export interface BurstsOptions {
  readonly mirror: Mirror
  readonly queue: Queue
  readonly book: StageBook
  /** Runs one look at the disk after another. */
  readonly serial: <T>(run: () => Promise<T>) => Promise<T>
  readonly onWritten: () => void
  readonly report: (error: TidemarkError) => void
}

/** Mutations that one record of the queue holds at most: a record is rewritten whole when one of its mutations is marked as sent. */
const burstSize = 250

/** Writes what is not on disk, burst after burst and one write at a time; a call made meanwhile shares that run. Resolves when all is on disk, or was refused by it. */
export function createBursts({ mirror, queue, book, serial, onWritten, report }: BurstsOptions): () => Promise<void> {
  let writing: Promise<void> | undefined

  const write = async (): Promise<void> => {
    try {
      // all calls of this turn go into one burst
      await Promise.resolve()
      while (mirror.meta && queue.burst.length > 0) {
        const burst = queue.burst.slice(0, burstSize)
        await serial(() => enqueue(burst))
        if (queue.isStuck) return
      }
    } finally {
      // in the turn of the last look at the queue: a call that comes a moment later begins a run of its own
      writing = undefined
    }
  }
  const enqueue = async (burst: readonly QueuedMutation[]): Promise<void> => {
    let key: number
    try {
      key = await mirror.disk.enqueue(burst)
    } catch (error) {
      const failure = errorToTidemark(error, 'disk/unavailable')
      return failure.code === 'disk/lost' ? mirror.follow() : giveUp(failure)
    }
    const note = (): void => {
      queue.written(burst)
      for (const { id } of burst) book.durable(id)
      mirror.touch()
    }
    try {
      await mirror.wrote(key, note)
    } catch (error) {
      // it is on disk, whatever became of the look at what others wrote: it must not be written again
      note()
      report(errorToTidemark(error, 'disk/unavailable'))
    }
    onWritten()
  }
  // nothing may pass a mutation that the disk refused: all of them go with the next burst
  const giveUp = (failure: TidemarkError): void => {
    const unwritten = queue.burst
    queue.volatile(unwritten)
    for (const { id } of unwritten) book.volatile(id, failure)
    report(failure)
    mirror.touch()
    onWritten()
  }

  return () => {
    writing ??= write()
    return writing
  }
}
