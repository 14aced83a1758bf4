import { expect, test } from 'vitest'
import { runCalls, type Ran } from '../../src/mutator/run.ts'
import { makeOverlay, type Overlay } from '../../src/mutator/source.ts'
import type { Call } from '../../src/protocol/mutation.ts'
import { answerRows } from '../../src/query/answer.ts'
import type { AnyRow } from '../../src/schema/row.ts'
import { mutators } from './schemas.ts'

type Where = 'client' | 'server'
const note = (id: string, title: string, more: object = {}): AnyRow => ({ id, title, content: '', done: false, ...more })

test('every mutator gives the same writes for the same input, again and again', () => {
  const calls: Call[] = [...mutators.byName.keys()].map((name) => [name, argsByName[name] ?? argsByName['*']] as Call)
  for (const where of ['client', 'server'] as const)
    for (const call of calls) {
      const [first, second] = [run(filled(), [call], where), run(filled(), [call], where)]
      expect(first.failure?.code).not.toBe('invalid/args')
      expect([...second.writes]).toEqual([...first.writes])
      expect(second.failure?.message).toBe(first.failure?.message)
    }
})

test('T08 an item goes to the end of its list, wherever that is when it runs', () => {
  const rows = empty()
  for (const text of ['eggs', 'milk', 'bread']) rows.setAll(run(rows, [['addItem', [text, 'shopping', text]]]).writes)
  expect([...rows.writes.values()].map((item) => [item?.['text'], item?.['order']])).toEqual([
    ['eggs', 1],
    ['milk', 2],
    ['bread', 3],
  ])
})

test('T22 T23 T24 what the server does is not what the client foresaw', () => {
  const writesOf = (name: string, where: Where) =>
    [...run(empty(), [[name, ['n', '  x ']]], where).writes].map(([key, row]) => [key.split('/')[0], row?.['title']])
  expect([writesOf('createTrimmed', 'client'), writesOf('createTrimmed', 'server')]).toEqual([[['notes', '  x ']], [['notes', 'x']]])
  expect([writesOf('createAudited', 'client').length, writesOf('createAudited', 'server').map(([from]) => from)]).toEqual([
    1,
    ['notes', 'audits'],
  ])
  expect([writesOf('predictedOnlyOnClient', 'client').length, writesOf('predictedOnlyOnClient', 'server').length]).toEqual([1, 0])
})

test('T02 T03 T29 T48 those that fail write nothing, where they are meant to fail', () => {
  const outcome = (name: string, args: Call[1], where: Where) => {
    const { failure, writes } = run(filled(), [[name, args]], where)
    return failure ? [failure.code, writes.size] : 'well'
  }
  expect(outcome('throwsAfterWrite', ['x'], 'client')).toEqual(['refused/mutator-failed', 0])
  expect([outcome('throwsOnServer', ['x', 'y'], 'client'), outcome('throwsOnServer', ['x', 'y'], 'server')]).toEqual([
    'well',
    ['refused/mutator-failed', 0],
  ])
  expect([outcome('throwsWhenDone', ['a', 't'], 'client'), outcome('throwsWhenDone', ['done', 't'], 'client')]).toEqual([
    'well',
    ['refused/mutator-failed', 0],
  ])
  expect([outcome('rejectIf', ['x', false], 'client'), outcome('rejectIf', ['x', true], 'client')]).toEqual([
    'well',
    ['refused/rejected', 0],
  ])
  expect([outcome('rejectOnServer', ['x', 't'], 'client'), outcome('rejectOnServer', ['x', 't'], 'server')]).toEqual([
    'well',
    ['refused/rejected', 0],
  ])
  expect([outcome('mustSetTitle', ['a', 't'], 'client'), outcome('mustSetTitle', ['gone', 't'], 'client')]).toEqual([
    'well',
    ['refused/rejected', 0],
  ])
})

test('T11 T12 T17 many steps end at the last one; a change of what is gone changes nothing', () => {
  expect([...run(empty(), [['insertUpdateDelete', ['n']]]).writes.values()]).toEqual([undefined])
  expect([...run(filled(), [['patchThenDelete', ['a']]]).writes]).toEqual([['notes/a', undefined]])
  expect(run(empty(), [['setTitle', ['gone', 't']]]).writes.size).toBe(0)
})

test('a transfer takes from the fullest of the others, and only what is there', () => {
  const { writes } = run(filled(), [['transfer', ['c1', 30]]])
  expect([...writes.values()]).toEqual([
    { id: 'c3', value: 20 },
    { id: 'c1', value: 40 },
  ])
  expect(run(filled(), [['transfer', ['c1', 300]]]).failure?.details['reason']).toBe('too-little')
})

const shelf = { id: 's', name: 'n', rank: 1 }
const argsByName: Readonly<Record<string, readonly unknown[]>> = {
  '*': ['a', 'text'],
  setDone: ['a', true],
  toggleDone: ['a'],
  removeNote: ['a'],
  addItem: ['i', 'shopping', 'milk'],
  insertUpdateDelete: ['n'],
  patchThenDelete: ['a'],
  throwsAfterWrite: ['n'],
  throwsOnServer: ['n', 'm'],
  rejectIf: ['n', true],
  increment: ['c1', 1],
  transfer: ['c1', 5],
  'shelves.insert': [shelf],
  'shelves.patch': ['s', { rank: 2 }],
  'shelves.remove': ['s'],
}

function run(rows: Overlay, calls: readonly Call[], where: Where = 'client'): Ran {
  return runCalls(mutators, calls, rows, { user: null, onServer: where === 'server', authoredAt: 5, mutationId: 'm1' })
}

function empty(): Overlay {
  return makeOverlay({ find: () => undefined, select: (ast) => answerRows(ast, []) })
}

function filled(): Overlay {
  const rows = empty()
  for (const row of [note('a', 'A'), note('done', 'D', { done: true })]) rows.set('notes', row.id, row)
  for (const [i, value] of [10, 20, 50].entries()) rows.set('counters', `c${i + 1}`, { id: `c${i + 1}`, value })
  return rows
}
