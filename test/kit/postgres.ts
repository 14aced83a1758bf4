// A PostgreSQL for tests: the one that TEST_POSTGRES_URL names, or one of our own in a folder that goes with it.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdtempSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { findPostgresPrograms } from '../../scripts/postgres.mjs'

/** A PostgreSQL at work. */
export interface Postgres {
  /** Makes an empty database, and answers with its URL. What follows its name is SQL: `TEMPLATE …`, `ENCODING …`. */
  createDatabase(how?: string): Promise<string>
  /** Drops what was made and stops what was started. */
  stop(): Promise<void>
}

/** Starts a PostgreSQL that orders text as people do, so that whatever wants the order of bytes must ask for it. */
export async function startPostgres(): Promise<Postgres> {
  const given = process.env.TEST_POSTGRES_URL
  const { url, stop } = given ? { url: given, stop: async () => undefined } : await startOurs()
  const admin = new pg.Client({ connectionString: url })
  await admin.connect()
  const names: string[] = []
  return {
    async createDatabase(how = '') {
      const name = `tidemark_${process.pid}_${names.length + 1}`
      await admin.query(`CREATE DATABASE ${name} ${how}`)
      names.push(name)
      return Object.assign(new URL(url), { pathname: `/${name}` }).href
    },
    async stop() {
      for (const name of names) await admin.query(`DROP DATABASE ${name} WITH (FORCE)`)
      await admin.end()
      await stop()
    },
  }
}

async function startOurs(): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
  const programs = findPostgresPrograms()
  if (!programs) throw new Error('There is no PostgreSQL here. Install it, or set TEST_POSTGRES_URL.')
  const home = mkdtempSync(join(tmpdir(), 'tidemark-postgres-'))
  const owner = findOwner()
  if (owner) chownSync(home, owner.uid, owner.gid)
  const data = join(home, 'data')
  const initdb = join(programs, 'initdb')
  const options = { ...owner, cwd: home, env: { ...process.env, LC_ALL: 'C' } }
  const hasIcu = execFileSync(initdb, ['--help'], { encoding: 'utf8' }).includes('--icu-locale')
  const order = hasIcu ? ['--locale-provider=icu', '--icu-locale=en'] : []
  execFileSync(initdb, ['-D', data, '-U', 'postgres', '--auth=trust', '--encoding=UTF8', '--no-sync', ...order], options)
  // its keeper: where this process ends, however it ends, the server does too, and its folder is gone
  const keeper = `"$@" & pid=$!; trap '' INT TERM; cat > /dev/null; kill -INT $pid; wait $pid; cd / && rm -rf "$0"`
  const port = await findPort()
  const settings = ['fsync=off', 'listen_addresses=127.0.0.1', `port=${port}`, `unix_socket_directories=${home}`, 'max_connections=200']
  const args = ['-D', data, ...settings.flatMap((setting) => ['-c', setting])]
  const child = spawn('/bin/sh', ['-c', keeper, home, join(programs, 'postgres'), ...args], {
    ...options,
    stdio: ['pipe', 'ignore', 'pipe'],
  })
  await isReady(child)
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    async stop() {
      child.stdin.end()
      await once(child, 'exit')
    },
  }
}

// PostgreSQL does not run as root
function findOwner(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const users = readFileSync('/etc/passwd', 'utf8').split('\n')
  const [, , uid, gid] =
    ['postgres', 'nobody'].flatMap((name) => users.find((line) => line.startsWith(`${name}:`)) ?? [])[0]?.split(':') ?? []
  if (!uid || !gid) throw new Error('PostgreSQL does not run as root, and there is no user postgres or nobody.')
  return { uid: Number(uid), gid: Number(gid) }
}

async function findPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address ? address.port : 0
}

function isReady(child: ChildProcess): Promise<void> {
  let output = ''
  return new Promise((resolve, reject) => {
    child.stderr?.on('data', (chunk: Buffer) => {
      output += output.length < 100_000 ? chunk : ''
      if (output.includes('ready to accept connections')) resolve()
    })
    child.once('error', reject)
    child.once('exit', () => reject(new Error(output)))
  })
}
