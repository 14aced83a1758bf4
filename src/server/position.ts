import type { Position } from './database.ts'

/** The order of changes: negative, zero or positive as `a` comes before, at or after `b`. */
export function comparePositions(a: Position, b: Position): number {
  return a[0] - b[0] || compareCodePoints(a[1], b[1]) || compareCodePoints(a[2], b[2])
}

/** Text by code point, which is the order of its UTF-8 bytes: the one order of text that PostgreSQL has everywhere (COLLATE "C"). */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const unitOfA = a.charCodeAt(i)
    const unitOfB = b.charCodeAt(i)
    if (unitOfA !== unitOfB) return rankUnit(unitOfA) - rankUnit(unitOfB)
  }
  return a.length - b.length
}

// the two halves of a code point beyond U+FFFF stand below U+E000, but sort behind U+FFFF
function rankUnit(unit: number): number {
  return unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}
