import { expect, test } from 'vitest'
import { Ordered } from '../../src/server/ordered.ts'
import { createRng } from '../kit/rng.ts'

interface Item {
  readonly key: number
  readonly value: string
}
type Key = Pick<Item, 'key'>

const byKey = (a: Key, b: Key) => a.key - b.key

test('an ordered list is what a sorted array would be, through any edits, and older lists stay as they were', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const rng = createRng(seed)
    const model = new Map<number, Item>()
    let list = new Ordered<Item, Key>(byKey)
    const past: { readonly list: Ordered<Item, Key>; readonly items: readonly Item[] }[] = []
    for (let edit = 0; edit < 30; edit++) {
      const removed = Array.from({ length: rng.int(0, 60) }, () => ({ key: rng.int(0, 2000) }))
      const put = Array.from({ length: rng.int(0, 120) }, () => ({ key: rng.int(0, 2000), value: `${edit}-${rng.int(0, 9)}` }))
      for (const { key } of removed) model.delete(key)
      for (const item of put) model.set(item.key, item)
      list = list.edited(removed, put)
      const items = [...model.values()].sort(byKey)
      past.push({ list, items })
      const key = rng.int(-1, 2001)
      expect(list.find({ key }), `seed ${seed}`).toBe(model.get(key))
      expect([...list.from({ key })], `seed ${seed}`).toEqual(items.filter((item) => item.key >= key))
      expect([...list.after({ key })], `seed ${seed}`).toEqual(items.filter((item) => item.key > key))
    }
    for (const { list: one, items } of past) expect([...one.from({ key: -1 })], `seed ${seed}`).toEqual(items)
  }
})

test('items appended in order, and in the reverse order, are all found', () => {
  const ascending = Array.from({ length: 5000 }, (_, key) => ({ key, value: 'x' }))
  for (const items of [ascending, [...ascending].reverse()]) {
    const list = new Ordered<Item, Key>(byKey).edited([], items)
    expect([...list.from({ key: 0 })]).toEqual(ascending)
    expect(ascending.every((item) => list.find(item) === item)).toBe(true)
    expect([...list.edited(ascending, []).from({ key: 0 })]).toEqual([])
  }
})
