// What every keeper of records must do.
import { expect, test } from 'vitest'
import type { Persistence } from '../../src/persist/persistence.ts'

/** A keeper to try: `open` may open one name several times, as tabs do. */
export interface Keeper {
  readonly name: string
  open(name: string): Promise<Persistence>
}

/** The suite of the `Persistence` contract. */
export function persistenceSuite({ name: keeper, open }: Keeper): void {
  let made = 0
  const fresh = () => open(`${keeper} contract ${++made}`)

  test(`${keeper}: what a transaction wrote is there for the next one, in another tab too`, async () => {
    const name = `${keeper} shared ${++made}`
    const [one, two] = [await open(name), await open(name)]
    await one.transact('write', ['meta'], async (tx) => tx.put('meta', 'a', { b: [1, null, 'ü\u0000'] }))
    expect(await two.transact('read', ['meta'], (tx) => tx.get('meta', 'a'))).toEqual({ b: [1, null, 'ü\u0000'] })
    await one.close()
    const three = await open(name)
    expect(await three.transact('read', ['meta'], (tx) => tx.get('meta', 'a'))).toEqual({ b: [1, null, 'ü\u0000'] })
    await two.close()
    await three.close()
  })

  test(`${keeper}: an absent key is undefined, and a value is not the object that was put`, async () => {
    const persistence = await fresh()
    const value = { list: [1] }
    await persistence.transact('write', ['log'], async (tx) => tx.put('log', 1, value))
    value.list.push(2)
    const [there, absent] = await persistence.transact('read', ['log'], (tx) => Promise.all([tx.get('log', 1), tx.get('log', 2)]))
    expect([there, absent]).toEqual([{ list: [1] }, undefined])
    await persistence.close()
  })

  test(`${keeper}: keys are listed in order, numbers by size and before text, from after a key`, async () => {
    const persistence = await fresh()
    await persistence.transact('write', ['log'], async (tx) => {
      for (const key of ['b', 10, 9, 'a', 2]) tx.put('log', key, `at ${key}`)
    })
    const [all, some, none, last] = await persistence.transact('read', ['log'], (tx) =>
      Promise.all([tx.list('log'), tx.list('log', 9), tx.list('log', 'b'), tx.lastKey('log')]),
    )
    expect(all.map(([key]) => key)).toEqual([2, 9, 10, 'a', 'b'])
    expect(some).toEqual([
      [10, 'at 10'],
      ['a', 'at a'],
      ['b', 'at b'],
    ])
    expect([none, last]).toEqual([[], 'b'])
    await persistence.close()
  })

  test(`${keeper}: a transaction reads its own writes, in the order in which they were asked for`, async () => {
    const persistence = await fresh()
    const seen = await persistence.transact('write', ['log'], async (tx) => {
      for (const key of [1, 2, 3, 4]) tx.put('log', key, key)
      tx.clear('log', 3)
      tx.put('log', 2, 'again')
      tx.delete('log', 4)
      return [await tx.list('log'), await tx.lastKey('log'), await tx.get('log', 1)]
    })
    expect(seen).toEqual([[[2, 'again']], 2, undefined])
    await persistence.transact('write', ['log'], async (tx) => {
      tx.clear('log')
      tx.put('log', 1, 'new')
    })
    expect(await persistence.transact('read', ['log'], (tx) => tx.list('log'))).toEqual([[1, 'new']])
    await persistence.close()
  })

  test(`${keeper}: an empty store has no last key`, async () => {
    const persistence = await fresh()
    expect(await persistence.transact('read', ['queue'], (tx) => tx.lastKey('queue'))).toBeUndefined()
    await persistence.close()
  })

  test(`${keeper}: a transaction that throws leaves nothing of itself, and throws what was thrown`, async () => {
    const persistence = await fresh()
    await persistence.transact('write', ['meta', 'log'], async (tx) => tx.put('meta', 'a', 1))
    const failure = new RangeError('no')
    const failing = persistence.transact('write', ['meta', 'log'], async (tx) => {
      tx.put('meta', 'a', 2)
      tx.put('log', 1, 1)
      tx.clear('meta')
      await tx.get('meta', 'a')
      throw failure
    })
    await expect(failing).rejects.toBe(failure)
    expect(await persistence.transact('read', ['meta', 'log'], (tx) => Promise.all([tx.list('meta'), tx.list('log')]))).toEqual([
      [['a', 1]],
      [],
    ])
    await persistence.close()
  })

  test(`${keeper}: writers of one store run one after another, in whatever tab they are`, async () => {
    const name = `${keeper} writers ${++made}`
    const tabs = [await open(name), await open(name)]
    const add = (tab: Persistence) =>
      tab.transact('write', ['log', 'meta'], async (tx) => {
        const last = Number((await tx.lastKey('log')) ?? 0)
        const sum = Number((await tx.get('meta', 'sum')) ?? 0)
        tx.put('log', last + 1, 'x')
        tx.put('meta', 'sum', sum + 1)
      })
    await Promise.all(Array.from({ length: 20 }, (_, i) => add(tabs[i % 2] as Persistence)))
    const [sum, log] = await (tabs[0] as Persistence).transact('read', ['log', 'meta'], (tx) =>
      Promise.all([tx.get('meta', 'sum'), tx.list('log')]),
    )
    expect([sum, log.length]).toEqual([20, 20])
    for (const tab of tabs) await tab.close()
  })

  test(`${keeper}: a reader sees one state from beginning to end`, async () => {
    const name = `${keeper} reader ${++made}`
    const [one, two] = [await open(name), await open(name)]
    const write = (value: number) =>
      one.transact('write', ['meta', 'log'], async (tx) => {
        tx.put('meta', 'a', value)
        await tx.get('log', 1)
        tx.put('log', 1, value)
      })
    await write(0)
    const torn: unknown[] = []
    const read = () =>
      two.transact('read', ['meta', 'log'], async (tx) => {
        const a = await tx.get('meta', 'a')
        for (let i = 0; i < 5; i++) await tx.lastKey('log')
        const b = await tx.get('log', 1)
        if (a !== b) torn.push([a, b])
      })
    await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 ? write(i) : read())))
    expect(torn).toEqual([])
    await one.close()
    await two.close()
  })

  test(`${keeper}: names are databases apart, and a destroyed one is empty when it is opened again`, async () => {
    const name = `${keeper} destroyed ${++made}`
    const [one, other] = [await open(name), await fresh()]
    await one.transact('write', ['meta'], async (tx) => tx.put('meta', 'a', 1))
    expect(await other.transact('read', ['meta'], (tx) => tx.list('meta'))).toEqual([])
    await one.destroy()
    const again = await open(name)
    expect(await again.transact('read', ['meta'], (tx) => tx.list('meta'))).toEqual([])
    await again.close()
    await other.close()
  })

  test(`${keeper}: destroyed under another tab, the other finds an empty database and can write`, async () => {
    const name = `${keeper} cleared ${++made}`
    const [one, two] = [await open(name), await open(name)]
    await one.transact('write', ['meta'], async (tx) => tx.put('meta', 'a', 1))
    await two.destroy()
    expect(await one.transact('read', ['meta'], (tx) => tx.get('meta', 'a'))).toBeUndefined()
    await one.transact('write', ['meta'], async (tx) => tx.put('meta', 'a', 2))
    expect(await one.transact('read', ['meta'], (tx) => tx.get('meta', 'a'))).toBe(2)
    await one.close()
  })

  test(`${keeper}: once closed it raises misuse/closed`, async () => {
    const persistence = await fresh()
    await persistence.close()
    await expect(persistence.transact('read', ['meta'], (tx) => tx.get('meta', 'a'))).rejects.toMatchObject({ code: 'misuse/closed' })
  })
}
