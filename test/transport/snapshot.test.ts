import fc from 'fast-check'
import * as v from 'valibot'
import { expect, test } from 'vitest'
import { snapshotRowSchema } from '../../src/protocol/snapshot.ts'
import { isSnapshotRow, readSnapshot, snapshotBatch } from '../../src/transport/snapshot.ts'
import { answer, collect, expectCode } from '../contract/transport.ts'

const head = { ...answer, from: null, total: 2 }
const row = (id: string) => ['notes', { id }]
const foot = { cursor: 'k' }

test('the check of a row by hand says what its schema says', () => {
  const id = fc.oneof(fc.string({ maxLength: 3 }), fc.constantFrom('', 'a\u0000', 'x'.repeat(256), 'x'.repeat(257)), fc.integer())
  const value = fc.oneof(fc.record({ id, title: fc.string() }, { requiredKeys: [] }), fc.array(id), fc.constant(null), fc.jsonValue())
  const line = fc.oneof(fc.tuple(id, value), fc.tuple(id, value, fc.nat()), fc.tuple(id), fc.jsonValue())
  fc.assert(
    fc.property(line, (line) => {
      expect(isSnapshotRow(line)).toBe(v.is(snapshotRowSchema, line))
    }),
    { numRuns: 3000 },
  )
})

test('rows come in batches, however the lines do; empty lines count for nothing', async () => {
  const rows = Array.from({ length: snapshotBatch * 2 + 1 }, (_, i) => row(`n${i}`))
  const sizes = (await collect(readSnapshot(lines([head, '', ...rows, foot, ''], 1)))).flatMap((part) =>
    'rows' in part ? [part.rows.length] : [],
  )
  expect(sizes).toEqual([snapshotBatch, snapshotBatch, 1])
  expect(await collect(readSnapshot(lines([head, ...rows, foot], 5000)))).toHaveLength(5)
})

test('an empty space has a head and a foot', async () => {
  expect(await collect(readSnapshot(lines([{ ...head, total: 0 }, foot], 9)))).toEqual([{ head: { ...head, total: 0 } }, { foot }])
})

test.each([
  ['HN2 nothing', [], 'unreachable/not-tidemark'],
  ['HN2 a head alone', [head], 'unreachable/not-tidemark'],
  ['HN2 no foot', [head, row('a')], 'unreachable/not-tidemark'],
  ['HN2 a row cut in half', [head, row('a'), '["notes",{"id":"b'], 'unreachable/not-tidemark'],
  ['no head', [row('a'), foot], 'unreachable/not-tidemark'],
  ['a row without an id', [head, ['notes', {}], foot], 'unreachable/not-tidemark'],
  ['more after the foot', [head, foot, row('a')], 'unreachable/not-tidemark'],
  ['a head of another version', [{ ...head, tidemark: 2 }, foot], 'outdated/protocol'],
  ['a reset for the epoch', [{ ...answer, reset: 'epoch' }], 'outdated/epoch-changed'],
  ['a reset for age', [{ ...answer, reset: 'too-old' }], 'outdated/cursor-too-old'],
] as const)('a snapshot of %s throws', async (_, content, code) => {
  await expectCode(collect(readSnapshot(lines(content, 2))), code)
})

async function* lines(values: readonly unknown[], batch: number): AsyncGenerator<readonly string[]> {
  const text = values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value)))
  for (let i = 0; i < text.length; i += batch) yield text.slice(i, i + batch)
}
