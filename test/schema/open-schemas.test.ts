import { type } from 'arktype'
import { expect, test } from 'vitest'
import { collection, defineSchema } from '../../src/index.ts'
import { makeQuery } from '../../src/query/builder.ts'
import { mustRow } from '../../src/schema/validate.ts'

test.each<[string, ReturnType<typeof type>, object]>([
  ['that says nothing of others', type({ id: 'string' }) as never, { id: 'a', more: 1 }],
  ['that lets some others through', type({ '+': 'reject', id: 'string', '[/^x-/]': 'string' }) as never, { id: 'a', 'x-1': 'b' }],
  ['whose object may be a list', type({ '+': 'reject', id: 'string', held: 'object' }) as never, { id: 'a', held: [1] }],
])('every field of a row that passes an object of arktype %s can be asked for', (_, shape, given) => {
  const schema = defineSchema({ version: 1, collections: { rows: collection(shape as never) } as never })
  const row = mustRow({ schema: shape as never, options: {} }, 'rows', given)
  expect(row).toEqual(given)
  const query = makeQuery({ read: () => [] }, schema as never, 'rows' as never) as never as { where(...given: unknown[]): unknown }
  for (const [field, value] of Object.entries(row)) expect(() => query.where(field, '=', value)).not.toThrow()
})
