import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compileLike, compileLikeIgnoringCase, isPattern } from '../../src/util/like.ts'

test.each<[pattern: string, text: string, isMet: boolean]>([
  ['', '', true],
  ['', 'a', false],
  ['a', 'a', true],
  ['a', 'A', false],
  ['a', 'ab', false],
  ['%', '', true],
  ['%', 'any\ntext', true],
  ['%%', 'a', true],
  ['a%', 'abc', true],
  ['a%', 'ba', false],
  ['%c', 'abc', true],
  ['%c', 'cb', false],
  ['%b%', 'abc', true],
  ['%b%', 'ac', false],
  ['a%a', 'a', false],
  ['a%a', 'aa', true],
  ['ab%ba', 'aba', false],
  ['ab%ba', 'abba', true],
  ['%ab%ab', 'xabyab', true],
  ['%ab%ab', 'xaby', false],
  ['%a%b%', 'ba', false],
  ['_', '', false],
  ['_', 'a', true],
  ['_', 'ab', false],
  ['_', '\u{1f600}', true],
  ['__', '\u{1f600}', false],
  ['%_', '\u{1f600}', true],
  ['%__', '\u{1f600}', false],
  ['a_c', 'abc', true],
  ['%a_c', 'aabxabc', true],
  ['_%_', 'a', false],
  ['_%_', 'ab', true],
  ['100\\%', '100%', true],
  ['100\\%', '1000', false],
  ['a\\_c', 'abc', false],
  ['a\\_c', 'a_c', true],
  ['\\\\%', '\\x', true],
  ['\\a', 'a', true],
  ['\\a', '\\a', false],
  ['.*', 'abc', false],
  ['[ab]', 'a', false],
  ['(a+)+$', 'aaaa', false],
])('the pattern %j, asked of %j, says %s', (pattern, text, isMet) => {
  expect(compileLike(pattern)(text)).toBe(isMet)
})

test('without case, both sides are put in lower case', () => {
  expect(compileLikeIgnoringCase('TIDE%')('tidemark')).toBe(true)
  expect(compileLikeIgnoringCase('%mark')('TideMARK')).toBe(true)
  expect(compileLikeIgnoringCase('ÄRGER')('ärger')).toBe(true)
  expect(compileLikeIgnoringCase('a_c')('ABC')).toBe(true)
  expect(compileLikeIgnoringCase('A\\_C')('abc')).toBe(false)
  expect(compileLikeIgnoringCase('ss')('ß')).toBe(false)
})

test('a pattern that ends in a backslash which escapes nothing is none', () => {
  expect(['', 'a', 'a\\%', '\\\\', 'a\\\\\\\\'].map(isPattern)).toEqual([true, true, true, true, true])
  expect(['\\', 'a\\', '\\\\\\'].map(isPattern)).toEqual([false, false, false])
})

test('it says what a plain search of all ways says', () => {
  const piece = fc.constantFrom('a', 'b', '%', '_', '\u{1f600}')
  const text = fc.array(fc.constantFrom('a', 'b', '\u{1f600}'), { maxLength: 7 }).map((all) => all.join(''))
  let met = 0
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 7 }), text, (pattern, given) => {
      const isMet = compileLike(pattern.join(''))(given)
      expect(isMet).toBe(search(pattern, Array.from(given)))
      if (isMet) met++
    }),
    { numRuns: 5000 },
  )
  expect(met).toBeGreaterThan(100)
})

test('a hostile pattern takes its length times the text’s, not more', () => {
  const text = 'a'.repeat(5000)
  expect(compileLike(`${'%a'.repeat(500)}b`)(text)).toBe(false)
  expect(compileLike(`${'%a_'.repeat(300)}b`)(text)).toBe(false)
})

function search([first, ...others]: readonly string[], text: readonly string[]): boolean {
  if (first === undefined) return text.length === 0
  if (first === '%') return search(others, text) || (text.length > 0 && search([first, ...others], text.slice(1)))
  return text.length > 0 && (first === '_' || first === text[0]) && search(others, text.slice(1))
}
