import { expect, test } from 'vitest'
import { computed, effect } from '../../src/reactive.ts'
import { inWorlds, openOffline, watch } from './steps.ts'

test('T87 a computed over rows is not worked out before it is read, once for a change, and once for a chain', () =>
  inWorlds({}, async (world) => {
    const { a } = await openOffline(world, 'a')
    const { mutate, query, collections } = a.store
    mutate.increment('c1', 2)
    const runs = { double: 0, square: 0 }
    const counter = collections.counters.entity('c1')
    const double = computed(() => {
      runs.double++
      return (counter.value?.value ?? 0) * 2
    })
    const square = computed(() => {
      runs.square++
      return double.value ** 2
    })
    expect(runs).toEqual({ double: 0, square: 0 })
    expect([double.value, double.value, square.value, square.value]).toEqual([4, 4, 16, 16])
    expect(runs).toEqual({ double: 1, square: 1 })
    mutate.increment('c1', 1)
    expect(runs).toEqual({ double: 1, square: 1 })
    expect([square.value, square.value, double.value]).toEqual([36, 36, 6])
    expect(runs).toEqual({ double: 2, square: 2 })
    // another row is none of its business
    mutate.increment('c2', 1)
    expect([square.value, runs]).toEqual([36, { double: 2, square: 2 }])

    // over a live question the same, and a diamond of both is worked out once
    const total = computed(() => query.counters.sum('value').live().value)
    const shown: string[] = []
    const stop = effect(() => void shown.push(`${double.value} of ${total.value}`))
    mutate.increment('c1', 1)
    expect(shown).toEqual(['6 of 4', '8 of 5'])
    stop()
  }))

test('T88 an effect over rows stops when it is told to, forgets what it no longer reads, and runs once more for a change that it makes', () =>
  inWorlds({}, async (world) => {
    const { a } = await openOffline(world, 'a')
    const { mutate, query, collections } = a.store
    for (const id of ['n1', 'n2']) mutate.createNote(id, id)
    const entity = (id: string) => collections.notes.entity(id)
    const seen: (string | undefined)[] = []
    const stop = effect(() => void seen.push(entity('n1').value?.done ? entity('n2').value?.title : entity('n1').value?.title))
    mutate.setTitle('n2', 'not read yet')
    expect(seen).toEqual(['n1'])
    mutate.setDone('n1', true)
    mutate.setTitle('n2', 'read now')
    mutate.setDone('n1', false)
    mutate.setTitle('n2', 'not read any more')
    expect(seen).toEqual(['n1', 'not read yet', 'read now', 'n1'])
    stop()
    mutate.setTitle('n1', 'nobody hears')
    expect(seen).toHaveLength(4)

    let runs = 0
    const stopCounting = effect(() => {
      runs++
      if (query.notes.where('done', '=', true).live().value.length === 0) mutate.setDone('n1', true)
    })
    await world.clock.advance(1)
    expect(runs).toBe(2)
    expect(query.notes.where('done', '=', true).read()).toHaveLength(1)
    stopCounting()
    mutate.setDone('n1', false)
    expect(runs).toBe(2)
  }))

test('T89 of a thousand effects on a thousand rows a change of one row runs one', () =>
  inWorlds({}, async (world) => {
    const { a } = await openOffline(world, 'a')
    const { mutate, query, collections } = a.store
    mutate.batch(() => {
      for (let i = 0; i < 1000; i++) mutate.createNote(`n${i}`, 'old')
    })
    const runs = { entity: 0, single: 0 }
    const ids = Array.from({ length: 1000 }, (_, i) => `n${i}`)
    const onEntities = ids.map((id) =>
      effect(() => {
        void collections.notes.entity(id).value
        runs.entity++
      }),
    )
    const onQuestions = ids.map((id) => watch(query.notes.single(id).live()))
    for (const { values } of onQuestions) runs.single += values.length
    expect(runs).toEqual({ entity: 1000, single: 1000 })
    mutate.setTitle('n500', 'new')
    expect(runs.entity).toBe(1001)
    expect(onQuestions.map(({ values }) => values.length)).toEqual(ids.map((id) => (id === 'n500' ? 2 : 1)))
    for (const stop of onEntities) stop()
    for (const { stop } of onQuestions) stop()
  }))
