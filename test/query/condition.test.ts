import { expect, test } from 'vitest'
import { operators } from '../../src/query/ast.ts'
import { compileCondition, countTerms, makeComparison } from '../../src/query/condition.ts'
import type { Json } from '../../src/util/json.ts'

const isMet = (held: Json | undefined, op: string, value: Json): boolean =>
  compileCondition(makeComparison('f', op, value))(held === undefined ? { id: 'a' } : { id: 'a', f: held })

test('= and != take null as a value, and an absent field as null', () => {
  expect(isMet(null, '=', null)).toBe(true)
  expect(isMet(undefined, '=', null)).toBe(true)
  expect(isMet(undefined, '!=', null)).toBe(false)
  expect(isMet(null, '!=', 1)).toBe(true)
  expect(isMet(undefined, '!=', 1)).toBe(true)
  expect(isMet(null, 'in', [1, null])).toBe(true)
  expect(isMet(undefined, 'in', [null])).toBe(true)
})

test('= compares by value and by type', () => {
  expect(isMet(1, '=', '1')).toBe(false)
  expect(isMet(0, '=', false)).toBe(false)
  expect(isMet('', '=', null)).toBe(false)
  expect(isMet({ a: 1, b: [2] }, '=', { b: [2], a: 1 })).toBe(true)
  expect(isMet([1, 2], '=', [2, 1])).toBe(false)
  expect(isMet([1], '!=', [1])).toBe(false)
  expect(isMet([1], 'in', ['x', [1]])).toBe(true)
  expect(isMet([2], 'in', ['x', [1]])).toBe(false)
})

test('< and its kin match text with text and numbers with numbers, and nothing else', () => {
  for (const op of ['<', '<=', '>', '>=']) {
    for (const held of [null, undefined, true, '5', [1], {}]) expect(isMet(held, op, 5), `${JSON.stringify(held)} ${op} 5`).toBe(false)
    for (const held of [null, undefined, false, 5, []]) expect(isMet(held, op, 'm'), `${JSON.stringify(held)} ${op} m`).toBe(false)
  }
  expect([isMet(4, '<', 5), isMet(5, '<', 5), isMet(5, '<=', 5), isMet(6, '<=', 5)]).toEqual([true, false, true, false])
  expect([isMet(6, '>', 5), isMet(5, '>', 5), isMet(5, '>=', 5), isMet(4, '>=', 5)]).toEqual([true, false, true, false])
  expect([isMet('Z', '<', 'a'), isMet('10', '<', '9'), isMet('\u{1f600}', '<', '\uff5e')]).toEqual([true, true, true])
})

test('startsWith is about text, case and all', () => {
  expect(isMet('Tidemark', 'startsWith', 'Tide')).toBe(true)
  expect(isMet('Tidemark', 'startsWith', 'tide')).toBe(false)
  expect(isMet('Tidemark', 'startsWith', '')).toBe(true)
  expect(isMet(null, 'startsWith', '')).toBe(false)
  expect(isMet(undefined, 'startsWith', '')).toBe(false)
  expect(isMet(['T'], 'startsWith', 'T')).toBe(false)
})

test('not is the plain opposite: every row meets a condition or its negation', () => {
  for (const op of operators) {
    const operand = op === 'in' ? [1, 'a'] : op === 'startsWith' ? 'a' : 1
    for (const held of [null, undefined, 1, 2, 'a', 'b', true, [1]]) {
      const condition = makeComparison('f', op, operand)
      const row = held === undefined ? { id: 'a' } : { id: 'a', f: held }
      expect(compileCondition({ op: 'not', of: [condition] })(row)).toBe(!compileCondition(condition)(row))
    }
  }
})

test('an and of nothing is met, an or of nothing is not, no condition is met', () => {
  expect(compileCondition({ op: 'and', of: [] })({ id: 'a' })).toBe(true)
  expect(compileCondition({ op: 'or', of: [] })({ id: 'a' })).toBe(false)
  expect(compileCondition(undefined)({ id: 'a' })).toBe(true)
})

test('terms are counted through joints and lists', () => {
  const one = makeComparison('f', '=', 1)
  expect(countTerms(undefined)).toBe(0)
  expect(countTerms({ op: 'or', of: [one, { op: 'not', of: [one] }, makeComparison('f', 'in', [1, 2, 3])] })).toBe(5)
})
