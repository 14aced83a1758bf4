import { TidemarkError } from '../errors.ts'
import type { PullAnswer, PullRequest } from '../protocol/pull.ts'
import type { SnapshotRequest } from '../protocol/snapshot.ts'
import type { SpaceHead } from './database.ts'
import type { CursorOwner, Progress } from './cursor.ts'
import { makeNoOutcomes, readOutcomes } from './outcome.ts'
import { makePage, makeStart } from './page.ts'
import type { Setup } from './setup.ts'
import { enterSpace } from './space.ts'

/** A reader's cursor, opened. */
export interface OpenCursor {
  readonly owner: CursorOwner
  readonly progress: Progress
}

/** Answers a pull with the next page of what changed. Raises `auth/forbidden-space`, `outdated/schema`, `invalid/request` for a cursor that is not ours. */
export async function answerPull(setup: Setup, request: PullRequest): Promise<PullAnswer> {
  mustMatchSchema(setup, request.schema)
  const { space, user, group, cursor } = request
  const opened = await openCursor(setup, cursor, request)
  const limits = { patches: Math.min(request.limit ?? setup.limits.pagePatches, setup.limits.pagePatches), size: setup.limits.pageSize }
  const found = await setup.database.read(space, async (reader) => {
    const { head, envelope, audiences } = await enterSpace(setup, reader, request)
    const reset = findReset(head, request, opened)
    if (reset) return { ...envelope, reset }
    const progress = mustBeOurs(opened)?.progress ?? makeStart(head.version)
    const page = await makePage(reader, head.version, { progress, audiences, limits })
    const outcomes = page.more ? makeNoOutcomes() : await readOutcomes(reader, { group, user }, progress.told)
    return { envelope, page, outcomes }
  })
  if ('reset' in found) return found
  const { envelope, page, outcomes } = found
  const owner = { epoch: envelope.epoch, user, space, schema: setup.schema.version }
  return {
    ...envelope,
    from: cursor,
    cursor: await setup.cursors.seal(owner, page.progress),
    patches: [...page.patches],
    ...outcomes,
    more: page.more,
  }
}

/** The cursor, opened; the error where it is not ours, which counts only if the reader knows this history. */
export async function openCursor(setup: Setup, cursor: string | null, request: PullRequest | SnapshotRequest): Promise<MaybeCursor> {
  if (cursor === null) return undefined
  try {
    return await setup.cursors.open(cursor, request)
  } catch (error) {
    if (error instanceof TidemarkError) return error
    throw error
  }
}

/** The cursor, if there is one. Raises why it is not ours. */
export function mustBeOurs(cursor: MaybeCursor): OpenCursor | undefined {
  if (cursor instanceof TidemarkError) throw cursor
  return cursor
}

type MaybeCursor = OpenCursor | TidemarkError | undefined

/** Why a reader has to begin from the beginning, if it has to. A replaced database has another secret too: what it did not sign is asked about its epoch first. */
export function findReset(
  head: SpaceHead,
  request: Pick<PullRequest, 'epoch' | 'schema'>,
  opened: MaybeCursor,
): 'epoch' | 'too-old' | undefined {
  if (request.epoch !== undefined && request.epoch !== head.epoch) return 'epoch'
  const cursor = mustBeOurs(opened)
  if (!cursor) return undefined
  const { owner, progress } = cursor
  if (owner.epoch !== head.epoch) return 'epoch'
  // a signed cursor from the future: this database went back in time
  const [version, collection] = progress.position
  const versions = [collection === '' ? version - 1 : version, progress.told, ...progress.fills.map(({ version }) => version)]
  if (versions.some((version) => version > head.version)) return 'epoch'
  if (owner.schema !== request.schema) return 'too-old'
  return oldestVersion(progress) < head.floor ? 'too-old' : undefined
}

/** Raises `outdated/schema` for a reader whose rows look different. */
export function mustMatchSchema({ schema }: Setup, version: number): void {
  if (version !== schema.version) throw new TidemarkError('outdated/schema', { details: { version: schema.version } })
}

// departures after this version are needed to go on
function oldestVersion({ position, held, fills }: Progress): number {
  const filled = fills.map(({ version }) => version)
  return Math.min(...(held.length > 0 || filled.length === 0 ? [position[0] - 1] : []), ...filled)
}
