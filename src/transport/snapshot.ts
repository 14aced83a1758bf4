import * as v from 'valibot'
import { TidemarkError } from '../errors.ts'
import { resetSchema } from '../protocol/pull.ts'
import { snapshotFootSchema, snapshotHeadSchema, type SnapshotRow } from '../protocol/snapshot.ts'
import { notTidemark, parseJson, parseMessage } from './failure.ts'
import type { SnapshotPart } from './transport.ts'

/** Rows that one part carries at most. */
export const snapshotBatch = 500

/** The parts of a snapshot from its lines: head, rows, foot; empty lines count for nothing. Ends without a foot only by throwing `unreachable/not-tidemark`. */
export async function* readSnapshot(lines: AsyncIterable<readonly string[]>): AsyncGenerator<SnapshotPart, void, undefined> {
  let place: 'head' | 'rows' | 'end' = 'head'
  let rows: SnapshotRow[] = []
  for await (const batch of lines) {
    for (const line of batch) {
      if (line.trim() === '') continue
      if (place === 'end') throw notTidemark({ reason: 'after the foot' })
      if (place === 'head') {
        yield { head: parseHead(line) }
        place = 'rows'
        continue
      }
      const value = parseJson(line)
      if (isSnapshotRow(value)) rows.push(value)
      else place = 'end'
      if (rows.length === snapshotBatch || (place === 'end' && rows.length > 0)) {
        yield { rows }
        rows = []
      }
      if (place === 'end') yield { foot: parseMessage(snapshotFootSchema, line) }
    }
  }
  if (place !== 'end') throw notTidemark({ reason: 'without its foot' })
}

/** Whether a line's value is a row: what `snapshotRowSchema` says, at a hundredth of its cost. */
export function isSnapshotRow(value: unknown): value is SnapshotRow {
  if (!Array.isArray(value) || value.length < 2) return false
  const [collection, row] = value as readonly unknown[]
  return isId(collection) && typeof row === 'object' && row !== null && 'id' in row && isId(row.id)
}

function isId(value: unknown): boolean {
  return typeof value === 'string' && value.length >= 1 && value.length <= 256 && !value.includes('\u0000')
}

// a server that cannot go on from the request's cursor says so as it does to a pull
function parseHead(line: string) {
  const reset = v.safeParse(resetSchema, parseJson(line))
  if (!reset.success) return parseMessage(snapshotHeadSchema, line)
  throw new TidemarkError(reset.output.reset === 'epoch' ? 'outdated/epoch-changed' : 'outdated/cursor-too-old', {
    details: { epoch: reset.output.epoch },
  })
}
