import { expect, test } from 'vitest'
import { makeReport } from '../../../bench/report/report.ts'
import type { Line } from '../../../bench/report/summary.ts'

const plan = [
  { name: 'W3', about: 'updates in turn', plot: { over: 'rows', metric: 'mean (ms)' } },
  {
    name: 'W3-size',
    about: 'growth',
    plot: {
      over: 'rows in the answer',
      metrics: [
        [10, 'mean, first 10 (ms)'],
        [100, 'mean, first 100 (ms)'],
      ],
    },
  },
  { name: 'W9', about: 'not measured', plot: { over: 'rows', metric: 'size' } },
] as const

const line = (fields: Partial<Line>): Line => ({
  workload: 'W3',
  rows: 1000,
  subject: 'floor',
  version: '1',
  metric: 'mean (ms)',
  median: 0.01,
  min: 0.01,
  max: 0.01,
  ratioToFloor: 1,
  ...fields,
})

const none = { median: null, min: null, max: null, ratioToFloor: null }

const results = {
  at: '2026-01-01T00:00:00.000Z',
  machine: 'a machine',
  runs: [
    line({}),
    line({ rows: 100_000, median: 0.04, min: 0.03, max: 0.05 }),
    line({ subject: 'tidemark', version: '0.1.0', median: 0.02, min: 0.02, max: 0.02, ratioToFloor: 2 }),
    line({ subject: 'tidemark', version: '0.1.0', rows: 100_000, median: 0.06, min: 0.06, max: 0.06, ratioToFloor: 1.5 }),
    line({ subject: 'slow', version: '9', median: 90, min: 90, max: 90, ratioToFloor: 9000 }),
    line({ subject: 'slow', version: '9', rows: 100_000, metric: '> 120 s', ...none }),
    line({ subject: 'wrong', version: '8', metric: 'failed: the right answer was not heard', ...none }),
    line({ subject: 'wrong', version: '8', rows: 100_000, metric: 'failed: the right answer was not heard', ...none }),
    line({ workload: 'W3-size', rows: 100_000, metric: 'mean, first 10 (ms)', median: 1, min: 1, max: 1 }),
    line({ workload: 'W3-size', rows: 100_000, metric: 'mean, first 100 (ms)', median: 2, min: 2, max: 2 }),
  ],
}

test('the page has a table for each workload: figures by rows, how they grow, and how many times the floor', () => {
  const page = makeReport(plan, results)['results.md'] ?? ''
  expect(page).toContain('| metric | subject | 1,000 rows | 100,000 rows | 1,000 → 100,000 | to the floor |')
  expect(page).toContain('| mean (ms) | floor | 0.01 | 0.04 (0.03–0.05) | × 4 |  |')
  expect(page).toContain('| mean (ms) | tidemark | 0.02 | 0.06 | × 3 | × 2 · 1.5 |')
  expect(page).toContain('![W3](W3.svg)')
  expect(page).toContain('tidemark 0.1.0')
})

test('what is drawn stands in the open, and what is more is folded away', () => {
  const more = ['a', 'b', 'c'].map((metric) => line({ metric }))
  const page = makeReport(plan, { ...results, runs: [...more, ...results.runs] })['results.md'] ?? ''
  const [open = '', folded = ''] = page.split('<details>')
  expect(open).toContain('| mean (ms) | floor |')
  expect(open).toContain('| b | floor |')
  expect(folded).toContain('| c | floor |')
})

test('who failed or was too slow is in the table, and why stands below it', () => {
  const page = makeReport(plan, results)['results.md'] ?? ''
  expect(page).toContain('| mean (ms) | slow | 90 | > 120 s |')
  expect(page).toContain('| mean (ms) | wrong | failed | failed |')
  expect(page).toContain('- wrong, 1,000 rows: failed: the right answer was not heard')
})

test('there is one plot for each workload that was measured, over rows or over what its metrics grow with', () => {
  const report = makeReport(plan, results)
  expect(Object.keys(report)).toEqual(['results.md', 'W3.svg', 'W3-size.svg'])
  expect(report['W3.svg']).toContain('slow 90 (&#62; 120 s at 100,000)')
  expect(report['W3-size.svg']).toContain('rows in the answer')
})

test('the same results make the same files', () => {
  expect(makeReport(plan, structuredClone(results))).toEqual(makeReport(plan, results))
})
