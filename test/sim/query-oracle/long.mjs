// `npm run long -- queries`: many histories in two processes. SEEDS: how many histories of ten questions; FIRST: the seed to begin with; SEED: one to replay.
import { build } from 'esbuild'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const questions = 10
const steps = 50
const { SEED, SEEDS = '10000', FIRST = '1' } = process.env
const first = Number(SEED ?? FIRST)
const count = SEED ? 1 : Number(SEEDS)
const processes = Math.min(2, count)

// inside node_modules, so that what the worker imports is found
const cache = fileURLToPath(new URL('../../../node_modules/.cache', import.meta.url))
mkdirSync(cache, { recursive: true })
const home = mkdtempSync(join(cache, 'tidemark-long-'))
process.on('exit', () => rmSync(home, { recursive: true, force: true }))
const worker = join(home, 'worker.mjs')
await build({
  stdin: {
    contents: `
      import { playSeeds } from './play-seeds.ts'
      const [first, count, stride] = process.argv.slice(2).map(Number)
      await playSeeds({ first, count, stride, sqlEvery: 50 }, {
        onFailure: (failure) => process.send({ failure }),
        onTally: (tally) => process.send({ tally, rssMb: Math.round(process.memoryUsage().rss / 2 ** 20) }),
      })
      process.disconnect()`,
    resolveDir: fileURLToPath(new URL('.', import.meta.url)),
  },
  bundle: true,
  platform: 'node',
  format: 'esm',
  packages: 'external',
  outfile: worker,
  logLevel: 'error',
})

const started = performance.now()
const seconds = () => Math.round((performance.now() - started) / 1000)
console.log(
  `${count * questions} questions over ${steps} commits each: histories of seeds ${first} to ${first + count - 1}, in ${processes} processes`,
)
const tallies = Array.from({ length: processes }, () => ({ histories: 0, checked: 0, changed: 0, asked: 0, failures: 0 }))
const rss = Array.from({ length: processes }, () => ({ first: 0, last: 0 }))
const sum = (name) => tallies.reduce((total, tally) => total + tally[name], 0)
let told = 0

const codes = await Promise.all(tallies.map((_, place) => run(place)))
const isWhole = sum('histories') === count
const memory = rss.map(({ first: from, last }) => `${from} → ${last}`).join(' and ')
console.log(
  `${sum('histories') * questions} questions over ${steps} commits: ${sum('checked')} answers compared, ${sum('changed')} of them new, ${sum('asked')} asked in SQL too`,
)
console.log(`seeds ${first} to ${first + count - 1}, ${seconds()} s, ${memory} MB resident, ${sum('failures')} failed`)
if (!isWhole) console.error(`Only ${sum('histories')} of ${count} histories were played.`)
process.exitCode = isWhole && sum('failures') === 0 && codes.every((code) => code === 0) ? 0 : 1

async function run(place) {
  const own = Math.ceil((count - place) / processes)
  const child = fork(worker, [first + place, own, processes].map(String), { execArgv: [] })
  child.on('message', ({ failure, tally, rssMb }) => {
    if (failure) console.error(`\nFAILED ${failure}\n`)
    if (!tally) return
    tallies[place] = tally
    rss[place] = { first: rss[place].first || rssMb, last: rssMb }
    if (seconds() - told < 10) return
    told = seconds()
    console.log(
      `${told} s: ${sum('histories')} of ${count} histories, ${sum('failures')} failed, ${rss.map(({ last }) => last).join(' and ')} MB`,
    )
  })
  const [code] = await once(child, 'exit')
  return code
}
