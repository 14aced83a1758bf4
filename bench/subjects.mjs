// Who is measured, and the peers' installation, which stands apart: nothing but the bench needs them.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const at = (path) => fileURLToPath(new URL(path, import.meta.url))
const { version } = readJson('../package.json')
const { dependencies } = readJson('package.json')

/** The floor first: the others are told as ratios to it. A peer names the package that it is. */
export const subjects = [
  { name: 'floor', version: '1', file: at('subjects/floor.ts') },
  { name: 'tidemark', version, file: at('subjects/tidemark.ts') },
  peer('tanstack', '@tanstack/db'),
  peer('rxdb-memory', 'rxdb'),
  peer('rxdb-dexie', 'rxdb'),
  peer('tinybase', 'tinybase'),
  peer('signaldb', '@signaldb/core'),
  peer('dexie', 'dexie'),
  peer('replicache', 'replicache'),
  peer('legend-state', '@legendapp/state'),
]

function peer(name, from) {
  return { name, version: dependencies[from], file: at(`peers/${name}.ts`), isPeer: true }
}

/** Installs the peers, as their lockfile names them, unless they are. Raises where it cannot. */
export function installPeers() {
  if (Object.entries(dependencies).every(([name, wanted]) => findInstalled(name) === wanted)) return
  console.log('Installing the peers into bench/node_modules, once (about 150 MB) …')
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: at('.'),
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  if (status !== 0) throw new Error('the peers could not be installed (see above). `-- --subject floor,tidemark` measures without them.')
}

function findInstalled(name) {
  const path = `node_modules/${name}/package.json`
  return existsSync(at(path)) ? readJson(path).version : undefined
}

function readJson(path) {
  return JSON.parse(readFileSync(at(path), 'utf8'))
}
