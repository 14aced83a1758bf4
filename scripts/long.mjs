// `npm run long [name …]`: runs that take longer than a test may. Without a name it lists what there is.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

// name → what it proves, the folder or file it needs, the command, its environment (yours wins)
const runs = {
  convergence: {
    says: 'seeded histories of many clients over a lossy network end equal (SEEDS: how many, SEED: one to replay)',
    needs: 'test/sim',
    command: ['vitest', 'run', '--project', 'node', '--testTimeout', '3600000', 'test/sim/convergence'],
    env: { SEEDS: '200' },
  },
  queries: {
    says: 'seeded histories of live queries equal the answers asked from scratch (SEEDS: histories of ten queries, FIRST: the first, SEED: one)',
    needs: 'test/sim/query-oracle',
    command: ['node', 'test/sim/query-oracle/long.mjs'],
    env: { SEEDS: '10000' },
  },
}

const names = process.argv.slice(2)
const unknown = names.filter((name) => !Object.hasOwn(runs, name))
if (names.length === 0 || unknown.length > 0) {
  if (unknown.length > 0) console.error(`There is no long run named ${unknown.join(', ')}. Choose one of these:`)
  list()
  process.exit(unknown.length > 0 ? 1 : 0)
}
for (const name of names) start(name, runs[name])

function list() {
  for (const [name, run] of Object.entries(runs)) {
    console.log(`${name.padEnd(14)} ${run.says}${isThere(run) ? '' : ` [not here yet: ${run.needs}]`}`)
  }
}

function start(name, run) {
  if (!isThere(run)) {
    console.error(`${name} cannot run: ${run.needs} does not exist.`)
    process.exit(1)
  }
  const [command, ...args] = run.command
  const [program, before] = command === 'node' ? [process.execPath, []] : ['npx', ['--no-install', command]]
  const done = spawnSync(program, [...before, ...args], {
    cwd: root,
    env: { ...run.env, ...process.env },
    stdio: 'inherit',
    shell: process.platform === 'win32' && command !== 'node',
  })
  if (done.status !== 0) process.exit(done.status ?? 1)
}

function isThere(run) {
  return existsSync(`${root}${run.needs}`)
}
