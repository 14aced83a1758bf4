import { expect, test } from 'vitest'
import { runLoading } from '../mutator/app.ts'

test('a mutator that takes the first row again and again asks for few windows', async () => {
  const rows = Array.from({ length: 200 }, (_, i) => ({ id: `t${i}`, n: i }))
  const { ran, rounds } = await runLoading(rows, (tx) => {
    for (let i = 0; i < 120; i++) {
      const [first] = tx.things.orderBy('n').limit(1).read()
      if (first) tx.things.remove(first.id)
    }
  })
  expect([ran.failure, ran.writes.size]).toEqual([undefined, 120])
  expect(rounds).toBeLessThan(20)
})
