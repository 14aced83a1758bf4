import { expect, test } from 'vitest'
import { TidemarkError } from '../../src/errors.ts'
import { makeStageBook, type Stages } from '../../src/pending/stages.ts'

const tick = async (): Promise<void> => {
  for (let i = 0; i < 5; i++) await Promise.resolve()
}

async function stateOf(stages: Stages): Promise<Readonly<Record<keyof Stages, string>>> {
  const state = { durable: 'open', accepted: 'open', confirmed: 'open' }
  for (const name of ['durable', 'accepted', 'confirmed'] as const)
    stages[name].then(
      () => (state[name] = 'yes'),
      (error: TidemarkError) => (state[name] = error.code),
    )
  await tick()
  return state
}

test('the stages of a mutation settle one after another', async () => {
  const book = makeStageBook()
  const stages = book.open('m')
  expect(await stateOf(stages)).toEqual({ durable: 'open', accepted: 'open', confirmed: 'open' })
  book.durable('m')
  expect(await stateOf(stages)).toEqual({ durable: 'yes', accepted: 'open', confirmed: 'open' })
  book.accepted('m')
  expect(await stateOf(stages)).toEqual({ durable: 'yes', accepted: 'yes', confirmed: 'open' })
  book.confirmed('m')
  expect(await stateOf(stages)).toEqual({ durable: 'yes', accepted: 'yes', confirmed: 'yes' })
  expect(book.find('m')).toBeUndefined()
})

test('a confirmation says all that was not said before it', async () => {
  const book = makeStageBook()
  const stages = book.open('m')
  book.confirmed('m')
  expect(await stateOf(stages)).toEqual({ durable: 'yes', accepted: 'yes', confirmed: 'yes' })
})

test.each([
  ['refused', { durable: 'yes', accepted: 'refused/forbidden', confirmed: 'refused/forbidden' }],
  ['failed', { durable: 'refused/forbidden', accepted: 'refused/forbidden', confirmed: 'refused/forbidden' }],
] as const)('what was %s says so at each stage that it never reaches', async (how, state) => {
  const book = makeStageBook()
  const stages = book.open('m')
  book[how]('m', new TidemarkError('refused/forbidden'))
  expect(await stateOf(stages)).toEqual(state)
  expect(book.find('m')).toBeUndefined()
})

test('a disk that refuses rejects durable alone, and it may be confirmed all the same', async () => {
  const book = makeStageBook()
  const stages = book.open('m')
  book.volatile('m', new TidemarkError('disk/quota'))
  book.confirmed('m')
  expect(await stateOf(stages)).toEqual({ durable: 'disk/quota', accepted: 'yes', confirmed: 'yes' })
})

test('opened twice it is one mutation; another id is another; an unknown one is nobody’s', async () => {
  const book = makeStageBook()
  const [first, again, other] = [book.open('m'), book.open('m'), book.open('n')]
  for (const act of [book.durable, book.accepted, book.confirmed]) act('never was')
  book.durable('m')
  expect(await stateOf(again)).toEqual(await stateOf(first))
  expect(await stateOf(other)).toMatchObject({ durable: 'open' })
})

test('a book that closes leaves nobody waiting', async () => {
  const book = makeStageBook()
  const stages = [book.open('m'), book.open('n')]
  book.durable('n')
  book.closeAll(new TidemarkError('misuse/closed'))
  expect(await Promise.all(stages.map(stateOf))).toEqual([
    { durable: 'misuse/closed', accepted: 'misuse/closed', confirmed: 'misuse/closed' },
    { durable: 'yes', accepted: 'misuse/closed', confirmed: 'misuse/closed' },
  ])
})
