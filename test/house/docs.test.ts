// Every example that a newcomer reads works: each ```ts and ```tsx block of README.md and docs/guide/*.md type-checks, each one marked `run` runs.
//
//   ```ts              a module by itself
//   ```ts schema.ts    a module that later blocks of the page import as './schema.ts'
//   ```ts run          … and it runs to its end (it may be named too: ```ts main.ts run)
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ts from 'typescript'
import { afterAll, expect, test } from 'vitest'
import { root } from './sources.ts'

interface Example {
  readonly page: string
  readonly line: number
  readonly path: string
  readonly text: string
  readonly isRun: boolean
}

const folder = join(root, 'test', 'house', '.examples')
const guide = `${root}docs/guide`
const pages = [
  'README.md',
  ...(existsSync(guide) ? readdirSync(guide).sort() : []).filter((name) => name.endsWith('.md')).map((name) => `docs/guide/${name}`),
]

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('every example of the README and the guide type-checks', { timeout: 60_000 }, () => {
  const examples = pages.flatMap((page) => extractExamples(page, readFileSync(root + page, 'utf8')))
  expect(complaintsAboutTypes(examples)).toEqual([])
})

test.each(pages)('the examples of %s that are marked run, run', async (page) => {
  const examples = extractExamples(page, readFileSync(root + page, 'utf8'))
  expect(await complaintsAboutRuns(examples)).toEqual([])
})

test('the inspector complains about an example that does not type-check, and names its line', { timeout: 60_000 }, () => {
  const text =
    '# Page\n\n```ts a.ts\nexport const a = 1\n```\n\n```ts\nimport { a } from "./a.ts"\nconst text: string = a\nconsole.log(text)\n```\n'
  const complaints = complaintsAboutTypes(extractExamples('planted-types.md', text))
  expect(complaints).toHaveLength(1)
  expect(complaints[0]).toContain('planted-types.md:9')
})

test('the inspector complains about an example that throws, and leaves one alone that is not marked', async () => {
  const text = '```ts run\nthrow new Error("torn")\n```\n\n```ts\nthrow new Error("not run")\n```\n'
  expect(await complaintsAboutRuns(extractExamples('planted-run.md', text))).toEqual(['planted-run.md:1 Error: torn'])
})

function extractExamples(page: string, text: string): Example[] {
  const home = join(folder, page.replace(/\.md$/, '').replaceAll('/', '-'))
  return [...text.matchAll(/^```(tsx?)( .*)?\n([\s\S]*?)^```$/gm)].map((match) => {
    const [, kind = 'ts', info = '', code = ''] = match
    const line = text.slice(0, match.index).split('\n').length
    const words = info.split(' ').filter(Boolean)
    const name = words.find((word) => /\.tsx?$/.test(word)) ?? `line-${line}.${kind}`
    return { page, line, path: join(home, name), text: `${code}\nexport {}\n`, isRun: words.includes('run') }
  })
}

function complaintsAboutTypes(examples: readonly Example[]): string[] {
  if (examples.length === 0) return []
  write(examples)
  const config = ts.getParsedCommandLineOfConfigFile(
    `${root}tsconfig.json`,
    { noUnusedLocals: false, noUnusedParameters: false },
    parseHost(),
  )
  if (!config) return ['tsconfig.json cannot be read']
  const program = ts.createProgram(
    examples.map(({ path }) => path),
    config.options,
  )
  return examples.flatMap((example) => {
    const file = program.getSourceFile(example.path)
    const found = file ? [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)] : []
    return found.map((diagnostic) => {
      const line = example.line + 1 + (file?.getLineAndCharacterOfPosition(diagnostic.start ?? 0).line ?? 0)
      return `${example.page}:${line} ${ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n')}`
    })
  })
}

async function complaintsAboutRuns(examples: readonly Example[]): Promise<string[]> {
  write(examples)
  const complaints: string[] = []
  for (const { page, line, path } of examples.filter(({ isRun }) => isRun)) {
    try {
      await import(/* @vite-ignore */ path)
    } catch (error) {
      complaints.push(`${page}:${line} ${String(error)}`)
    }
  }
  return complaints
}

function write(examples: readonly Example[]): void {
  for (const { path, text } of examples) {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
}

function parseHost(): ts.ParseConfigFileHost {
  const onUnRecoverableConfigFileDiagnostic = (diagnostic: ts.Diagnostic) => {
    throw new Error(ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'))
  }
  return { ...ts.sys, onUnRecoverableConfigFileDiagnostic }
}
