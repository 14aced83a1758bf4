import { expect, test } from 'vitest'
import { findEqualities, Routes } from '../../src/live/routes.ts'
import type { ConditionAst } from '../../src/query/ast.ts'
import type { AnyRow } from '../../src/schema/row.ts'
import type { Json } from '../../src/util/json.ts'
import { makeRow } from './tiny-pool.ts'

const is = (field: string, value: Json): ConditionAst => ({ op: '=', field, value })
const visited = (routes: Routes<string>, before: AnyRow | undefined, after: AnyRow | undefined): string[] => {
  const names: string[] = []
  routes.visit({ collection: 'books', id: 'a', before, after }, (name) => names.push(name))
  return names
}

test('equalities are found in an and, however nested, and nowhere else', () => {
  const condition: ConditionAst = {
    op: 'and',
    of: [
      { op: 'and', of: [is('a', 1), { op: 'in', field: 'b', value: ['x', 'x', null] }] },
      { op: 'or', of: [is('c', 1), is('d', 1)] },
      { op: 'not', of: [is('e', 1)] },
      { op: '>', field: 'f', value: 1 },
      is('g', { deep: true }),
    ],
  }
  expect(findEqualities(condition)).toEqual([
    { field: 'a', values: [1] },
    { field: 'b', values: ['x', null] },
  ])
  expect(findEqualities(undefined)).toEqual([])
  expect(findEqualities({ op: 'or', of: [is('a', 1)] })).toEqual([])
})

test('a change visits who waits for its old value and for its new one; an absent field is null', () => {
  const routes = new Routes<string>()
  routes.add('x', findEqualities(is('s', 'x')))
  routes.add('y', findEqualities(is('s', 'y')))
  routes.add('none', findEqualities(is('s', null)))
  routes.add('all', [])
  expect(visited(routes, undefined, makeRow('a', { s: 'x' }))).toEqual(['all', 'x'])
  expect(visited(routes, makeRow('a', { s: 'x' }), makeRow('a', { s: 'y' }))).toEqual(['all', 'x', 'y'])
  expect(visited(routes, makeRow('a', { s: 'y' }), makeRow('a', { s: 'y', t: 1 }))).toEqual(['all', 'y'])
  expect(visited(routes, makeRow('a', { s: 'z' }), undefined)).toEqual(['all'])
  expect(visited(routes, makeRow('a'), makeRow('a', { s: ['x'] }))).toEqual(['all', 'none'])
})

test('who asks by id is found by id; else the emptier bucket is taken, so that buckets stay small', () => {
  const routes = new Routes<string>()
  routes.add('by id', findEqualities({ op: 'and', of: [is('s', 'x'), is('id', 'b')] }))
  expect(visited(routes, undefined, makeRow('a', { s: 'x' }))).toEqual([])
  for (let i = 0; i < 50; i++) routes.add(`owner ${i}`, findEqualities({ op: 'and', of: [is('s', 'x'), is('owner', i)] }))
  expect(visited(routes, undefined, makeRow('a', { s: 'x', owner: 7 })).length).toBeLessThanOrEqual(2)
  expect(visited(routes, undefined, makeRow('a', { s: 'x', owner: 7 }))).toContain('owner 7')
})

test('who left is not visited, and leaves nothing behind', () => {
  const routes = new Routes<string>()
  const leave = [routes.add('x', findEqualities({ op: 'in', field: 's', value: ['x', 'y'] })), routes.add('all', [])]
  for (const one of leave) one.close()
  expect(visited(routes, makeRow('a', { s: 'x' }), makeRow('a', { s: 'y' }))).toEqual([])
})
