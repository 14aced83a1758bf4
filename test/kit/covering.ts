// Covering arrays: few rows in which every three values of three axes stand together at least once, wherever they may.
//
//   an uncovered triple ──▶ a row that begins with it ──▶ each other axis takes the value that covers most ──▶ the next
import { createRng } from './rng.ts'

/** What rows are made of: values by axis, and which values may stand together. */
export interface Space {
  readonly axes: { readonly [axis: string]: readonly string[] }
  /** Whether two values of two axes may stand in one row; the other axes are absent. */
  isAllowed(two: Some): boolean
}
/** Values of some axes. */
export type Some = { readonly [axis: string]: string | undefined }
/** A value for each axis. */
export type CoveringRow = { readonly [axis: string]: string }

/** Rows that cover every triple of the space that may be: the same for the same seed. */
export function makeCoveringArray(space: Space, seed = 1): readonly CoveringRow[] {
  const rng = createRng(seed)
  const cells = makeCells(space)
  const { axisOf, cellsOf } = cells
  const triples = allTriples(cells)
  const open = makeTripleSet(cells)
  for (const triple of triples) open.add(triple)
  // how many uncovered triples a cell makes with two of the row's
  const gain = (cell: number, row: readonly number[]): number => {
    let sum = 0
    for (let i = 0; i < row.length; i++)
      for (let j = i + 1; j < row.length; j++) if (open.has(cell, row[i] as number, row[j] as number)) sum++
    return sum
  }
  const fill = (start: readonly number[]): readonly number[] => {
    const row = [...start]
    const taken = new Set(row.map((cell) => axisOf[cell]))
    for (const axis of rng.shuffle(cellsOf.flatMap((_, place) => (taken.has(place) ? [] : [place])))) {
      let best = -1
      let most = -1
      for (const cell of rng.shuffle(cellsOf[axis] as readonly number[])) {
        const sum = gain(cell, row)
        if (sum > most && isPossible(cells, [...row, cell])) [best, most] = [cell, sum]
      }
      row.push(best)
    }
    return row
  }
  const rows: CoveringRow[] = []
  for (const triple of triples) {
    if (!open.has(...triple)) continue
    const row = fill(triple)
    rows.push(cells.toSome(row.toSorted((x, y) => x - y)) as CoveringRow)
    for (const within of triplesIn(row)) open.delete(within)
  }
  return rows
}

/** Every triple of values that stands in some row that may be. */
export function listTriples(space: Space): readonly Some[] {
  const cells = makeCells(space)
  return allTriples(cells).map((triple) => cells.toSome(triple))
}

// each value of each axis by a number: those of one axis stand side by side
interface Cells {
  readonly count: number
  readonly axisOf: readonly number[]
  readonly cellsOf: readonly (readonly number[])[]
  isPair(one: number, two: number): boolean
  /** For each cell and each axis, the values that may stand with it, as bits. */
  readonly allowedBy: readonly (readonly number[])[]
  toSome(cells: readonly number[]): Some
}

type Triple = readonly [number, number, number]

function makeCells({ axes, isAllowed }: Space): Cells {
  const names = Object.keys(axes)
  const all = names.flatMap((name, axis) => (axes[name] ?? []).map((value) => ({ name, axis, value })))
  const count = all.length
  const pairs = new Uint8Array(count * count)
  for (const [i, a] of all.entries())
    for (const [j, b] of all.entries())
      if (a.axis !== b.axis && isAllowed({ [a.name]: a.value, [b.name]: b.value })) pairs[i * count + j] = 1
  const cellsOf = names.map((_, axis) => all.flatMap((cell, place) => (cell.axis === axis ? [place] : [])))
  const isPair = (one: number, two: number): boolean => pairs[one * count + two] === 1
  return {
    count,
    isPair,
    axisOf: all.map(({ axis }) => axis),
    cellsOf,
    allowedBy: all.map((_, cell) =>
      cellsOf.map((own) => own.reduce((bits, other, place) => (isPair(cell, other) ? bits | (1 << place) : bits), 0)),
    ),
    toSome: (cells) =>
      Object.fromEntries(
        cells.map((cell) => {
          const { name, value } = all[cell] as (typeof all)[number]
          return [name, value]
        }),
      ),
  }
}

function allTriples(cells: Cells): readonly Triple[] {
  const { axisOf, isPair, count } = cells
  const triples: Triple[] = []
  for (let a = 0; a < count; a++)
    for (let b = a + 1; b < count; b++)
      for (let c = b + 1; isPair(a, b) && c < count; c++)
        if (axisOf[b] !== axisOf[c] && isPair(a, c) && isPair(b, c) && isPossible(cells, [a, b, c])) triples.push([a, b, c])
  return triples
}

// whether a whole row begins with these: the axis with the fewest values left goes first, so that a dead end shows at once
function isPossible({ axisOf, cellsOf, allowedBy }: Cells, start: readonly number[]): boolean {
  // the values left to each axis as bits; -1: it has its value
  const narrow = (left: readonly number[], cell: number): readonly number[] =>
    left.map((bits, axis) => (bits === -1 || axis === axisOf[cell] ? -1 : bits & ((allowedBy[cell] as readonly number[])[axis] as number)))
  const search = (left: readonly number[]): boolean => {
    let narrowest = -1
    for (const [axis, bits] of left.entries()) {
      if (bits === 0) return false
      if (bits !== -1 && (narrowest === -1 || countBits(bits) < countBits(left[narrowest] as number))) narrowest = axis
    }
    if (narrowest === -1) return true
    return (cellsOf[narrowest] as readonly number[]).some(
      (cell, place) => (left[narrowest] as number) & (1 << place) && search(narrow(left, cell)),
    )
  }
  let left: readonly number[] = cellsOf.map((own) => 2 ** own.length - 1)
  for (const cell of start) {
    const axis = axisOf[cell] as number
    const place = (cellsOf[axis] as readonly number[]).indexOf(cell)
    if (!((left[axis] as number) & (1 << place))) return false
    left = narrow(left, cell)
  }
  return search(left)
}

function countBits(bits: number): number {
  let count = 0
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++
  return count
}

interface TripleSet {
  has(a: number, b: number, c: number): boolean
  add(triple: Triple): void
  delete(triple: Triple): void
}

// triples in any order of their cells
function makeTripleSet({ count }: Cells): TripleSet {
  const marks = new Uint8Array(count ** 3)
  const mark = ([a, b, c]: Triple, value: 0 | 1): void => {
    for (const [x, y, z] of [
      [a, b, c],
      [a, c, b],
      [b, a, c],
      [b, c, a],
      [c, a, b],
      [c, b, a],
    ] as const)
      marks[(x * count + y) * count + z] = value
  }
  return {
    has: (a, b, c) => marks[(a * count + b) * count + c] === 1,
    add: (triple) => mark(triple, 1),
    delete: (triple) => mark(triple, 0),
  }
}

function triplesIn(row: readonly number[]): readonly Triple[] {
  return row.flatMap((a, i) => row.slice(i + 1).flatMap((b, j) => row.slice(i + j + 2).map((c): Triple => [a, b, c])))
}
