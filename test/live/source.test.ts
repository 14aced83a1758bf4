import { expect, test } from 'vitest'
import { makeSource } from '../../src/live/source.ts'
import { idsOf, listen } from './operators.ts'
import { createTinyPool, makeRow } from './tiny-pool.ts'

const make = () => {
  const pool = createTinyPool()
  const source = makeSource(pool, () => 0)
  pool.onCommit(source.push)
  return { pool, source }
}

test('a tap knows the rows of its collection at once; asked by id it looks up no others', () => {
  const { pool, source } = make()
  pool.commit([makeRow('a'), makeRow('b')])
  pool.commit([makeRow('z')], [], 'shelves')
  expect(idsOf(source.tap({ from: 'books', where: undefined, depth: 0 }).rows())).toBe('a b')
  const walked = pool.rows
  pool.rows = () => expect.unreachable('all rows were walked')
  expect(idsOf(source.tap({ from: 'books', where: { op: '=', field: 'id', value: 'b' }, depth: 0 }).rows())).toBe('b')
  expect(idsOf(source.tap({ from: 'books', where: { op: 'in', field: 'id', value: ['b', 'b', 'x', 7, null] }, depth: 0 }).rows())).toBe('b')
  pool.rows = walked
  expect(source.tap({ from: 'nothing', where: undefined, depth: 0 }).rows()).toEqual([])
})

test('an open tap is told of the changes of its collection, and settled once per commit; a closed one of nothing', () => {
  const { pool, source } = make()
  const tap = source.tap({ from: 'books', where: undefined, depth: 0 })
  const heard = listen(tap)
  pool.commit([makeRow('a')])
  expect(heard).toEqual([])
  tap.open(() => {})
  pool.commit([makeRow('a', { n: 1 }), makeRow('b')])
  pool.commit([makeRow('x')], [], 'shelves')
  pool.commit([], ['a'])
  tap.close()
  tap.close()
  pool.commit([makeRow('c')])
  expect(heard).toEqual(['edit a', 'add b', 'settle', 'remove a', 'settle'])
})

test('a change that comes by two routes is told once', () => {
  const { pool, source } = make()
  const tap = source.tap({ from: 'books', where: { op: 'in', field: 's', value: ['x', 'y'] }, depth: 0 })
  const heard = listen(tap)
  tap.open(() => {})
  pool.commit([makeRow('a', { s: 'x' })])
  pool.commit([makeRow('a', { s: 'y' })])
  expect(heard).toEqual(['add a', 'settle', 'edit a', 'settle'])
})

test('a tap whose operator throws says so after the commit, and is told nothing more; the others are', () => {
  const { pool, source } = make()
  const broken = source.tap({ from: 'books', where: undefined, depth: 0 })
  const other = source.tap({ from: 'books', where: undefined, depth: 0 })
  const order: string[] = []
  broken.pipe({ add: () => expect.unreachable('broken'), remove() {}, edit() {}, settle: () => order.push('settled') })
  other.pipe({ add: () => order.push('add'), remove() {}, edit() {}, settle: () => order.push('settle') })
  broken.open((error) => order.push(String(error).includes('broken') ? 'complaint' : 'another error'))
  other.open(() => order.push('never'))
  pool.commit([makeRow('a'), makeRow('b')])
  expect(order).toEqual(['add', 'add', 'settle', 'complaint'])
})
