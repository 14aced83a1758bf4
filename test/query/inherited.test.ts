import { expect, test } from 'vitest'
import { caught, openLibrary } from './library.ts'

const { things } = openLibrary()

test.each(['constructor', 'toString', '__proto__', 'hasOwnProperty', ''])(
  'a question by %j, which every object inherits, is refused',
  (name) => {
    const field = name as 'id'
    const asks: readonly (() => unknown)[] = [
      () => things.where(field, '!=', 'x'),
      () => things.orderBy(field),
      () => things.select(field),
      () => things.groupBy(field).count(),
      () => things.aggregate({ [name]: 'count' }),
      () => things.innerJoin('shelves', { as: name as 'x', on: ['id', 'id'] }),
      () => things.leftJoin('shelves', { as: 'shelf', on: [field, 'id'] }),
    ]
    // a written `__proto__: …` is a prototype, and a name like any other where it is computed
    expect(asks.map((ask) => caught(ask).code)).toEqual(asks.map(() => 'invalid/query'))
  },
)
