import { expect, test } from 'vitest'
import { makeComparison } from '../../src/query/condition.ts'

test.each(['constructor', 'toString', '__proto__', 'hasOwnProperty', ''])(
  'a question by %j, which every object inherits, is refused',
  (name) => {
    expect(() => makeComparison(name, '!=', null)).toThrow(expect.objectContaining({ code: 'invalid/query' }))
  },
)
