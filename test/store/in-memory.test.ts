import { expect, test } from 'vitest'
import { createStore } from '../../src/index.ts'
import { mutators, schema } from '../kit/schemas.ts'
import { inWorld, type TestWorld } from '../kit/world.ts'
import { ending } from '../scenarios/steps.ts'
import { makeScript, putNote } from '../sync/scripted.ts'

function open({ clock, rng }: TestWorld) {
  const script = makeScript()
  const asked: string[] = []
  let show = (): void => {}
  const store = createStore({
    name: 'a',
    schema,
    mutators,
    transport: script.connect,
    persistence: 'memory',
    world: {
      clock,
      randomBytes: (count) => rng.bytes(count),
      onVisible(listener) {
        show = listener
        return () => {}
      },
      async lock(name) {
        asked.push(name)
      },
      channel(name) {
        asked.push(name)
        return { post: () => {}, close: () => {} }
      },
    },
  })
  store.on('error', ({ error }) => asked.push(error.code))
  const bring = async (change: Parameters<typeof script.page>[0]): Promise<void> => {
    script.version++
    script.answers.push(script.page(change))
    await store.sync()
  }
  return {
    store,
    script,
    asked,
    show: () => show(),
    bring,
    notes: () =>
      store.query.notes
        .orderBy('id')
        .read()
        .map(({ title }) => title),
  }
}

test('a store in memory leads by itself, asks for no lock and no channel, and what it queues is durable as far as memory is', () =>
  inWorld(1, {}, async (world) => {
    const { store, script, asked } = open(world)
    await world.run(store.sync())
    expect(store.status.value).toMatchObject({ disk: 'memory', leader: true, phase: 'ready' })
    store.goOffline()
    expect(await world.run(ending(store.mutate.createNote('n', 'offline').durable))).toBe('well')
    expect(store.status.value.pending).toBe(1)
    store.goOnline()
    await world.run(store.sync())
    expect(script.mutations.map(({ calls }) => calls)).toEqual([[['createNote', ['n', 'offline']]]])
    await world.run(store.close())
    expect(asked).toEqual([])
  }))

test('a store in memory that looks at its disk again goes on with the rows that it has, also after some left their audience', () =>
  inWorld(1, {}, async (world) => {
    const { store, asked, show, bring, notes } = open(world)
    await world.run(store.sync())
    await world.run(bring({ patches: [putNote('a', 'A'), { ...putNote('b', 'B'), audience: 'team:1' }] }))
    store.goOffline()
    store.mutate.createNote('c', 'C')
    show()
    await world.clock.advance(100)
    expect([notes(), store.status.value.pending]).toEqual([['A', 'B', 'C'], 1])
    store.goOnline()
    await world.run(bring({ patches: [{ op: 'leave', audience: 'team:1' }] }))
    show()
    await world.clock.advance(100)
    expect([notes(), asked]).toEqual([['A', 'C'], []])
    await world.run(store.close())
  }))

test('a mutation that was refused stays in the quarantine of a store in memory until it is discarded', () =>
  inWorld(1, {}, async (world) => {
    const { store, script, asked, show, bring, notes } = open(world)
    await world.run(store.sync())
    store.goOffline()
    const written = store.mutate.createNote('n', 'no')
    await world.run(written)
    const outcome = ending(written.confirmed)
    store.goOnline()
    await world.run(store.sync())
    const { client, seq } = script.mutations[0] as (typeof script.mutations)[number]
    await world.run(bring({ confirmed: { [client]: seq }, refused: [{ client, seq, code: 'refused/rejected', message: 'No.' }] }))
    expect(await world.run(outcome)).toBe('refused/rejected')
    show()
    await world.clock.advance(100)
    const ids = () => store.quarantine.list.value.map(({ id }) => id)
    expect([ids(), notes(), store.status.value]).toEqual([[written.id], [], expect.objectContaining({ pending: 0, quarantined: 1 })])
    await world.run(store.quarantine.discard(written.id))
    expect([ids(), asked]).toEqual([[], []])
    await world.run(store.close())
  }))
