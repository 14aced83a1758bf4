// What a reader lacks, a page at a time, from no memory but its cursor (models: fills first, then changes):
//
//   audience newly held ─► fill: its rows by id, but for those newer than the version at which the fill began
//   all audiences held ──► changes: rows and departures after the position (of a filled audience: after its fill's version)
//
// Rows are last states, so no page but the last is a version that ever was: pages are staged, and the last one makes a whole.
import type { Patch } from '../protocol/patch.ts'
import type { Fill, Progress } from './cursor.ts'
import type { Departure, Position, SpaceReader, StoredRow } from './database.ts'

/** How much a page may hold. */
export interface PageLimits {
  readonly patches: number
  readonly size: number
}

/** A page of patches, and how far the reader has come with it. */
export interface Page {
  readonly patches: readonly Patch[]
  readonly progress: Progress
  readonly more: boolean
}

/** Where a reader stands that has nothing: changes begin at the head, and everything before comes by fills. */
export function makeStart(version: number): Progress {
  return { position: afterVersion(version), told: 0, held: [], fills: [] }
}

/** The place behind all changes of a version. */
export function afterVersion(version: number): Position {
  return [version + 1, '', '']
}

/** The next page for a reader who holds `audiences` now. */
export async function makePage(
  reader: SpaceReader,
  version: number,
  asked: { readonly progress: Progress; readonly audiences: readonly string[]; readonly limits: PageLimits },
): Promise<Page> {
  const { progress, audiences } = asked
  const sheet = makeSheet(asked.limits)
  const wanted = new Set(audiences)
  for (const audience of new Set([...progress.held, ...progress.fills.map((fill) => fill.audience)]))
    if (!wanted.has(audience)) sheet.leave(audience)

  const held = progress.held.filter((audience) => wanted.has(audience))
  const begun = beginFills(progress, audiences, version).filter(({ audience }) => wanted.has(audience))
  const fills = await fillSheet(reader, begun, sheet)
  const half = { ...progress, held, fills }
  if (fills.some(({ after }) => after !== null) || sheet.isFull()) return { patches: sheet.patches, progress: half, more: true }

  const positions = new Map<string, Position>([
    ...held.map((audience) => [audience, progress.position] as const),
    ...fills.map(({ audience, version: filledAt }) => [audience, later(afterVersion(filledAt), progress.position)] as const),
  ])
  const end = await writeChanges(reader, positions, sheet)
  if (end) return { patches: sheet.patches, progress: { ...half, position: end }, more: true }
  return {
    patches: sheet.patches,
    progress: { position: afterVersion(version), told: version, held: [...positions.keys()].sort(), fills: [] },
    more: false,
  }
}

/** The fills under way, and new ones for audiences newly held. */
export function beginFills({ held, fills }: Progress, audiences: readonly string[], version: number): readonly Fill[] {
  const begun = new Set([...held, ...fills.map(({ audience }) => audience)])
  const fresh = audiences.filter((audience) => !begun.has(audience)).map((audience) => ({ audience, version, after: ['', ''] as const }))
  return [...fills, ...fresh]
}

/** What changed for holders of the audiences, each after its position; undefined where the sheet has not room for all of it. */
export async function findChanges(
  reader: SpaceReader,
  positions: ReadonlyMap<string, Position>,
  limits: PageLimits,
): Promise<readonly Patch[] | undefined> {
  const sheet = makeSheet(limits)
  const end = await writeChanges(reader, positions, sheet)
  return end || sheet.isFull() ? undefined : sheet.patches
}

type Sheet = ReturnType<typeof makeSheet>

function makeSheet(limits: PageLimits) {
  const patches: Patch[] = []
  let patchesLeft = limits.patches
  let sizeLeft = limits.size
  return {
    patches,
    get patchesLeft() {
      return patchesLeft
    },
    isFull: () => patchesLeft <= 0 || sizeLeft <= 0,
    add(change: StoredRow | Departure) {
      const patch = makePatch(change)
      patches.push(patch)
      patchesLeft--
      sizeLeft -= JSON.stringify(patch).length
    },
    leave: (audience: string) => void patches.push({ op: 'leave', audience }),
  }
}

async function fillSheet(reader: SpaceReader, fills: readonly Fill[], sheet: Sheet): Promise<readonly Fill[]> {
  const filled: Fill[] = []
  for (const fill of fills) {
    let { after } = fill
    while (after !== null && !sheet.isFull()) {
      const count = Math.min(sheet.patchesLeft, batch)
      const rows = await reader.fill(fill.audience, after, fill.version, count)
      after = takeRows(rows, sheet) ?? (rows.length < count ? null : placeOf(rows.at(-1) as StoredRow))
    }
    filled.push({ ...fill, after })
  }
  return filled
}

// the place of the last row that was taken, if some were not
function takeRows(rows: readonly StoredRow[], sheet: Sheet): readonly [string, string] | undefined {
  for (const [i, row] of rows.entries()) {
    sheet.add(row)
    if (sheet.isFull() && i < rows.length - 1) return placeOf(row)
  }
  return undefined
}

// the position of the last change on the sheet, where there are or may be more
async function writeChanges(reader: SpaceReader, start: ReadonlyMap<string, Position>, sheet: Sheet): Promise<Position | undefined> {
  let positions = start
  for (;;) {
    const count = Math.min(sheet.patchesLeft, batch) + 1
    const found = await reader.changes(positions, count)
    const isAll = found.length < count
    const told = found.filter((change, i) => isRow(change) || !isRowAt(found[i + 1], change))
    for (const [i, change] of told.entries()) {
      sheet.add(change)
      if (sheet.isFull() && !(isAll && i === told.length - 1)) return positionOf(change)
    }
    const last = told.at(-1)
    if (isAll || !last) return undefined
    const end = positionOf(last)
    positions = new Map([...positions].map(([audience, position]) => [audience, later(position, end)]))
  }
}

function makePatch(change: StoredRow | Departure): Patch {
  const { collection, id, audience } = change
  return isRow(change) ? { op: 'put', collection, id, value: change.value, audience } : { op: 'del', collection, id, audience }
}

function isRow(change: StoredRow | Departure | undefined): change is StoredRow {
  return change !== undefined && 'value' in change
}

// a move between two audiences that the reader holds is told by the row alone
function isRowAt(next: StoredRow | Departure | undefined, { collection, id, version }: Departure): boolean {
  return isRow(next) && next.version === version && next.collection === collection && next.id === id
}

function placeOf({ collection, id }: StoredRow): readonly [string, string] {
  return [collection, id]
}

function positionOf({ version, collection, id }: StoredRow | Departure): Position {
  return [version, collection, id]
}

// Within a version the database orders, and `b` is the one that it names later, or `a` is the place before all.
function later(a: Position, b: Position): Position {
  return a[0] > b[0] ? a : b
}

// rows asked of the database at a time: large rows are many bytes
const batch = 250
