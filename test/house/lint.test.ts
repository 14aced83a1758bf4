// The linter's rules about our own laws can fail: each is shown a file that breaks it.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from './sources.ts'

test('the linter refuses the world’s globals in src, and grants them to the three files that hand them down', () => {
  const text = 'export const now = Date.now()\nexport const id = crypto.randomUUID()\nexport const later = setTimeout(() => undefined, 1)\n'
  expect(lint('src/live/view.ts', text)).toEqual(['no-restricted-globals', 'no-restricted-globals', 'no-restricted-globals'])
  expect(lint('src/store/world.ts', text)).toEqual([])
  expect(lint('src/server/node.ts', text)).toEqual([])
  expect(lint('src/server/world.ts', text)).toEqual([])
  expect(lint('test/live/view.test.ts', text)).toEqual([])
})

test('the linter refuses chance and timers that hide in objects', () => {
  expect(lint('src/live/view.ts', 'export const a = Math.random()\n')).toEqual(['no-restricted-properties'])
  expect(lint('src/live/view.ts', 'export const a = AbortSignal.timeout(5)\n')).toEqual(['no-restricted-properties'])
})

test('the linter refuses a promise that nobody waits for, and one where none is expected', () => {
  expect(lint('src/live/view.ts', 'async function push() {}\nexport function go() {\n  push()\n}\n')).toEqual(['no-floating-promises'])
  const misused = 'export function go(all: number[]) {\n  all.forEach(async () => {\n    await null\n  })\n}\n'
  expect(lint('src/live/view.ts', misused)).toContain('no-misused-promises')
  const unguarded =
    'export async function go(push: () => Promise<void>) {\n  try {\n    return push()\n  } catch {\n    return undefined\n  }\n}\n'
  expect(lint('src/live/view.ts', unguarded)).toEqual(['return-await'])
})

test('the linter refuses default exports and any in src', () => {
  expect(lint('src/live/view.ts', 'export default function view() {}\n')).toEqual(['no-default-export'])
  expect(lint('src/live/view.ts', 'export const a = (b: any) => b as unknown\n')).toEqual(['no-explicit-any'])
})

/** The names of the rules that our configuration raises for a file of this text at this path, in a folder of its own. */
function lint(path: string, text: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-lint-'))
  try {
    cpSync(`${root}.oxlintrc.json`, join(folder, '.oxlintrc.json'))
    symlinkSync(`${root}node_modules`, join(folder, 'node_modules'), 'junction')
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: { strict: true, types: [], target: 'es2022', module: 'nodenext' } }),
    )
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
    const oxlint = join(root, 'node_modules', 'oxlint', 'bin', 'oxlint')
    const done = spawnSync(process.execPath, [oxlint, '--type-aware', '-f', 'json', path], { cwd: folder, encoding: 'utf8' })
    const { diagnostics } = JSON.parse(done.stdout) as {
      readonly diagnostics: readonly { readonly code?: string; readonly message: string }[]
    }
    return diagnostics.map(({ code, message }) => /\((.+)\)$/.exec(code ?? '')?.[1] ?? message)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
