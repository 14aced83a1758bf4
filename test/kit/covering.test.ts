import { expect, test } from 'vitest'
import { listTriples, makeCoveringArray, type Space } from './covering.ts'

const space: Space = {
  axes: { a: ['1', '2', '3'], b: ['1', '2', '3'], c: ['1', '2'], d: ['1', '2'], e: ['1', '2'] },
  isAllowed: ({ a, b, d, e }) => !(a === '1' && b === '1') && !(d === '2' && e === '2'),
}

test('every triple that may be stands in a row, in far fewer rows than there could be', () => {
  const rows = makeCoveringArray(space)
  for (const triple of listTriples(space))
    expect(rows.some((row) => Object.entries(triple).every(([axis, value]) => row[axis] === value))).toBe(true)
  expect(rows.length).toBeLessThan(30)
  expect(rows.every((row) => Object.keys(row).length === 5 && space.isAllowed(row))).toBe(true)
})

test('a triple may be if a whole row holds it, not only if its three values go together', () => {
  // x and y go together, but leave nothing to z
  const tight: Space = {
    axes: { x: ['1', '2'], y: ['1', '2'], z: ['1', '2'], w: ['1'] },
    isAllowed: ({ x, y, z }) => !(x === '1' && z === '1') && !(y === '1' && z === '2'),
  }
  expect(listTriples(tight)).not.toContainEqual({ x: '1', y: '1', w: '1' })
  expect(listTriples(tight)).toContainEqual({ x: '1', y: '2', w: '1' })
})

test('the number of triples without constraints is the number there are', () => {
  expect(listTriples({ axes: { a: ['1', '2'], b: ['1', '2', '3'], c: ['1'], d: ['1', '2'] }, isAllowed: () => true })).toHaveLength(
    2 * 3 * 1 + 2 * 3 * 2 + 2 * 1 * 2 + 3 * 1 * 2,
  )
})

test('the same seed gives the same rows', () => {
  expect(makeCoveringArray(space, 7)).toEqual(makeCoveringArray(space, 7))
})
