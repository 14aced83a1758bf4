// Several tabs over one disk, in every order that a seed can think of: frozen, killed, thrown back in time, cleared, full.
// What must hold is checked at each commit, by reading the records in the plainest way. Then the rules are broken one by one, and each has to be missed.
import { expect, test } from 'vitest'
import { findViolation } from './tabs.ts'
import { type Bug, bugs } from './tabs-tasks.ts'

const first = Number(process.env.SEED ?? 1)
const seeds = process.env.SEED ? 1 : Number(process.env.SEEDS ?? 300)

test(
  'E1 L4 L7 tabs that freeze, crash and lead at once lose nothing, double nothing and tear nothing',
  async () => {
    for (let seed = first; seed < first + seeds; seed++) {
      const violation = await findViolation(seed)
      expect(violation, `seed ${seed}: SEED=${seed} npx vitest run --project node test/persist/interleaving.test.ts`).toBeUndefined()
    }
  },
  30_000 + 50 * seeds,
)

test.each(bugs)('the tabs notice: %s', async (bug: Bug) => {
  for (let seed = 1; seed <= 2000; seed++) if (await findViolation(seed, bug)) return
  expect.unreachable(`2,000 seeds did not miss the rule: ${bug}`)
})
