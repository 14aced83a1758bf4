// `npm run check`: everything about the code that can be known without running its tests. Two steps at a time, each with its seconds.
//
//   types   lint   format   knip   size        need nothing
//   build → pack → publint, attw               one tarball, packed once, looked at twice
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const packed = mkdtempSync(join(tmpdir(), 'tidemark-pack-'))
const tarball = () => join(packed, readdirSync(packed).find((name) => name.endsWith('.tgz')) ?? 'no-tarball.tgz')

// Longest first, so that the two lanes end together.
const steps = [
  {
    name: 'build',
    commands: () => [
      ['vite', 'build', '--logLevel', 'warn'],
      ['tsc', '-p', 'tsconfig.build.json'],
    ],
  },
  { name: 'types', commands: () => [['tsc', '--noEmit', '-p', '.']] },
  { name: 'lint', commands: () => [['oxlint', '--type-aware', '--deny-warnings', '.']] },
  { name: 'format', commands: () => [['biome', 'format', '--reporter=summary', '.']] },
  { name: 'knip', commands: () => [['knip', '--no-progress']] },
  { name: 'pack', after: 'build', commands: () => [['npm', 'pack', '--ignore-scripts', '--silent', '--pack-destination', packed]] },
  { name: 'publint', after: 'pack', commands: () => [['publint', 'run', tarball(), '--strict']] },
  { name: 'attw', after: 'pack', commands: () => [['attw', tarball(), '--profile', 'esm-only', '--no-definitely-typed', '--no-emoji']] },
  { name: 'size', isReport: true, commands: () => [['node', 'scripts/size.mjs']] },
]

const only = process.argv.slice(2)
const started = performance.now()
const results = await runAll(only.length > 0 ? steps.filter((step) => only.includes(step.name)) : steps)
rmSync(packed, { recursive: true, force: true })

const failed = results.filter((result) => !result.isPassed).map((result) => result.name)
const time = seconds(performance.now() - started)
console.log(failed.length === 0 ? `check: ${results.length} steps passed in ${time}` : `check: FAILED in ${time}: ${failed.join(', ')}`)
process.exitCode = failed.length === 0 ? 0 : 1

async function runAll(wanted) {
  const waiting = [...wanted]
  const done = new Map()
  const isReady = (step) => step.after === undefined || done.has(step.after) || !wanted.some((other) => other.name === step.after)
  const lane = async () => {
    while (waiting.length > 0) {
      const index = waiting.findIndex(isReady)
      if (index === -1) {
        await new Promise((resolve) => setTimeout(resolve, 50))
        continue
      }
      const [step] = waiting.splice(index, 1)
      const result = await run(step, done.get(step.after))
      print(result)
      done.set(step.name, result)
    }
  }
  await Promise.all([lane(), lane()])
  return [...done.values()]
}

async function run(step, before) {
  if (before && !before.isPassed) return { ...step, isPassed: false, time: 'not run', output: `${before.name} failed before it` }
  const from = performance.now()
  let output = ''
  let isPassed = true
  for (const [command, ...args] of step.commands()) {
    const result = await execute(command, args)
    output += result.output
    isPassed = result.code === 0
    if (!isPassed) break
  }
  return { ...step, isPassed, time: seconds(performance.now() - from), output }
}

function execute(command, args) {
  return new Promise((resolve) => {
    const PATH = `${join(root, 'node_modules', '.bin')}${process.platform === 'win32' ? ';' : ':'}${process.env.PATH}`
    const child = spawn(command, args, { cwd: root, env: { ...process.env, PATH, NO_COLOR: '1' }, shell: process.platform === 'win32' })
    let output = ''
    child.stdout.on('data', (chunk) => (output += chunk))
    child.stderr.on('data', (chunk) => (output += chunk))
    child.on('error', (error) => resolve({ code: 1, output: `${output}${error.message}\n` }))
    child.on('close', (code) => resolve({ code: code ?? 1, output }))
  })
}

function print(result) {
  console.log(`${result.isPassed ? 'ok    ' : 'FAILED'} ${result.name.padEnd(8)} ${result.time}`)
  if (!result.isPassed || result.isReport) console.log(indent(result.output))
}

function indent(text) {
  const lines = text.trimEnd().split('\n')
  const shown = lines.length > 120 ? [...lines.slice(0, 110), `… ${lines.length - 110} more lines`] : lines
  return shown.map((line) => `       ${line}`.trimEnd()).join('\n')
}

function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`
}
