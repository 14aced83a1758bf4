import type { Clock } from '../util/clock.ts'
import type { BaseCommit, DiskMeta } from './disk.ts'
import { diskFormat } from './record.ts'

/** What a database's identity is made of. */
export interface MetaParts {
  /** The version of the app's schema. */
  readonly schema: number
  readonly clock: Clock
  readonly randomId: () => string
}

/** The meta of a database that was not there before. */
export function makeMeta({ schema, randomId, clock }: MetaParts): DiskMeta {
  return {
    instance: randomId(),
    format: diskFormat,
    schema,
    group: randomId(),
    // Terms of a database that takes another one's place do not repeat those of the other.
    term: Math.max(0, Math.floor(clock.now())),
    cursor: null,
    version: 0,
    epoch: null,
    confirmed: {},
    compactedTo: 0,
    answeredAt: 0,
  }
}

/** What meta is after a step of base. */
export function moveMeta(meta: DiskMeta, { cursor, version, epoch, now, confirmed }: BaseCommit): DiskMeta {
  return {
    ...meta,
    cursor,
    version,
    epoch,
    confirmed: { ...meta.confirmed, ...confirmed },
    answeredAt: Math.max(meta.answeredAt, now),
  }
}
