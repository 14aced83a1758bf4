import { expect, test } from 'vitest'
import { type ComparisonAst, type OperatorName, operators } from '../../src/query/ast.ts'
import { compileCondition, countTerms, hasExists } from '../../src/query/condition.ts'
import type { Json } from '../../src/util/json.ts'

const comparison = (op: string, value: Json): ComparisonAst => ({ op: op as OperatorName, field: 'f', value })
const isMet = (held: Json | undefined, op: string, value: Json): boolean =>
  compileCondition(comparison(op, value))(held === undefined ? { id: 'a' } : { id: 'a', f: held })

test('= and != take null as a value, and an absent field as null', () => {
  expect(isMet(null, '=', null)).toBe(true)
  expect(isMet(undefined, '=', null)).toBe(true)
  expect(isMet(undefined, '!=', null)).toBe(false)
  expect(isMet(null, '!=', 1)).toBe(true)
  expect(isMet(undefined, '!=', 1)).toBe(true)
  expect(isMet(null, 'in', [1, null])).toBe(true)
  expect(isMet(undefined, 'in', [null])).toBe(true)
  expect(isMet(undefined, 'notIn', [null])).toBe(false)
  expect(isMet(undefined, 'notIn', [1])).toBe(true)
})

test('= compares by value and by type', () => {
  expect(isMet(1, '=', '1')).toBe(false)
  expect(isMet(0, '=', false)).toBe(false)
  expect(isMet('', '=', null)).toBe(false)
  expect(isMet({ a: 1, b: [2] }, '=', { b: [2], a: 1 })).toBe(true)
  expect(isMet([1, 2], '=', [2, 1])).toBe(false)
  expect(isMet([1], '!=', [1])).toBe(false)
})

test('in and notIn are opposites, by value', () => {
  expect(isMet([1], 'in', ['x', [1]])).toBe(true)
  expect(isMet([2], 'in', ['x', [1]])).toBe(false)
  expect(isMet([1], 'notIn', ['x', [1]])).toBe(false)
  expect(isMet('x', 'notIn', ['x', 1])).toBe(false)
  expect(isMet('1', 'notIn', ['x', 1])).toBe(true)
  expect(isMet(1, 'in', [])).toBe(false)
  expect(isMet(1, 'notIn', [])).toBe(true)
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

test('startsWith, like and ilike are about text alone', () => {
  expect(isMet('Tidemark', 'startsWith', 'Tide')).toBe(true)
  expect(isMet('Tidemark', 'startsWith', 'tide')).toBe(false)
  expect(isMet('Tidemark', 'startsWith', '')).toBe(true)
  expect(isMet('Tide%', 'startsWith', 'Tide%')).toBe(true)
  expect(isMet('Tidemark', 'like', 'T%k')).toBe(true)
  expect(isMet('Tidemark', 'like', 't%k')).toBe(false)
  expect(isMet('Tidemark', 'ilike', 't%K')).toBe(true)
  for (const op of ['startsWith', 'like', 'ilike'])
    for (const held of [null, undefined, ['T'], 1, true, {}]) expect(isMet(held, op, op === 'startsWith' ? '' : '%')).toBe(false)
})

test('isNull tells null and absence from values', () => {
  for (const held of [null, undefined]) expect([isMet(held, 'isNull', true), isMet(held, 'isNull', false)]).toEqual([true, false])
  for (const held of [0, '', false, [], {}]) expect([isMet(held, 'isNull', true), isMet(held, 'isNull', false)]).toEqual([false, true])
})

test('contains finds a member of a list by value, and nothing in what is no list', () => {
  expect(isMet(['a', 'b'], 'contains', 'b')).toBe(true)
  expect(isMet(['ab'], 'contains', 'b')).toBe(false)
  expect(isMet([1], 'contains', '1')).toBe(false)
  expect(isMet([null], 'contains', null)).toBe(true)
  expect(isMet([{ a: 1 }], 'contains', { a: 1 })).toBe(true)
  for (const held of [null, undefined, 'abc', { b: 1 }, 7]) expect(isMet(held, 'contains', 'b')).toBe(false)
})

const operandOf = (op: OperatorName): Json =>
  op === 'in' || op === 'notIn' ? [1, 'a'] : op === 'isNull' ? true : ['startsWith', 'like', 'ilike'].includes(op) ? 'a' : 1

test('not is the plain opposite: every row meets a condition or its negation', () => {
  for (const op of operators) {
    const test = compileCondition(comparison(op, operandOf(op)))
    const opposite = compileCondition({ op: 'not', of: [comparison(op, operandOf(op))] })
    const answers = [null, undefined, 1, 2, 'a', 'b', true, [1]].map((held) => {
      const row = held === undefined ? { id: 'a' } : { id: 'a', f: held }
      expect(opposite(row)).toBe(!test(row))
      return test(row)
    })
    expect(new Set(answers).size, op).toBe(op === 'contains' || answers.includes(true) ? 2 : 1)
  }
})

test('an and of nothing is met, an or of nothing is not, no condition is met', () => {
  expect(compileCondition({ op: 'and', of: [] })({ id: 'a' })).toBe(true)
  expect(compileCondition({ op: 'or', of: [] })({ id: 'a' })).toBe(false)
  expect(compileCondition(undefined)({ id: 'a' })).toBe(true)
})

const hop = { near: 'id', collection: 'others', far: 'of', isOne: false }

test('an exists is for who compiles to tell, wherever it stands', () => {
  const condition = { op: 'not', of: [{ op: 'or', of: [comparison('=', 1), { op: 'exists', hop }] }] } as const
  const test = compileCondition(condition, (term) => (row) => term.hop === hop && row['id'] === 'b')
  expect([test({ id: 'a', f: 1 }), test({ id: 'b', f: 2 }), test({ id: 'c', f: 2 })]).toEqual([false, false, true])
  expect(() => compileCondition(condition)).toThrow(expect.objectContaining({ code: 'bug/invariant' }))
  expect([hasExists(condition), hasExists(comparison('=', 1)), hasExists(undefined)]).toEqual([true, false, false])
})

test('terms are counted through joints, lists and what is asked of other rows', () => {
  const one = comparison('=', 1)
  expect(countTerms(undefined)).toBe(0)
  expect(countTerms({ op: 'or', of: [one, { op: 'not', of: [one] }, comparison('in', [1, 2, 3]), comparison('notIn', [1, 2])] })).toBe(7)
  expect(countTerms({ op: 'exists', hop })).toBe(1)
  expect(countTerms({ op: 'exists', hop, where: { op: 'and', of: [one, { op: 'exists', hop, where: one }] } })).toBe(4)
})
