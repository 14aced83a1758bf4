// Installs Debian packages, on a machine of our own.
import { spawnSync } from 'node:child_process'
import { isRunnable, onPath } from './programs.mjs'

const LIMIT_MS = 8 * 60_000

/** Whether this machine is one where we may install packages: Linux, root, apt-get. */
export function canUseApt() {
  return process.platform === 'linux' && process.getuid?.() === 0 && onPath(['apt-get']).some(isRunnable)
}

/** Runs apt-get, and says what went wrong; whether it helped is for the caller to look. */
export function apt(args) {
  const waiting = ['-q', '-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=3']
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const done = spawnSync('apt-get', [...waiting, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    timeout: LIMIT_MS,
  })
  if (done.status !== 0) console.error(`[setup] apt-get ${args[0]} failed:\n${(done.stderr || done.error?.message || '').trim()}`)
}
