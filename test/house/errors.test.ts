// The table of codes and the page that explains it say the same.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { errorTable } from '../../src/errors.ts'
import { root } from './sources.ts'

const page = readFileSync(`${root}docs/errors.md`, 'utf8')

test('every code stands in docs/errors.md once, under its family, and no other does', () => {
  expect(complaintsAboutErrors(Object.keys(errorTable), page)).toEqual([])
})

test('every message is one or more whole sentences', () => {
  expect(Object.entries(errorTable).filter(([, message]) => !/^[A-Z].*[.]$/.test(message))).toEqual([])
})

test('the inspector complains about a code that is missing, unknown, doubled, elsewhere or not explained', () => {
  const good = '## `disk/`: us\n| `disk/full` | It is full. | Free some. |\n'
  expect(complaintsAboutErrors(['disk/full'], good)).toEqual([])
  expect(complaintsAboutErrors(['disk/full', 'disk/slow'], good)).toEqual(['disk/slow is not on the page'])
  expect(complaintsAboutErrors([], good)).toEqual(['disk/full is not in the table'])
  expect(complaintsAboutErrors(['disk/full'], good + good)).toEqual(['disk/full stands on the page twice'])
  expect(complaintsAboutErrors(['disk/full'], good.replace('## `disk/`', '## `auth/`'))).toEqual(['disk/full stands under auth/'])
  expect(complaintsAboutErrors(['disk/full'], good.replace('Free some.', ''))).toEqual([
    'disk/full does not say what happened and what to do',
  ])
})

function complaintsAboutErrors(codes: readonly string[], text: string): string[] {
  const complaints: string[] = []
  const found = new Set<string>()
  let family = ''
  for (const line of text.split('\n')) {
    family = /^## `([a-z]+\/)`/.exec(line)?.[1] ?? family
    const [, code, happened, next] = /^\| `([^`]+)` \|([^|]*)\|([^|]*)\|$/.exec(line) ?? []
    if (code === undefined) continue
    if (found.has(code)) complaints.push(`${code} stands on the page twice`)
    found.add(code)
    if (!codes.includes(code)) complaints.push(`${code} is not in the table`)
    if (!code.startsWith(family)) complaints.push(`${code} stands under ${family}`)
    if (!happened?.trim() || !next?.trim()) complaints.push(`${code} does not say what happened and what to do`)
  }
  return [...complaints, ...codes.filter((code) => !found.has(code)).map((code) => `${code} is not on the page`)]
}
