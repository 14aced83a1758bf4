import { expect, test } from 'vitest'
import { summarise } from '../../../bench/report/summary.ts'

const of = (metric: string, ...times: readonly number[]) => times.map((time) => ({ [metric]: time }))

test('a line has the median, the least, the most, and the ratio to the floor of the same run', () => {
  const outcomes = [
    { name: 'floor', version: '1', runs: of('mean (ms)', 3, 1, 2) },
    { name: 'a', version: '2', runs: of('mean (ms)', 10, 30) },
  ]
  expect(summarise({ workload: 'W3', rows: 10, outcomes })).toEqual([
    { workload: 'W3', rows: 10, subject: 'floor', version: '1', metric: 'mean (ms)', median: 2, min: 1, max: 3, ratioToFloor: 1 },
    { workload: 'W3', rows: 10, subject: 'a', version: '2', metric: 'mean (ms)', median: 20, min: 10, max: 30, ratioToFloor: 10 },
  ])
})

test('a subject that failed has one line that says how, whatever it measured before', () => {
  const outcomes = [{ name: 'a', version: '2', runs: of('mean (ms)', 10), failure: '> 120 s' }]
  expect(summarise({ workload: 'W3', rows: 10, outcomes })).toEqual([
    { workload: 'W3', rows: 10, subject: 'a', version: '2', metric: '> 120 s', median: null, min: null, max: null, ratioToFloor: null },
  ])
})

test('there is no ratio where the floor failed, or measured no such thing', () => {
  const failed = { name: 'floor', version: '1', runs: [], failure: 'failed: no' }
  const other = { name: 'floor', version: '1', runs: of('heap (MiB)', 1) }
  for (const floor of [failed, other]) {
    const lines = summarise({ workload: 'W3', rows: 10, outcomes: [floor, { name: 'a', version: '2', runs: of('mean (ms)', 4) }] })
    expect(lines.find(({ subject }) => subject === 'a')?.ratioToFloor).toBe(null)
  }
})
