import { expect, test } from 'vitest'
import { makeRowKey } from '../../src/protocol/ids.ts'
import { type Audiences, patchesToChanges } from '../../src/sync/patches.ts'

const put = (id: string, n: number, audience?: string) => ({
  op: 'put' as const,
  collection: 'notes',
  id,
  value: { id, n },
  ...(audience === undefined ? {} : { audience }),
})
const del = (id: string, audience?: string) => ({
  op: 'del' as const,
  collection: 'notes',
  id,
  ...(audience === undefined ? {} : { audience }),
})
const leave = (audience: string) => ({ op: 'leave' as const, audience })
const key = (id: string) => makeRowKey('notes', id)

test('patches count in their order, and the last one of a key stays', () => {
  expect([...patchesToChanges([put('a', 1), put('b', 1), put('a', 2), del('b'), put('c', 1), del('c'), put('c', 2)], new Map())]).toEqual([
    [key('a'), { id: 'a', n: 2 }],
    [key('b'), undefined],
    [key('c'), { id: 'c', n: 2 }],
  ])
})

test('a del drops a row only where it is held under the audience that it names', () => {
  const audiences: Audiences = new Map([
    [key('a'), 'team:1'],
    [key('b'), 'team:2'],
  ])
  const changes = patchesToChanges([del('a', 'team:2'), del('a'), del('b', 'team:2'), del('c', 'team:1'), del('d')], audiences)
  expect([...changes.keys()]).toEqual([key('b'), key('d')])
  expect([...audiences]).toEqual([[key('a'), 'team:1']])
})

test('a row that moved to another audience survives the del of its old one, whichever comes first', () => {
  for (const patches of [
    [put('a', 1, 'team:2'), del('a', 'team:1')],
    [del('a', 'team:1'), put('a', 1, 'team:2')],
  ]) {
    const audiences: Audiences = new Map([[key('a'), 'team:1']])
    expect(patchesToChanges(patches, audiences).get(key('a'))).toEqual({ id: 'a', n: 1 })
    expect([...audiences]).toEqual([[key('a'), 'team:2']])
  }
})

test('leave drops all rows of an audience, those of the same patches included, and no others', () => {
  const audiences: Audiences = new Map([
    [key('a'), 'team:1'],
    [key('b'), 'team:2'],
  ])
  const changes = patchesToChanges([put('c', 1, 'team:1'), put('d', 1), leave('team:1')], audiences)
  expect([...changes].filter(([, row]) => row === undefined).map(([at]) => at)).toEqual([key('c'), key('a')].sort().reverse())
  expect(changes.get(key('d'))).toEqual({ id: 'd', n: 1 })
  expect([...audiences]).toEqual([[key('b'), 'team:2']])
})

test('a row that became everybody’s is held by no audience any more', () => {
  const audiences: Audiences = new Map([[key('a'), 'team:1']])
  patchesToChanges([put('a', 1)], audiences)
  expect(audiences.size).toBe(0)
  expect(patchesToChanges([leave('team:1')], audiences).size).toBe(0)
  expect(patchesToChanges([del('a', 'shared')], audiences).get(key('a'))).toBeUndefined()
})

test('rows come frozen through and through', () => {
  const [row] = [
    ...patchesToChanges([{ op: 'put', collection: 'notes', id: 'a', value: { id: 'a', of: [{ deep: [1] }] } }], new Map()).values(),
  ]
  const inner = (row as unknown as { readonly of: readonly { readonly deep: readonly number[] }[] }).of
  for (const value of [row, inner, inner[0], inner[0]?.deep]) expect(Object.isFrozen(value)).toBe(true)
})
