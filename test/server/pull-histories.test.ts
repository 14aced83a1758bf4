// Seeded histories against the whole handler: rows that move between audiences, audiences that come and go, tiny pages, writes between
// pages. After every pull the reader's view is the server's, and nothing it may not see has ever been said.
import { expect, test } from 'vitest'
import type { Patch } from '../../src/protocol/patch.ts'
import { createRng } from '../kit/rng.ts'
import { type App, applyPatches, type Caller, call, serve } from './app.ts'

const seeds = 300

test('A13 G2 HX2 a reader’s view is the server’s after every pull, and nothing leaks, over seeded histories', {
  timeout: 120_000,
}, async () => {
  const failed: string[] = []
  const reached = { pages: 0, writesBetween: 0, leaves: 0, dels: 0, snapshots: 0 }
  for (let seed = 1; seed <= seeds; seed++) {
    const complaint = await run(seed, reached)
    if (complaint) failed.push(`seed ${seed}: ${complaint}`)
  }
  expect(failed).toEqual([])
  // the histories went where it hurts
  expect(Math.min(reached.writesBetween, reached.leaves, reached.dels, reached.snapshots)).toBeGreaterThan(seeds / 3)
})

async function run(seed: number, reached: Record<string, number>): Promise<string | undefined> {
  const rng = createRng(seed)
  const teams = ['red', 'blue', 'green', 'grey'].slice(0, rng.int(2, 4))
  let member = new Set(teams.filter(() => rng.chance(0.6)))
  const app = serve({
    limits: { snapshotRows: 2 },
    audiences: (tx) => (tx.user === 'reader-of-teams' ? [...member].map((team) => `team:${team}`) : []),
  })
  const author = call(app, 'author', 'a')
  const reader = call(app, 'reader-of-teams', 'b')
  const ids = Array.from({ length: rng.int(3, 16) }, (_, i) => `t${String(i).padStart(2, '0')}`)
  const everSeen = new Set<string>()
  const look = async (): Promise<void> => {
    for (const [key, text] of await viewOf(app, member)) everSeen.add(key).add(text)
  }
  const write = async (): Promise<void> => {
    const mutations = Array.from({ length: rng.int(1, 4) }, () =>
      rng.chance(0.25)
        ? { calls: [['removeTask', [rng.pick(ids)]] as [string, unknown[]]] }
        : { calls: [['putTask', [rng.pick(ids), rng.pick(teams), `v${rng.int(0, 1e9)}`]] as [string, unknown[]]] },
    )
    await author.push(...mutations)
    await look()
  }
  const change = async (): Promise<void> => {
    member = new Set(teams.filter(() => rng.chance(0.6)))
    await look()
  }

  for (let round = 0; round < 8; round++) {
    for (let i = rng.int(0, 4); i > 0; i--) await write()
    if (rng.chance(0.35)) await change()
    if (rng.chance(0.15)) {
      reached['snapshots'] = (reached['snapshots'] ?? 0) + 1
      const complaint = await startAnew(app, reader, {
        mayRead: (text) => everSeen.has(text),
        meanwhile: () => (rng.chance(0.3) ? write() : rng.chance(0.15) ? change() : undefined),
      })
      if (complaint) return complaint
    }
    const staged: Patch[] = []
    const limit = rng.int(1, 6)
    for (let cursor = reader.cursor; ; ) {
      const page = await reader.pull({ cursor, limit })
      if ('reset' in page) return `reset ${page.reset}`
      const leaked = page.patches.find(
        (patch) =>
          (patch.op === 'put' && !everSeen.has(JSON.stringify(patch.value))) || (patch.op === 'del' && !everSeen.has(`tasks/${patch.id}`)),
      )
      if (leaked) return `leaked ${JSON.stringify(leaked)}`
      if (page.patches.filter(({ op }) => op !== 'leave').length > limit) return 'a page over its limit'
      for (const { op } of page.patches) reached[`${op}s`] = (reached[`${op}s`] ?? 0) + 1
      staged.push(...page.patches)
      cursor = page.cursor
      reached['pages'] = (reached['pages'] ?? 0) + 1
      if (!page.more) {
        reader.cursor = cursor
        break
      }
      if (rng.chance(0.2)) {
        reached['writesBetween'] = (reached['writesBetween'] ?? 0) + 1
        await write()
      }
      if (rng.chance(0.05)) await change()
    }
    applyPatches(reader.base, staged)
    const [mine, theirs] = [reader.base, await viewOf(app, member)]
    const isSame = mine.size === theirs.size && [...theirs].every(([key, text]) => JSON.stringify(mine.get(key)?.value) === text)
    if (!isSame) return `diverged in round ${round}`
  }
  return undefined
}

interface Surroundings {
  mayRead(text: string): boolean
  meanwhile(): Promise<void> | undefined
}

// a first load as a client does it: a snapshot, read while others write, and the pull from its foot
async function startAnew(app: App, reader: Caller, { mayRead, meanwhile }: Surroundings): Promise<string | undefined> {
  reader.base.clear()
  const response = await reader.post('snapshot', reader.envelope())
  const lines = (response.body as ReadableStream<Uint8Array>).getReader()
  const decoder = new TextDecoder()
  let text = ''
  for (;;) {
    const { done, value } = await lines.read()
    if (done) break
    text += decoder.decode(value, { stream: true })
    await meanwhile()
  }
  for (const line of text
    .split('\n')
    .filter(Boolean)
    .map((one) => JSON.parse(one) as unknown)) {
    if (Array.isArray(line)) {
      const [collection, value] = line as [string, { id: string; team: string }]
      if (!mayRead(JSON.stringify(value))) return `leaked ${JSON.stringify(line)} in a snapshot`
      reader.base.set(`${collection}/${value.id}`, { value, audience: `team:${value.team}` })
    } else if (typeof line === 'object' && line !== null && 'cursor' in line) reader.cursor = line.cursor as string
  }
  return app.reported.length > 0 ? String(app.reported[0]) : undefined
}

function viewOf(app: App, member: ReadonlySet<string>): Promise<ReadonlyMap<string, string>> {
  return app.database.read('main', async (reader) => {
    const rows = await reader.select({ from: 'tasks' })
    return new Map(
      rows.filter(({ value }) => member.has(value['team'] as string)).map(({ id, value }) => [`tasks/${id}`, JSON.stringify(value)]),
    )
  })
}
