// What we promise of signals, shown on the names that we give out.
import { expect, test } from 'vitest'
import { batch, computed, effect, signal, untracked } from '../src/reactive.ts'

test('B1 a signal gives back what it was set to, and tells a change once; an equal value tells nobody', () => {
  const count = signal(1)
  const told: number[] = []
  const stop = count.subscribe((value) => told.push(value))
  count.value = 2
  count.value = 2
  count.value = count.peek() + 1
  stop()
  count.value = 9
  expect(told).toEqual([1, 2, 3])
  expect(count.value).toBe(9)
})

test('B2 a computed is lazy, cached, and computes once for a change', () => {
  const count = signal(2)
  let runs = 0
  const double = computed(() => {
    runs++
    return count.value * 2
  })
  expect(runs).toBe(0)
  expect([double.value, double.value, runs]).toEqual([4, 4, 1])
  count.value = 3
  expect(runs).toBe(1)
  expect([double.value, double.value, runs]).toEqual([6, 6, 2])
})

test('B2 chained computeds follow: 2 becomes 4 becomes 16', () => {
  const count = signal(2)
  const double = computed(() => count.value * 2)
  const square = computed(() => double.value ** 2)
  expect([double.value, square.value]).toEqual([4, 16])
})

test('B2 a diamond computes its tip once and never shows a mixture', () => {
  const base = signal(1)
  const left = computed(() => base.value + 1)
  const right = computed(() => base.value * 10)
  const shown: string[] = []
  effect(() => void shown.push(`${left.value} ${right.value}`))
  base.value = 2
  expect(shown).toEqual(['2 10', '3 20'])
})

test('B2 a computed whose value stays the same wakes nobody', () => {
  const count = signal(1)
  const isOdd = computed(() => count.value % 2 === 1)
  let runs = 0
  effect(() => {
    runs++
    void isOdd.value
  })
  count.value = 3
  expect(runs).toBe(1)
  count.value = 4
  expect(runs).toBe(2)
})

test('B3 an effect runs at once, again on each change, and not after it is stopped', () => {
  const count = signal(1)
  const seen: number[] = []
  const stop = effect(() => void seen.push(count.value))
  count.value = 2
  stop()
  count.value = 3
  expect(seen).toEqual([1, 2])
})

test('B3 an effect forgets what its last run did not read', () => {
  const useFirst = signal(true)
  const first = signal('a')
  const second = signal('b')
  const seen: string[] = []
  effect(() => void seen.push(useFirst.value ? first.value : second.value))
  second.value = 'c'
  useFirst.value = false
  first.value = 'z'
  second.value = 'd'
  expect(seen).toEqual(['a', 'c', 'd'])
})

test('B3 a change made during its run makes an effect run exactly once more', () => {
  const count = signal(0)
  let runs = 0
  effect(() => {
    runs++
    if (count.value === 1) count.value = 2
  })
  expect(runs).toBe(1)
  count.value = 1
  expect(runs).toBe(3)
  expect(count.value).toBe(2)
})

test('B3 what an effect answers with is called before its next run and when it is stopped', () => {
  const count = signal(0)
  const log: string[] = []
  const stop = effect(() => {
    const seen = count.value
    log.push(`run ${seen}`)
    return () => log.push(`clean ${seen}`)
  })
  count.value = 1
  stop()
  expect(log).toEqual(['run 0', 'clean 0', 'run 1', 'clean 1'])
})

test('B4 reads are tracked by being made, deep inside functions too; untracked ones are not', () => {
  const tracked = signal(0)
  const hidden = signal(0)
  const read = () => tracked.value + untracked(() => hidden.value) + hidden.peek()
  let runs = 0
  effect(() => {
    runs++
    read()
  })
  hidden.value = 1
  expect(runs).toBe(1)
  tracked.value = 1
  expect(runs).toBe(2)
})

test('B5 a batch shows its changes inside at once and outside once', () => {
  const a = signal(1)
  const b = signal(1)
  const sum = computed(() => a.value + b.value)
  const seen: number[] = []
  effect(() => void seen.push(sum.value))
  const answer = batch(() => {
    a.value = 2
    batch(() => {
      b.value = 3
    })
    expect(sum.value).toBe(5)
    return 'done'
  })
  expect(answer).toBe('done')
  expect(seen).toEqual([2, 5])
})

test('B5 a batch that throws keeps what was set, and the next one works', () => {
  const a = signal(1)
  const seen: number[] = []
  effect(() => void seen.push(a.value))
  expect(() =>
    batch(() => {
      a.value = 2
      throw new Error('boom')
    }),
  ).toThrow('boom')
  a.value = 3
  expect(seen).toEqual([1, 2, 3])
})

test('B5 an effect that throws surfaces at the writer, after the others ran', () => {
  const a = signal(0)
  const seen: number[] = []
  effect(() => {
    if (a.value === 1) throw new Error('boom')
  })
  effect(() => void seen.push(a.value))
  expect(() => {
    a.value = 1
  }).toThrow('boom')
  a.value = 2
  expect(seen).toEqual([0, 1, 2])
})

test('B5 a circle is an error, not an endless run', () => {
  const a = signal(0)
  expect(() => effect(() => void (a.value = a.value + 1))).toThrow(/cycle/i)
})
