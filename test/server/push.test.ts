import { expect, test } from 'vitest'
import type { Mutation } from '../../src/protocol/mutation.ts'
import type { Database } from '../../src/server/database.ts'
import { memoryDatabase } from '../../src/server/memory.ts'
import { TidemarkError } from '../../src/errors.ts'
import { createRng } from '../kit/rng.ts'
import { call, runs, serve, summary } from './app.ts'

const add = (id: string, title = id): Partial<Mutation> => ({ calls: [['addBook', [id, title]]] })
const seeded = () => memoryDatabase({ randomBytes: (count) => createRng(3).bytes(count) })

test('G1 a push answers with one verdict for each mutation, in order, under one version', async () => {
  const app = serve()
  const answer = await call(app).push(add('b1'), add('b2'), { calls: [['addPages', ['nobody', 1]]] })
  expect(summary(answer)).toEqual(['applied', 'applied', 'refused refused/rejected'])
  expect(answer.version).toBe(1)
  expect(answer.verdicts[2]).toMatchObject({
    client: 'c.g',
    seq: 3,
    reason: 'no-such-book',
    message: 'There is no such book. Choose another one.',
  })
})

test('T03 a mutator that throws half-way writes nothing, is refused, and the sequence goes on', async () => {
  const app = serve()
  const caller = call(app)
  await caller.push({ calls: [['putTask', ['t1', 'red', 'TAINT']]] })
  const answer = await caller.push({ calls: [['addThenThrow', ['x', 'y']]] }, add('b1'))
  expect(summary(answer)).toEqual(['refused refused/mutator-failed', 'applied'])
  expect(JSON.stringify(answer)).not.toContain('TAINT')
  expect(String((app.reported[0] as Error).message)).toContain('TAINT')
  await caller.sync()
  expect([...caller.base.keys()]).toEqual(['books/b1'])
})

test('T03 E10 a batch is applied whole or not at all', async () => {
  const app = serve()
  const caller = call(app)
  const answer = await caller.push(
    {
      calls: [
        ['addBook', ['b1', 'one']],
        ['addPages', ['b2', 1]],
      ],
    },
    {
      calls: [
        ['addBook', ['b3', 'three']],
        ['addPages', ['b3', 3]],
      ],
    },
  )
  expect(summary(answer)).toEqual(['refused refused/rejected', 'applied'])
  await caller.sync()
  expect([...caller.base].map(([key, { value }]) => [key, value['pages']])).toEqual([['books/b3', 3]])
})

test('T09 E7 the same push again, also twice at once, has one effect, one version and the same verdicts', async () => {
  const app = serve()
  const caller = call(app)
  const mutations = [
    { seq: 1, ...add('b1') },
    { seq: 2, calls: [['addPages', ['b1', 5]]] as Mutation['calls'] },
    { seq: 3, ...add('b1') },
  ]
  const [first, second] = await Promise.all([caller.push(...mutations), caller.push(...mutations)])
  const third = await caller.push(...mutations)
  expect(summary(first)).toEqual(['applied', 'applied', 'refused refused/conflict'])
  expect(second).toEqual(first)
  expect(third).toEqual(first)
  expect(third.version).toBe(1)
  await caller.sync()
  expect(caller.base.get('books/b1')?.value['pages']).toBe(5)
})

test('E5 a gap, a fork and an unknown client end the push with retry, and nothing after them runs', async () => {
  const app = serve()
  const caller = call(app)
  await caller.push({ seq: 1, ...add('b1') })
  const before = await app.dump()
  const gap = await caller.push({ seq: 3, ...add('b3') }, { seq: 4, ...add('b4') }, { client: 'c.other', seq: 1, ...add('b5') })
  expect(gap.verdicts).toEqual([
    { client: 'c.g', seq: 3, status: 'retry', code: 'outdated/mutation-gap', expected: 2 },
    { client: 'c.g', seq: 4, status: 'retry' },
    { client: 'c.other', seq: 1, status: 'retry' },
  ])
  expect(summary(await caller.push({ seq: 1, id: 'another', ...add('b9') }))).toEqual(['retry outdated/client-forked'])
  expect(summary(await caller.push({ client: 'stranger', seq: 2, ...add('b9') }))).toEqual(['retry outdated/client-forgotten'])
  expect(await app.dump()).toBe(before)
})

test('E5 what comes before a gap in the same push is applied', async () => {
  const app = serve()
  const answer = await call(app).push({ seq: 1, ...add('b1') }, { seq: 3, ...add('b3') })
  expect(summary(answer)).toEqual(['applied', 'retry outdated/mutation-gap'])
  expect(answer.version).toBe(1)
})

test('HX9 a client of another user, or of another group, answers like one that is not known', async () => {
  const app = serve()
  await call(app, 'u1', 'g').push(add('b1'))
  const before = await app.dump()
  for (const thief of [call(app, 'u2', 'g'), call(app, 'u1', 'other'), call(app, null, 'g')]) {
    const unknown = await thief.push({ client: 'nobody', seq: 7, ...add('x') })
    const foreign = await thief.push({ client: 'c.g', seq: 7, ...add('x') })
    const replay = await thief.push({ client: 'c.g', seq: 1, id: 'm.g.1', ...add('x') })
    const words = ({ verdicts }: typeof unknown) => verdicts.map(({ status, code, message }) => [status, code, message])
    expect(words(foreign)).toEqual(words(unknown))
    expect(words(replay)).toEqual(words(unknown))
  }
  expect(await app.dump()).toBe(before)
})

test('HX9 a mutation id that another user has used is refused, and its author’s verdict is not told', async () => {
  const app = serve()
  await call(app, 'u1', 'a').push({ id: 'mine', calls: [['addPages', ['none', 1]]] })
  const answer = await call(app, 'u2', 'b').push({ id: 'mine', ...add('b2') }, add('b3'))
  expect(summary(answer)).toEqual(['refused refused/forbidden', 'applied'])
  expect(answer.verdicts[0]).not.toHaveProperty('reason')
})

test('an id is applied at most once, whatever client and sequence it comes under', async () => {
  const app = serve()
  const caller = call(app)
  await caller.push(add('b1'), { id: 'plus', calls: [['addPages', ['b1', 5]]] })
  expect(summary(await caller.push({ client: 'c.new', seq: 1, id: 'plus', attempt: 9, calls: [['addPages', ['b1', 5]]] }))).toEqual([
    'applied',
  ])
  await caller.sync()
  expect(caller.base.get('books/b1')?.value['pages']).toBe(5)
})

test('a refused id gets its first verdict again, unless its attempt is higher; then the old sequence number answers applied', async () => {
  const app = serve()
  const caller = call(app)
  const plus = (attempt: number, seq: number, client = 'c.g'): Partial<Mutation> => ({
    client,
    seq,
    id: 'plus',
    attempt,
    calls: [['addPages', ['b1', 5]]],
  })
  expect(summary(await caller.push(plus(1, 1)))).toEqual(['refused refused/rejected'])
  await caller.push({ seq: 2, ...add('b1') })
  expect(summary(await caller.push(plus(1, 3)))).toEqual(['refused refused/rejected'])
  expect(summary(await caller.push(plus(2, 4)))).toEqual(['applied'])
  expect(summary(await caller.push(plus(1, 1)))).toEqual(['applied'])
  expect(summary(await caller.push(plus(3, 1, 'c.later')))).toEqual(['applied'])
  await caller.sync()
  expect(caller.base.get('books/b1')?.value['pages']).toBe(5)
})

test('a mutation that needs one which was refused, or never came, is refused for it; one that was applied is enough', async () => {
  const app = serve()
  const answer = await call(app).push(
    { id: 'bad', calls: [['addPages', ['none', 1]]] },
    { id: 'good', ...add('b1') },
    { ...add('b2'), needs: ['bad'] },
    { ...add('b3'), needs: ['good', 'nobody'] },
    { ...add('b4'), needs: ['good'] },
  )
  expect(summary(answer)).toEqual([
    'refused refused/rejected',
    'applied',
    'refused refused/dependency',
    'refused refused/dependency',
    'applied',
  ])
})

test('T48 E9 a poison mutation is refused alone: the one before and the one after are applied', async () => {
  const app = serve()
  const caller = call(app)
  const answer = await caller.push(add('b1'), { calls: [['addThenThrow', ['x', 'y']]] }, add('b3'))
  expect(summary(answer)).toEqual(['applied', 'refused refused/mutator-failed', 'applied'])
  await caller.sync()
  expect([...caller.base.keys()].sort()).toEqual(['books/b1', 'books/b3'])
})

test('T49 a conflict does not drop the mutations behind it', async () => {
  const app = serve()
  const caller = call(app)
  await caller.push(add('b1'))
  expect(summary(await caller.push(add('b1'), add('b2'), add('b3')))).toEqual(['refused refused/conflict', 'applied', 'applied'])
})

test('T11 a mutator that edits a row twice and removes it leaves its last state', async () => {
  const app = serve()
  const caller = call(app)
  await caller.push(add('b1'))
  await caller.sync()
  await caller.push({ calls: [['editTwiceAndRemove', ['b1']]] })
  const { patches } = await caller.sync()
  expect(patches).toEqual([{ op: 'del', collection: 'books', id: 'b1', audience: 'shared' }])
  expect(caller.base.size).toBe(0)
})

test('T12 insert, update and delete in one mutation come to nothing that anybody sees', async () => {
  const app = serve()
  const [author, other] = [call(app), call(app, 'u2', 'g2')]
  await other.sync()
  expect(summary(await author.push({ calls: [['addAndRemove', ['brief']]] }))).toEqual(['applied'])
  expect((await other.sync()).patches).toEqual([])
})

test('T12 what is written as it was is no change that anybody hears of', async () => {
  const app = serve()
  const [author, other] = [call(app), call(app, 'u2', 'g2')]
  await author.push(add('b1', 'same'))
  await other.sync()
  expect(summary(await author.push({ calls: [['books.patch', ['b1', { title: 'same' }]]] }))).toEqual(['applied'])
  expect(await other.sync()).toMatchObject({ version: 2, patches: [] })
})

test('mutations of one push see each other’s writes, by key and by a limited question', async () => {
  const app = serve()
  const caller = call(app)
  await caller.push(add('b1'), { calls: [['addPages', ['b1', 3]]] }, add('b2'), { calls: [['addPages', ['b2', 2]]] })
  const answer = await caller.push(
    { calls: [['addPages', ['b1', 10]]] },
    add('b3'),
    { calls: [['addPages', ['b3', 7]]] },
    { calls: [['books.remove', ['b2']]] },
    { calls: [['sumPages', ['sum']]] },
  )
  expect(summary(answer)).toEqual(Array.from({ length: 5 }, () => 'applied'))
  await caller.sync()
  expect(caller.base.get('books/sum')?.value).toMatchObject({ title: 'b1,b3', pages: 20 })
})

test('D2 arguments and rows that do not fit are refused, whatever the client let through', async () => {
  const app = serve()
  const calls: [string, unknown[]][] = [
    ['addBook', ['b1', 5]],
    ['addBook', ['b1', 'one', 'more']],
    ['addBook', ['', 'no id']],
    ['addBook', ['b1', 'a\u0000b']],
    ['badRow', ['b1']],
    ['books.insert', [{ id: 'b1', title: 'x' }]],
    ['books.insert', [JSON.parse('{"id":"b1","title":"x","pages":1,"__proto__":{"polluted":true}}')]],
    ['books.patch', ['b1', { id: 'b2' }]],
    ['putTask', ['t1', 'team\u0000', 'x']],
  ]
  const answer = await call(app).push(...calls.map((one) => ({ calls: [one] })))
  const refused = 'refused refused/invalid'
  // the schema itself leaves out the field that it does not name
  expect(summary(answer)).toEqual([refused, refused, refused, refused, refused, refused, 'applied', refused, refused])
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
})

test('an unknown mutator is refused by name of the code, and the sequence goes on', async () => {
  const app = serve()
  for (const name of ['nope', '__proto__', 'constructor', 'books.drop', 'tasks'])
    expect(summary(await call(app, 'u1', name).push({ calls: [[name, []]] }, add(name)))).toEqual([
      'refused refused/unknown-mutator',
      'applied',
    ])
})

test('HX1 what authorize says no to is refused without a word of content', async () => {
  const app = serve()
  const answer = await call(app).push({ calls: [['forbidden', ['b1']]] })
  expect(answer.verdicts[0]).toEqual({
    client: 'c.g',
    seq: 1,
    status: 'refused',
    code: 'refused/forbidden',
    message: expect.stringContaining('You may not do this'),
  })
  expect(runs.get('forbidden')).toBeUndefined()
})

test('HX1 rules by name read the space as the mutator does; what is not named is forbidden, and only true is yes', async () => {
  const authorize = {
    addBook: () => true,
    addPages: (tx: { books: { get(id: string): { note?: string | undefined } | undefined } }, id: string) =>
      tx.books.get(id)?.note === 'open',
    sumPages: () => 'yes',
    readAll: async () => true,
    stamp: (tx: { books: { put(row: object): void } }) => {
      tx.books.put({ id: 'by a rule', title: '', pages: 0 })
      return true
    },
    badRow: () => {
      throw new Error('torn')
    },
    'books.*': () => true,
  }
  const app = serve({ authorize: authorize as never })
  const caller = call(app)
  const answer = await caller.push(
    { calls: [['books.insert', [{ id: 'b1', title: 'one', pages: 0, note: 'open' }]]] },
    add('b2'),
    { calls: [['addPages', ['b1', 1]]] },
    { calls: [['addPages', ['b2', 1]]] },
    { calls: [['addPages', ['none', 1]]] },
    { calls: [['sumPages', ['s']]] },
    { calls: [['readAll', []]] },
    { calls: [['badRow', ['s']]] },
    { calls: [['onlyLong', ['b1']]] },
    { calls: [['tasks.remove', ['t1']]] },
    { calls: [['stamp', ['s']]] },
  )
  const forbidden = 'refused refused/forbidden'
  expect(summary(answer)).toEqual([
    'applied',
    'applied',
    'applied',
    forbidden,
    forbidden,
    forbidden,
    forbidden,
    forbidden,
    forbidden,
    forbidden,
    'refused refused/mutator-failed',
  ])
  await caller.sync()
  expect([...caller.base.keys()].sort()).toEqual(['books/b1', 'books/b2'])
})

test('generated calls treat a row of an audience that the caller does not hold as absent, and put none there', async () => {
  const app = serve({
    audiences: (tx) =>
      tx.members
        .where('user', '=', tx.user ?? '')
        .read()
        .map(({ team }) => `team:${team}`),
  })
  const caller = call(app, 'u1', 'g1')
  await call(app, 'u2', 'g2').push(
    { calls: [['join', ['u1', 'red']]] },
    { calls: [['putTask', ['t1', 'red', 'red']]] },
    { calls: [['putTask', ['t2', 'blue', 'blue']]] },
  )
  const answer = await caller.push(
    { calls: [['tasks.patch', ['t1', { title: 'changed' }]]] },
    { calls: [['tasks.patch', ['t2', { title: 'changed' }]]] },
    { calls: [['tasks.remove', ['t2']]] },
    { calls: [['tasks.insert', [{ id: 't3', team: 'blue', title: 'mine' }]]] },
    { calls: [['tasks.patch', ['t1', { team: 'blue' }]]] },
    { calls: [['join', ['u1', 'blue']]] },
    { calls: [['tasks.patch', ['t1', { team: 'blue' }]]] },
  )
  const forbidden = 'refused refused/forbidden'
  expect(summary(answer)).toEqual(['applied', 'applied', 'applied', forbidden, forbidden, 'applied', 'applied'])
  await caller.sync()
  expect(Object.fromEntries([...caller.base].map(([key, { value, audience }]) => [key, [value['title'], audience]]))).toEqual({
    'tasks/t1': ['changed', 'team:blue'],
    'tasks/t2': ['blue', 'team:blue'],
  })
})

test('a mutator runs with its caller, its own id and a time that is never ahead of the server', async () => {
  const app = serve()
  const caller = call(app, 'u1')
  await caller.push({ at: 999_000, calls: [['stamp', ['past']]] }, { at: 9e15, calls: [['stamp', ['future']]] })
  await caller.sync()
  expect(caller.base.get('books/past')?.value['pages']).toBe(999_000)
  expect(caller.base.get('books/future')?.value['pages']).toBe(1_000_000)
  expect(caller.base.get('books/past')?.value['title']).toMatch(/^[0-9a-f-]{36} true u1$/)
})

test('HV5 a mutator that reads for ever, or too much, is refused within its bounds, and the rest goes on', async () => {
  const app = serve()
  const caller = call(app)
  const answer = await caller.push({ calls: [['readForEver', []]] }, add('b1'))
  expect(summary(answer)).toEqual(['refused refused/mutator-failed', 'applied'])
  expect(answer.verdicts[0]?.message).toContain('20000 rows')
})

test('what a push reads by key is loaded in one go', async () => {
  const inner = seeded()
  let loads = 0
  const counting: Database = {
    ...inner,
    write: (space, run) => inner.write(space, (writer) => run({ ...writer, rows: (keys) => (loads++, writer.rows(keys)) })),
  }
  const caller = call(serve({ database: counting }))
  const answer = await caller.push(...Array.from({ length: 100 }, (_, i) => add(`b${i}`)))
  expect(summary(answer).filter((word) => word === 'applied')).toHaveLength(100)
  expect(loads).toBe(1)
})

test('after a second under the lock the rest is told to come again, and does', async () => {
  const inner = seeded()
  const slow: Database = {
    ...inner,
    write: (space, run) =>
      inner.write(space, (writer) =>
        run({
          ...writer,
          select: async (ast) => {
            await app.clock.advance(600)
            return writer.select(ast)
          },
        }),
      ),
  }
  const app = serve({ database: slow })
  const caller = call(app)
  const mutations = ['b1', 'b2', 'b3', 'b4'].map((id, i) => ({ seq: i + 1, calls: [['sumPages', [id]]] as Mutation['calls'] }))
  expect(summary(await caller.push(...mutations))).toEqual(['applied', 'applied', 'retry', 'retry'])
  expect(summary(await caller.push(...mutations))).toEqual(['applied', 'applied', 'applied', 'applied'])
})

test('what the database refuses is refused alone, in words of ours', async () => {
  const inner = seeded()
  const picky: Database = {
    ...inner,
    write: (space, run) =>
      inner.write(space, (writer) =>
        run({
          ...writer,
          write: async (batch) => {
            if (batch.rows.some(({ id }) => id === 'b2'))
              throw new TidemarkError('refused/constraint', { message: 'Key (title)=(TAINT) already exists.' })
            await writer.write(batch)
          },
        }),
      ),
  }
  const app = serve({ database: picky })
  const caller = call(app)
  const answer = await caller.push(add('b1'), add('b2'), add('b3'))
  expect(summary(answer)).toEqual(['applied', 'refused refused/constraint', 'applied'])
  expect(JSON.stringify(answer)).not.toContain('TAINT')
  expect(answer.version).toBe(3)
  expect((await caller.sync()).refused).toMatchObject([{ seq: 2, code: 'refused/constraint' }])
})

test('an empty mutation, and one that comes to nothing, take their place in the sequence', async () => {
  const app = serve()
  const caller = call(app)
  expect(summary(await caller.push({ calls: [] }, { calls: [['books.patch', ['none', { title: 'x' }]]] }))).toEqual(['applied', 'applied'])
  expect((await caller.sync()).confirmed).toEqual({ 'c.g': 2 })
})

test('HV10 a hundred writers to one space each get their verdict, and versions are the order of their commits', async () => {
  const app = serve()
  const answers = await Promise.all(Array.from({ length: 100 }, (_, i) => call(app, `u${i}`, `g${i}`).push(add('same'))))
  expect(answers.filter((answer) => summary(answer)[0] === 'applied')).toHaveLength(1)
  expect(answers.map(({ version }) => version).sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1))
})
