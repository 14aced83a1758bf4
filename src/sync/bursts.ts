import { TidemarkError } from '../errors.ts'
import type { StageBook } from '../pending/stages.ts'
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
  /** Writes the next mutations into base, of a store that is its own server. */
  readonly fold: (() => Promise<void>) | undefined
  readonly onWritten: () => void
  readonly report: (error: TidemarkError) => void
}

/** Mutations that one record of the queue holds at most: a record is rewritten whole when one of its mutations is marked as sent. */
const burstSize = 250

/** Writes what is not on disk, burst after burst and one write at a time. */
export interface Bursts {
  /** Begins, where no run is under way; what goes wrong is reported. */
  begin(): void
  /** Resolves when all is on disk, or was refused by it; a call made meanwhile shares that run. */
  write(): Promise<void>
}

/** Writes nothing until it is told to. */
export function createBursts({ mirror, queue, book, serial, fold, onWritten, report }: BurstsOptions): Bursts {
  let writing: Promise<void> | undefined

  const write = async (): Promise<void> => {
    try {
      // all calls of this turn go into one burst
      await Promise.resolve()
      while (mirror.meta && queue.burst.length > 0) {
        await serial(writeSome)
        if (queue.isStuck) return
      }
    } finally {
      // in the turn of the last look at the queue: a call that comes a moment later begins a run of its own
      writing = undefined
    }
  }
  const writeSome = async (): Promise<void> => {
    try {
      await (fold ? foldOrEnqueue(fold) : enqueue())
    } catch (error) {
      const failure = errorToTidemark(error, 'disk/unavailable')
      if (failure.code === 'disk/lost') await mirror.follow()
      else giveUp(failure)
    }
  }
  const foldOrEnqueue = async (run: () => Promise<void>): Promise<void> => {
    try {
      await run()
    } catch (error) {
      // base belongs to a newer version of the app, which takes into it what older ones queue
      if (!(error instanceof TidemarkError) || error.code !== 'disk/too-new') throw error
      await enqueue()
    }
  }
  const enqueue = async (): Promise<void> => {
    const burst = queue.burst.slice(0, burstSize)
    const key = await mirror.disk.enqueue(burst)
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

  const share = (): Promise<void> => {
    writing ??= write()
    return writing
  }
  return {
    begin() {
      if (!writing) share().catch((error: unknown) => report(errorToTidemark(error, 'disk/unavailable')))
    },
    write: share,
  }
}
