import { linkSync, mkdirSync, readFileSync, readlinkSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import process from 'node:process'
import { TidemarkError } from '../errors.ts'

/** A folder that is this owner's alone until it is released. */
export interface FolderLock {
  /** The folder's real path: two spellings of one folder are one lock. */
  readonly folder: string
  release(): void
}

/*
 *   ./data         the folder
 *   ./data.lock    who has it, as JSON; linked into place whole, so that nobody reads half of it
 *   ./data.lock.<token of the dead owner>    who is taking over from that one, held by the same rules
 *
 * Only who holds the third may replace the second, and only while it names the dead owner: of any number that find the
 * same dead owner one wins, and a lock that somebody took meanwhile is never touched.
 */

/** Takes the folder, from a dead owner too, and makes it where it is missing. Raises `server/datadir-locked` with the owner's pid. */
export function lockFolder(folder: string): FolderLock {
  const real = makeFolder(folder)
  const path = `${real}.lock`
  const own = makeOwner()
  take(path, own, real)
  const release = () => {
    process.off('exit', release)
    if (readOwner(path, real)?.token === own.token) rmSync(path, { force: true })
  }
  process.on('exit', release)
  return { folder: real, release }
}

interface Owner {
  readonly pid: number
  readonly host: string
  /** Names the machine's boot and the process namespace: pids mean something only within one of each. */
  readonly boot: string
  readonly namespace: string
  /** When the process started, in the machine's own ticks: pids are used again. */
  readonly started: string
  /** Names this very lock. */
  readonly token: string
}

function makeFolder(folder: string): string {
  try {
    mkdirSync(folder, { recursive: true })
    return realpathSync(folder)
  } catch (cause) {
    throw new TidemarkError('server/config', {
      cause,
      details: { folder },
      message: `The data folder ${folder} cannot be made. Choose another one.`,
    })
  }
}

function take(path: string, own: Owner, folder: string): void {
  for (;;) {
    if (tryLink(path, own)) return
    const owner = readOwner(path, folder)
    if (!owner) continue
    if (isPerhapsAlive(owner, own)) refuse(owner, folder, path)
    const takeover = `${path}.${owner.token}`
    take(takeover, own, folder)
    try {
      if (readOwner(path, folder)?.token === owner.token) {
        writeFileSync(draftOf(path, own), JSON.stringify(own))
        renameSync(draftOf(path, own), path)
        return
      }
    } finally {
      rmSync(takeover, { force: true })
    }
  }
}

function tryLink(path: string, own: Owner): boolean {
  const draft = draftOf(path, own)
  writeFileSync(draft, JSON.stringify(own))
  try {
    linkSync(draft, path)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw new TidemarkError('server/config', {
      cause: error,
      details: { path },
      message: `The lock ${path} cannot be made. Choose a folder on a local disk.`,
    })
  } finally {
    rmSync(draft, { force: true })
  }
}

function draftOf(path: string, own: Owner): string {
  return `${path}.${own.token}.draft`
}

function readOwner(path: string, folder: string): Owner | undefined {
  const text = readIfThere(path)
  if (text === undefined) return undefined
  try {
    const owner = JSON.parse(text) as Partial<Owner> | null
    if (Number.isSafeInteger(owner?.pid) && typeof owner?.token === 'string' && /^[\w-]+$/.test(owner.token)) return owner as Owner
  } catch (cause) {
    throw locked(folder, path, { cause, what: 'Something that wrote no lock of ours' })
  }
  throw locked(folder, path, { what: 'Something that wrote no lock of ours' })
}

// What cannot be known counts as alive: two owners lose data, a refusal loses a minute.
function isPerhapsAlive(owner: Owner, own: Owner): boolean {
  if (owner.host !== own.host) return true
  if (owner.boot !== own.boot) return false
  if (owner.namespace !== own.namespace) return true
  const status = readProcess(owner.pid)
  if (status) return status.state !== 'Z' && status.started === owner.started
  try {
    process.kill(owner.pid, 0)
    return true
  } catch (error) {
    return codeOf(error) !== 'ESRCH'
  }
}

function makeOwner(): Owner {
  return {
    pid: process.pid,
    host: hostname(),
    boot: readIfThere('/proc/sys/kernel/random/boot_id')?.trim() ?? '',
    namespace: readNamespace(),
    started: readProcess(process.pid)?.started ?? '',
    token: `${process.pid}-${process.hrtime.bigint()}`,
  }
}

function readNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    // no Linux, no namespaces
    return ''
  }
}

// fields 3 and 22 of proc(5)'s stat; the command in field 2 may hold anything, a bracket too
function readProcess(pid: number): { readonly state: string; readonly started: string } | undefined {
  const stat = readIfThere(`/proc/${pid}/stat`)
  if (stat === undefined) return undefined
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return { state: fields[0] ?? '', started: fields[19] ?? '' }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ESRCH') return undefined
    throw new TidemarkError('server/config', {
      cause: error,
      details: { path },
      message: `The file ${path} cannot be read. Correct its permissions.`,
    })
  }
}

function refuse(owner: Owner, folder: string, path: string): never {
  throw locked(folder, path, { what: `Process ${owner.pid} on ${owner.host}`, pid: owner.pid, host: owner.host })
}

function locked(
  folder: string,
  path: string,
  { what, cause, ...details }: { what: string; cause?: unknown; pid?: number; host?: string },
): TidemarkError {
  const message = `${what} has the data folder ${folder} open. Stop it, or choose another folder; if it is gone for certain, delete ${path}.`
  return new TidemarkError('server/datadir-locked', { cause, details: { folder, path, ...details }, message })
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
