import type { SnapshotRequest } from '../protocol/snapshot.ts'
import { sharedAudience } from './audience.ts'
import type { Fill, Progress } from './cursor.ts'
import type { SpaceReader } from './database.ts'
import { beginFills, makeStart } from './page.ts'
import { findReset, mustBeOurs, mustMatchSchema, openCursor } from './pull.ts'
import type { Setup } from './setup.ts'
import { enterSpace } from './space.ts'

/**
 * Answers with all rows as lines of JSON: a head, rows, a foot. Each page of rows is a state of its own; the pull from the foot's cursor brings what changed
 * meanwhile. Raises what a pull raises, before the first line; fails in the middle where the caller may no longer go on.
 */
export async function answerSnapshot(setup: Setup, request: SnapshotRequest): Promise<ReadableStream<Uint8Array>> {
  mustMatchSchema(setup, request.schema)
  const { space, user, cursor = null } = request
  const opened = await openCursor(setup, cursor, request)
  const begun = await setup.database.read(space, async (reader) => {
    const { head, envelope, audiences } = await enterSpace(setup, reader, request)
    const reset = opened && findReset(head, request, opened)
    if (reset) return { line: { ...envelope, reset }, epoch: head.epoch, progress: undefined }
    const progress = mustBeOurs(opened)?.progress ?? makeStart(head.version)
    const fills = beginFills(progress, audiences, head.version)
    const total = await reader.count(
      fills.filter(({ audience, after }) => after !== null && audiences.includes(audience)).map(({ audience }) => audience),
    )
    return { line: { ...envelope, from: cursor, total }, epoch: head.epoch, progress: { ...progress, fills } }
  })
  const { progress } = begun
  if (!progress) return makeLines(oneLine(begun.line))
  const owner = { epoch: begun.epoch, user, space, schema: setup.schema.version }
  return makeLines(
    writeSnapshot(setup, request, { head: begun.line, progress, seal: (end) => setup.cursors.seal(owner, end) }),
    setup.world.report,
  )
}

interface Begun {
  readonly head: unknown
  readonly progress: Progress
  readonly seal: (progress: Progress) => Promise<string>
}

async function* writeSnapshot(
  setup: Setup,
  request: SnapshotRequest,
  { head, progress, seal }: Begun,
): AsyncGenerator<string, void, undefined> {
  yield toLine(head)
  let fills = progress.fills
  for (let i = 0; i < fills.length; ) {
    const fill = fills[i] as Fill
    if (fill.after === null) {
      i++
      continue
    }
    const { lines, after } = await setup.database.read(request.space, async (reader) => {
      const { audiences } = await enterSpace(setup, reader, request)
      // an audience lost on the way stays as it is: the pull that follows says so
      return audiences.includes(fill.audience)
        ? readFill(reader, fill, { rows: setup.limits.snapshotRows, size: setup.limits.pageSize })
        : { lines: '', after: fill.after }
    })
    if (lines !== '') yield lines
    fills = fills.map((other) => (other === fill ? { ...fill, after } : other))
    if (after === null || lines === '') i++
  }
  yield toLine({ cursor: await seal({ ...progress, fills }) })
}

async function readFill(
  reader: SpaceReader,
  { audience, version, after }: Fill,
  limits: { readonly rows: number; readonly size: number },
): Promise<{ readonly lines: string; readonly after: Fill['after'] }> {
  const rows = await reader.fill(audience, after ?? ['', ''], version, limits.rows)
  let lines = ''
  for (const [i, { collection, id, value }] of rows.entries()) {
    lines += toLine([collection, value, ...(audience === sharedAudience ? [] : [audience])])
    const isLast = i === rows.length - 1 && rows.length < limits.rows
    if (lines.length > limits.size && !isLast) return { lines, after: [collection, id] }
  }
  const last = rows.at(-1)
  return { lines, after: last && rows.length === limits.rows ? [last.collection, last.id] : null }
}

// written as it is read: whoever reads slowly makes the database wait, not the memory grow
function makeLines(
  lines: AsyncGenerator<string, void, undefined>,
  report: (error: unknown) => void = () => undefined,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await lines.next().catch((error: unknown) => {
        report(error)
        throw error
      })
      if (done) controller.close()
      else controller.enqueue(encoder.encode(value))
    },
    async cancel() {
      await lines.return()
    },
  })
}

async function* oneLine(value: unknown): AsyncGenerator<string, void, undefined> {
  yield toLine(value)
}

function toLine(value: unknown): string {
  return `${JSON.stringify(value)}\n`
}
