// The bench itself, once, over few rows: that it measures, checks, and writes what it promises. The figures of such a run mean nothing.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as v from 'valibot'
import { expect, test } from 'vitest'

const time = v.pipe(v.number(), v.finite(), v.minValue(0))
const resultsSchema = v.strictObject({
  at: v.pipe(v.string(), v.isoTimestamp()),
  machine: v.pipe(v.string(), v.includes('Chromium')),
  runs: v.array(
    v.strictObject({
      workload: v.string(),
      rows: v.number(),
      subject: v.picklist(['floor', 'tidemark']),
      version: v.string(),
      metric: v.string(),
      // null would say that it failed
      median: time,
      min: time,
      max: time,
      ratioToFloor: v.nullable(time),
    }),
  ),
})

const workloads = ['W3', 'W4', 'W5', 'W6', 'W8', 'W7', 'W10', 'W2']

test('the bench measures Tidemark beside the floor, and writes its results for programs and for people', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bench-test-'))
  try {
    const script = fileURLToPath(new URL('../../bench/run.mjs', import.meta.url))
    // the peers are no part of the tests: nothing is installed for them
    const args = [script, '--workload', workloads.join(), '--rows', '400', '--subject', 'floor,tidemark', '--runs', '1', '--out', folder]
    const { NODE_ENV: _, ...env } = process.env
    const ran = spawnSync(process.execPath, args, { env, encoding: 'utf8', timeout: 170_000 })
    expect(ran.status, ran.stdout + ran.stderr).toBe(0)
    const { runs } = v.parse(resultsSchema, JSON.parse(readFileSync(join(folder, 'results.json'), 'utf8')))
    expect([...new Set(runs.map(({ workload, subject }) => `${workload} ${subject}`))]).toEqual(
      workloads.flatMap((workload) => [`${workload} floor`, `${workload} tidemark`]),
    )
    expect(runs.filter(({ metric }) => metric === 'mean (ms)').every(({ median }) => median > 0)).toBe(true)
    expect(
      runs.find(({ workload, subject, metric }) => workload === 'W4' && subject === 'tidemark' && metric === 'callbacks')?.median,
    ).toBe(2)
    expect(readFileSync(join(folder, 'results.md'), 'utf8')).toContain('| metric | subject | 400 rows | to the floor |')
    for (const workload of workloads) expect(readFileSync(join(folder, `${workload}.svg`), 'utf8')).toContain('tidemark')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}, 180_000)
