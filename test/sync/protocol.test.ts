import * as v from 'valibot'
import { expect, test } from 'vitest'
import { pokeRequestSchema } from '../../src/protocol/poke.ts'
import { pullAnswerSchema, pullRequestSchema } from '../../src/protocol/pull.ts'
import { pushAnswerSchema, pushRequestSchema } from '../../src/protocol/push.ts'
import { snapshotRequestSchema } from '../../src/protocol/snapshot.ts'
import type { Device, TestWorld } from '../kit/world.ts'
import { ending, inWorlds, makeSpy, openDevices, post, watch } from '../scenarios/steps.ts'
import { delNote, makeScript, putNote, type Script } from './scripted.ts'

test('G1 every request fits the published schema of its message, and a push is answered mutation by mutation', () =>
  inWorlds({}, async (world) => {
    const spy = makeSpy()
    const a = world.device('a', { transport: spy.transport })
    await world.run(a.store.sync())
    a.store.mutate.createNote('n1', 'x')
    a.store.mutate.rejectOnServer('n2', 'x')
    a.store.mutate.setTitle('n1', 'y')
    await world.quiesce()
    const schemas = { push: pushRequestSchema, pull: pullRequestSchema, snapshot: snapshotRequestSchema, poke: pokeRequestSchema }
    for (const { path, body } of spy.sent) expect(v.safeParse(v.strictObject(schemas[path as 'push'].entries), body).issues).toBeUndefined()
    expect(new Set(spy.sent.map(({ path }) => path))).toEqual(new Set(['push', 'pull', 'snapshot', 'poke']))
    const [again] = await post(world, 'push', spy.of('push')[0]?.body)
    const { verdicts } = v.parse(pushAnswerSchema, again?.body)
    expect(verdicts.map(({ seq, status, code }) => [seq, status, code])).toEqual([
      [1, 'applied', undefined],
      [2, 'refused', 'refused/rejected'],
      [3, 'applied', undefined],
    ])
  }))

test('G2 a pull brings what changed after the cursor and nothing before it, page by page, and shows none of them before the last', () =>
  inWorlds({ server: { limits: { pagePatches: 5 } } }, async (world) => {
    const { b } = await openDevices(world, 'b')
    const spy = makeSpy('none')
    const a = world.device('a', { transport: spy.transport })
    await world.run(b.store.mutate.createNote('before', 'x').confirmed)
    await world.run(a.store.sync())
    for (let i = 0; i < 23; i++) b.store.mutate.createNote(`n${i}`, 'x')
    await world.run(b.store.sync())
    const seen = watch(a.store.query.notes.live())
    const first = spy.of('pull').length
    await world.run(a.store.sync())
    expect(seen.values.map((notes) => notes.length)).toEqual([1, 24])
    const pages = spy.of('pull').slice(first)
    expect(pages.length).toBeGreaterThan(4)
    const answers = (await post(world, 'pull', ...pages.map(({ body }) => body))).map(({ body }) => v.parse(pullAnswerSchema, body))
    const patches = answers.flatMap((answer) => ('patches' in answer ? answer.patches : []))
    expect(new Set(patches.map((patch) => 'id' in patch && patch.id))).toEqual(new Set(Array.from({ length: 23 }, (_, i) => `n${i}`)))
    // each page asks with the cursor that the page before it gave
    for (const [i, answer] of answers.slice(0, -1).entries()) {
      expect(answer).toMatchObject({ more: true })
      expect(pages[i + 1]?.body['cursor']).toBe('cursor' in answer && answer.cursor)
    }
    expect(answers.at(-1)).toMatchObject({ more: false })
  }))

async function openScripted(world: TestWorld): Promise<{ readonly script: Script; readonly a: Device }> {
  const script = makeScript()
  const a = world.device('a', { transport: script.connect })
  await world.run(a.store.sync())
  await world.clock.runUntil(() => script.isHeard)
  await world.clock.advance(100)
  return { script, a }
}

/** Lets the store be at this version, with these notes. */
async function bring(world: TestWorld, { script, a }: { readonly script: Script; readonly a: Device }, version: number): Promise<void> {
  script.version = version
  script.answers.push(script.page({ patches: [putNote('base', 'base')] }))
  await world.run(a.store.sync())
  await world.clock.advance(100)
  expect(a.store.status.value.version).toBe(version)
}

test('G4 a cursor is text that only the server reads: it is given back as it came, also after a reload', () =>
  inWorlds({}, async (world) => {
    const scripted = await openScripted(world)
    await bring(world, scripted, 7)
    await world.run(scripted.a.store.sync())
    expect(scripted.script.pulls.at(-1)?.cursor).toBe('☃ 7/?&%00 ')
    scripted.a.kill()
    scripted.a.open()
    await world.run(scripted.a.store.sync())
    expect(scripted.script.pulls.at(-1)?.cursor).toBe('☃ 7/?&%00 ')
    expect(scripted.script.snapshots).toHaveLength(1)
  }))

const notes = ({ store }: Device): readonly string[] =>
  store.query.notes
    .orderBy('id')
    .read()
    .map(({ title }) => title)

test('G5 G6 a poke is applied when it joins, ignored when it is covered, applied where it overlaps; none of that asks for anything', () =>
  inWorlds({}, async (world) => {
    const { script, a } = await openScripted(world)
    await bring(world, { script, a }, 103)
    const pulls = script.pulls.length
    const send = async (poke: Parameters<Script['poke']>[0]): Promise<void> => {
      script.poke(poke)
      await world.clock.advance(50)
    }
    await send({ min: 104, max: 105, patches: [putNote('n', 'of 105')] })
    expect([notes(a), a.store.status.value.version]).toEqual([['base', 'of 105'], 105])
    await send({ min: 104, max: 105, patches: [putNote('n', 'again')] })
    await send({ min: 100, max: 104, patches: [putNote('n', 'stale')] })
    expect([notes(a), a.store.status.value.version]).toEqual([['base', 'of 105'], 105])
    await send({ min: 104, max: 107, patches: [putNote('n', 'of 107')] })
    expect([notes(a), a.store.status.value.version]).toEqual([['base', 'of 107'], 107])
    // the last patch of a key counts; a key that nobody has is no trouble
    await send({ min: 108, max: 108, patches: [putNote('n', 'put'), delNote('n'), delNote('never was')] })
    expect(notes(a)).toEqual(['base'])
    await send({ min: 109, max: 109, patches: [delNote('n'), putNote('n', 'back')] })
    expect(notes(a)).toEqual(['base', 'back'])
    expect(script.pulls).toHaveLength(pulls)
  }))

test('G8 after a poke that was lost the next one asks for exactly one pull, and shows nothing of its own before it', () =>
  inWorlds({}, async (world) => {
    const { script, a } = await openScripted(world)
    await bring(world, { script, a }, 103)
    const seen = watch(a.store.query.notes.orderBy('id').live())
    const pulls = script.pulls.length
    script.version = 105
    script.answers.push(script.page({ patches: [putNote('m', 'of 104'), putNote('n', 'of 105')] }))
    script.poke({ min: 105, max: 105, patches: [putNote('n', 'of 105')] })
    await world.clock.advance(500)
    expect(script.pulls).toHaveLength(pulls + 1)
    expect(seen.values.map((rows) => rows.map(({ title }) => title))).toEqual([['base'], ['base', 'of 104', 'of 105']])
  }))

test('G5 twenty wakes in a row ask for no more than two pulls', () =>
  inWorlds({}, async (world) => {
    const { script, a } = await openScripted(world)
    await bring(world, { script, a }, 3)
    const pulls = script.pulls.length
    for (let i = 0; i < 20; i++) script.poke({ wake: true })
    await world.clock.advance(500)
    expect(script.pulls.length - pulls).toBeGreaterThan(0)
    expect(script.pulls.length - pulls).toBeLessThanOrEqual(2)
  }))

test('G7 a poke drops what it confirms, of this tab and of another one, and keeps the rest', () =>
  inWorlds({}, async (world) => {
    const { script, a } = await openScripted(world)
    const first = a.store
    const second = a.open()
    await world.run(second.ready)
    for (let i = 1; i <= 5; i++) await world.run(first.mutate.increment('first', 1))
    for (let i = 1; i <= 3; i++) await world.run(second.mutate.increment('second', 1))
    await world.clock.runUntil(() => script.mutations.length === 8)
    await world.clock.advance(100)
    const clientOf = (counter: string): string => script.mutations.find(({ calls }) => calls[0]?.[1][0] === counter)?.client ?? ''
    script.poke({ min: 1, max: 1, confirmed: { [clientOf('first')]: 3, [clientOf('second')]: 2 }, patches: [] })
    await world.clock.advance(100)
    for (const store of [first, second]) {
      expect(store.mutations.list.value.map(({ calls }) => calls[0]?.[1][0])).toEqual(['first', 'first', 'second'])
      // base has nothing of them, so what is left is what is replayed
      expect(store.query.counters.orderBy('id').read()).toEqual([
        { id: 'first', value: 2 },
        { id: 'second', value: 1 },
      ])
    }
  }))

test('G7 a poke that refuses puts the mutation into quarantine with the commit that brings it', () =>
  inWorlds({}, async (world) => {
    const { script, a } = await openScripted(world)
    const bad = a.store.mutate.createNote('n1', 'x')
    const good = a.store.mutate.createNote('n2', 'x')
    await world.clock.runUntil(() => script.mutations.length === 2)
    const { client = '' } = script.mutations[0] ?? {}
    script.poke({
      min: 1,
      max: 1,
      confirmed: { [client]: 2 },
      refused: [{ client, seq: 1, code: 'refused/forbidden', message: 'No.' }],
      patches: [putNote('n2', 'x')],
    })
    expect(await world.run(ending(bad.confirmed))).toBe('refused/forbidden')
    expect(await world.run(ending(good.confirmed))).toBe('well')
    expect(a.store.query.notes.read().map(({ id }) => id)).toEqual(['n2'])
    expect(a.store.status.value).toMatchObject({ pending: 0, quarantined: 1 })
  }))

test('G9 every connected client, the sender included, hears of a commit by a poke, without asking', () =>
  inWorlds({}, async (world) => {
    const spies = { a: makeSpy(), b: makeSpy(), c: makeSpy() }
    const devices = Object.entries(spies).map(([name, { transport }]) => world.device(name, { transport }))
    for (const { store } of devices) await world.run(store.sync())
    await world.quiesce()
    const [a, b, c] = devices
    const pulls = [spies.b, spies.c].map((spy) => spy.of('pull').length)
    await world.run(a?.store.mutate.createNote('n1', 'x').confirmed ?? Promise.reject(new Error('no device')))
    await world.clock.runUntil(() => [b, c].every((device) => device?.store.status.value.version === 1), 1_000)
    for (const device of devices) expect(device.store.query.notes.read()).toHaveLength(1)
    expect([spies.b, spies.c].map((spy) => spy.of('pull').length)).toEqual(pulls)
  }))

test('a pull that answers another question, as a cache would, is asked again', () =>
  inWorlds({}, async (world) => {
    const { script, a } = await openScripted(world)
    await bring(world, { script, a }, 3)
    const pulls = script.pulls.length
    script.answers.push(script.page({ from: 'of somebody else', patches: [putNote('n', 'stale')] }))
    await world.run(a.store.sync())
    expect(script.pulls).toHaveLength(pulls + 2)
    expect(notes(a)).toEqual(['base'])
  }))
