import { buildSync } from 'esbuild'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { lockFolder } from '../../src/server/folder-lock.ts'

const home = mkdtempSync(join(tmpdir(), 'tidemark-lock-'))
const script = join(home, 'owner.mjs')
const children = new Set<ChildProcess>()
let count = 0
const nextFolder = () => join(home, `data-${++count}`)

// Node 20 runs no TypeScript, so the children run the lock as one file of JavaScript
buildSync({
  stdin: {
    contents: `
      import { lockFolder } from './folder-lock.ts'
      let lock
      const commands = {
        lock: (folder) => { lock = lockFolder(folder); return { folder: lock.folder } },
        // all spin to one moment, and a little on by themselves, so that they meet inside the takeover
        race: ([folder, at]) => {
          while (Date.now() < at);
          for (let i = Math.random() * 300_000; i > 0; i--);
          return commands.lock(folder)
        },
        release: () => { lock.release(); return {} },
        exit: () => process.exit(0),
      }
      process.on('message', ([name, argument]) => {
        try { process.send(commands[name](argument)) } catch (error) { process.send({ code: error.code, pid: error.details?.pid, message: error.message }) }
      })
      process.send('ready')`,
    resolveDir: fileURLToPath(new URL('../../src/server', import.meta.url)),
  },
  outfile: script,
  bundle: true,
  platform: 'node',
  format: 'esm',
})

afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(home, { recursive: true, force: true })
})

test('a locked folder is made, its lock names the owner, and releasing removes it', () => {
  const folder = nextFolder()
  const lock = lockFolder(folder)
  expect(existsSync(folder)).toBe(true)
  expect(JSON.parse(readFileSync(`${folder}.lock`, 'utf8'))).toMatchObject({ pid: process.pid })
  lock.release()
  expect(readdirSync(home).filter((name) => name.startsWith(`data-${count}`))).toEqual([`data-${count}`])
  lockFolder(folder).release()
})

test('a second owner in the same process is refused, by another spelling of the folder too', () => {
  const folder = nextFolder()
  const lock = lockFolder(folder)
  symlinkSync(folder, `${folder}-link`)
  for (const spelling of [folder, `${folder}/../data-${count}`, `${folder}-link`])
    expect(() => lockFolder(spelling)).toThrow(expect.objectContaining({ code: 'server/datadir-locked' }))
  lock.release()
})

test('a living owner in another process is refused with its pid, and its lock stays', async () => {
  const folder = nextFolder()
  const owner = await start()
  expect(await ask(owner, 'lock', folder)).toEqual({ folder })
  const before = readFileSync(`${folder}.lock`, 'utf8')
  for (let i = 0; i < 3; i++) {
    expect(() => lockFolder(folder)).toThrow(
      expect.objectContaining({ code: 'server/datadir-locked', details: expect.objectContaining({ pid: owner.pid }) }),
    )
  }
  expect(() => lockFolder(folder)).toThrow(`Process ${owner.pid} `)
  expect(readFileSync(`${folder}.lock`, 'utf8')).toBe(before)
  expect(await ask(owner, 'release')).toEqual({})
  lockFolder(folder).release()
})

test('an owner that exits takes its lock with it', async () => {
  const folder = nextFolder()
  const owner = await start()
  await ask(owner, 'lock', folder)
  owner.send(['exit'])
  await once(owner, 'exit')
  expect(existsSync(`${folder}.lock`)).toBe(false)
})

test('HV15 the lock of a killed owner is taken over, and no draft or marker is left', async () => {
  const folder = await leaveStaleLock()
  const lock = lockFolder(folder)
  expect(JSON.parse(readFileSync(`${folder}.lock`, 'utf8'))).toMatchObject({ pid: process.pid })
  lock.release()
  expect(readdirSync(home).filter((name) => name.startsWith(`data-${count}`))).toEqual([`data-${count}`])
})

test('HV15 of ten processes that find a stale lock at once exactly one wins', async () => {
  const contenders = await Promise.all(Array.from({ length: 10 }, start))
  const pids = contenders.map((child) => child.pid)
  const dead = JSON.parse(readFileSync(`${await leaveStaleLock()}.lock`, 'utf8')) as object
  for (let round = 0; round < 20; round++) {
    const folder = nextFolder()
    writeFileSync(`${folder}.lock`, JSON.stringify({ ...dead, token: `dead-${round}` }))
    const at = Date.now() + 15
    const answers = await Promise.all(contenders.map((child) => ask(child, 'race', [folder, at])))
    expect(answers.filter((answer) => 'folder' in answer)).toHaveLength(1)
    for (const answer of answers) if (!('folder' in answer)) expect(answer.code).toBe('server/datadir-locked')
    for (const answer of answers) if ('pid' in answer) expect(pids).toContain(answer.pid)
    const winner = contenders[answers.findIndex((answer) => 'folder' in answer)] as ChildProcess
    expect(JSON.parse(readFileSync(`${folder}.lock`, 'utf8'))).toMatchObject({ pid: winner.pid })
    await ask(winner, 'release')
  }
})

test('who was killed while taking over is taken over too', async () => {
  const folder = await leaveStaleLock()
  const dead = readFileSync(`${folder}.lock`, 'utf8')
  const marker = `${folder}.lock.${(JSON.parse(dead) as { token: string }).token}`
  const other = await leaveStaleLock()
  writeFileSync(marker, readFileSync(`${other}.lock`, 'utf8'))
  lockFolder(folder).release()
  expect(existsSync(marker)).toBe(false)
})

test('a takeover that a living process is at is left to it', async () => {
  const folder = await leaveStaleLock()
  const dead = readFileSync(`${folder}.lock`, 'utf8')
  const other = nextFolder()
  const taker = lockFolder(other)
  writeFileSync(`${folder}.lock.${(JSON.parse(dead) as { token: string }).token}`, readFileSync(`${other}.lock`, 'utf8'))
  expect(() => lockFolder(folder)).toThrow(expect.objectContaining({ code: 'server/datadir-locked' }))
  expect(readFileSync(`${folder}.lock`, 'utf8')).toBe(dead)
  taker.release()
})

test.each([
  ['another start of the same pid', { started: '1' }, existsSync('/proc/self/stat')],
  ['another boot of the machine', { boot: 'before' }, true],
  ['another host', { host: 'elsewhere' }, false],
  ['another namespace of pids', { namespace: 'pid:[1]' }, false],
])('a lock by %s is taken over only where its owner is dead for certain', (_, change, isDead) => {
  const folder = nextFolder()
  const lock = lockFolder(folder)
  const foreign = { ...(JSON.parse(readFileSync(`${folder}.lock`, 'utf8')) as object), token: '1-1', ...change }
  lock.release()
  writeFileSync(`${folder}.lock`, JSON.stringify(foreign))
  if (isDead) lockFolder(folder).release()
  else expect(() => lockFolder(folder)).toThrow(expect.objectContaining({ code: 'server/datadir-locked' }))
  expect(existsSync(`${folder}.lock`)).toBe(!isDead)
})

test.each(['', '{', 'null', '[]', '{"pid":"1"}', '{"pid":1,"token":"../x"}'])('a lock file that is not ours (%s) is left alone', (text) => {
  const folder = nextFolder()
  writeFileSync(`${folder}.lock`, text)
  expect(() => lockFolder(folder)).toThrow(expect.objectContaining({ code: 'server/datadir-locked' }))
  expect(readFileSync(`${folder}.lock`, 'utf8')).toBe(text)
})

test('a folder that cannot be made is a mistake in the configuration', () => {
  const file = join(home, 'file')
  writeFileSync(file, '')
  expect(() => lockFolder(join(file, 'data'))).toThrow(expect.objectContaining({ code: 'server/config' }))
  expect(() => lockFolder(file)).toThrow(expect.objectContaining({ code: 'server/config' }))
})

interface Answer {
  readonly folder?: string
  readonly code?: string
  readonly pid?: number
}

async function start(): Promise<ChildProcess> {
  const child = fork(script, { execArgv: [] })
  children.add(child)
  child.once('exit', () => children.delete(child))
  await once(child, 'message')
  return child
}

async function ask(child: ChildProcess, name: string, argument?: unknown): Promise<Answer> {
  const answered = once(child, 'message')
  child.send([name, argument])
  return ((await answered) as [Answer])[0]
}

async function leaveStaleLock(): Promise<string> {
  const folder = nextFolder()
  const owner = await start()
  await ask(owner, 'lock', folder)
  owner.kill('SIGKILL')
  await once(owner, 'exit')
  expect(existsSync(`${folder}.lock`)).toBe(true)
  return folder
}
