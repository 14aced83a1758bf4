// Finds the programs of a PostgreSQL to test with, and on a Debian machine of our own installs them.
// Knows nothing of vitest: vite.config.ts asks hasPostgres() and leaves the tests on PostgreSQL out when it says no.
import { existsSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { apt, canUseApt } from './apt.mjs'
import { isRunnable, onPath } from './programs.mjs'

const DEBIAN_HOME = '/usr/lib/postgresql'
const CLUSTER_CONFIG = '/etc/postgresql-common/createcluster.conf'

/** Whether there is a PostgreSQL to test with: one that TEST_POSTGRES_URL names, or programs to start one. */
export function hasPostgres() {
  if (process.env.SKIP_POSTGRES === '1') return false
  return Boolean(process.env.TEST_POSTGRES_URL) || findPostgresPrograms() !== undefined
}

/** The folder with `initdb` and `postgres`, of the newest version where there are several; undefined where there is none. */
export function findPostgresPrograms() {
  const versions = existsSync(DEBIAN_HOME) ? readdirSync(DEBIAN_HOME).filter((name) => /^\d+$/.test(name)) : []
  const debian = versions.sort((a, b) => Number(b) - Number(a)).map((version) => join(DEBIAN_HOME, version, 'bin'))
  // a link on PATH points to where its neighbours are
  const others = onPath(['initdb'])
    .filter(isRunnable)
    .map((path) => dirname(realpathSync(path)))
  return [...debian, ...others].find((folder) => ['initdb', 'postgres'].every((name) => isRunnable(join(folder, name))))
}

/** Whether this machine is one where we may install a PostgreSQL: Linux, root, apt-get. */
export function canInstallPostgres() {
  return canUseApt()
}

/** Installs Debian's PostgreSQL with apt-get, without the server that its package would set up and start; true when its programs are there afterwards. */
export function installPostgres() {
  console.log('[setup] installing PostgreSQL with apt-get …')
  apt(['update'])
  apt(['install', '-y', '--no-install-recommends', 'postgresql-common'])
  if (existsSync(CLUSTER_CONFIG)) {
    const config = readFileSync(CLUSTER_CONFIG, 'utf8')
    writeFileSync(CLUSTER_CONFIG, `${config}\ncreate_main_cluster = false\n`)
    apt(['install', '-y', '--no-install-recommends', 'postgresql'])
    writeFileSync(CLUSTER_CONFIG, config)
  }
  return findPostgresPrograms() !== undefined
}
