import fc from 'fast-check'
import { expect, test } from 'vitest'
import { answerQuery } from '../../src/query/answer.ts'
import { type ConditionAst, operators } from '../../src/query/ast.ts'
import { conditionKey, queryKey } from '../../src/query/canonical.ts'
import type { AnyRow } from '../../src/schema/row.ts'
import { createRng, type Rng } from '../kit/rng.ts'

const rows: readonly AnyRow[] = Array.from({ length: 24 }, (_, i) => ({
  id: `r${i}`,
  n: i % 4,
  s: 'abcdef'.slice(0, i % 6),
  z: i % 3 === 0 ? null : i % 5,
}))

const comparison: fc.Arbitrary<ConditionAst> = fc.oneof(
  fc.record({
    op: fc.constantFrom('=' as const, '!=' as const, '<' as const, '>=' as const),
    field: fc.constantFrom('n', 'z'),
    value: fc.integer({ min: 0, max: 4 }),
  }),
  fc.record({ op: fc.constant('startsWith' as const), field: fc.constant('s'), value: fc.constantFrom('', 'a', 'abc') }),
  fc.record({
    op: fc.constant('in' as const),
    field: fc.constantFrom('n', 'z'),
    value: fc.array(fc.constantFrom(0, 1, 2, null), { maxLength: 4 }),
  }),
)
const { condition } = fc.letrec<{ condition: ConditionAst; joined: ConditionAst; negated: ConditionAst }>((tie) => ({
  condition: fc.oneof({ maxDepth: 4, withCrossShrink: true }, comparison, tie('joined'), tie('negated')),
  joined: fc.record({ op: fc.constantFrom('and' as const, 'or' as const), of: fc.array(tie('condition'), { maxLength: 3 }) }),
  negated: fc.tuple(tie('condition')).map((of) => ({ op: 'not' as const, of })),
}))

test('conditions that differ in order and nesting alone have equal keys and equal answers', () => {
  fc.assert(
    fc.property(condition, fc.nat(), (made, seed) => {
      const other = rearrange(made, createRng(seed))
      expect(conditionKey(other)).toBe(conditionKey(made))
      expect(answerQuery({ from: 'books', where: other }, rows)).toEqual(answerQuery({ from: 'books', where: made }, rows))
    }),
    { numRuns: 500 },
  )
})

test('conditions with equal keys have equal answers', () => {
  const byKey = new Map<string, string>()
  let shared = 0
  for (const made of fc.sample(condition, { numRuns: 4000, seed: 11 })) {
    const key = conditionKey(made)
    const answer = answerQuery({ from: 'books', where: made }, rows)
      .map(({ id }) => id)
      .join()
    if (byKey.has(key)) shared++
    expect(byKey.get(key) ?? answer).toBe(answer)
    byKey.set(key, answer)
  }
  expect(shared).toBeGreaterThan(100)
})

test('questions that ask different things have different keys', () => {
  const is = (value: string | number | null): ConditionAst => ({ op: '=', field: 'n', value })
  const keys = [
    queryKey({ from: 'books' }),
    queryKey({ from: 'shelves' }),
    queryKey({ from: 'books', limit: 1 }),
    queryKey({ from: 'books', limit: 10 }),
    queryKey({ from: 'books', orderBy: [{ field: 'n', direction: 'asc' }] }),
    queryKey({ from: 'books', orderBy: [{ field: 'n', direction: 'desc' }] }),
    queryKey({
      from: 'books',
      orderBy: [
        { field: 'n', direction: 'asc' },
        { field: 's', direction: 'asc' },
      ],
    }),
    queryKey({
      from: 'books',
      orderBy: [
        { field: 's', direction: 'asc' },
        { field: 'n', direction: 'asc' },
      ],
    }),
    ...[1, '1', null, 'null'].map((value) => queryKey({ from: 'books', where: is(value) })),
    ...operators.filter((op) => op !== 'in' && op !== '=').map((op) => queryKey({ from: 'books', where: { op, field: 'n', value: '1' } })),
    queryKey({ from: 'books', where: { op: 'not', of: [is(1)] } }),
    queryKey({ from: 'books', where: { op: 'and', of: [] } }),
    queryKey({ from: 'books', where: { op: 'or', of: [] } }),
    queryKey({ from: 'books', where: { op: 'and', of: [is(1), is(2)] } }),
    queryKey({ from: 'books', where: { op: 'or', of: [is(1), is(2)] } }),
  ]
  expect(new Set(keys).size).toBe(keys.length)
})

/** The same condition, put another way: parts in another order, some twice, some wrapped or nested. */
function rearrange(made: ConditionAst, rng: Rng): ConditionAst {
  const wrap = (one: ConditionAst): ConditionAst => (rng.chance(0.2) ? { op: rng.pick(['and', 'or']), of: [one] } : one)
  if (made.op === 'not') return wrap({ op: 'not', of: [rearrange(made.of[0], rng)] })
  if (made.op === 'in') return wrap({ ...made, value: rng.shuffle(made.value as readonly number[]) })
  if (!('of' in made)) return wrap({ value: made.value, field: made.field, op: made.op })
  const parts = rng.shuffle(made.of.map((part) => rearrange(part, rng)))
  if (parts.length > 0 && rng.chance(0.3)) parts.push(rng.pick(parts))
  if (parts.length > 1 && rng.chance(0.5)) parts.push({ op: made.op, of: parts.splice(0, rng.int(1, parts.length - 1)) })
  return wrap({ op: made.op, of: parts })
}
