import { expect, test } from 'vitest'
import { type Drawing, drawPlot, tellNumber } from '../../../bench/report/plot.ts'

const lines: Drawing = {
  title: 'W3',
  x: 'rows',
  y: 'mean (ms)',
  series: [
    {
      name: 'floor',
      points: [
        [1000, 0.005],
        [10_000, 0.006],
        [100_000, 0.04],
      ],
    },
    {
      name: 'tidemark',
      points: [
        [1000, 0.02],
        [10_000, 0.02],
        [100_000, 0.041],
      ],
    },
    {
      name: 'slow & <odd>',
      points: [
        [1000, 9],
        [10_000, 90],
      ],
      note: '> 120 s at 100,000',
    },
    { name: 'absent', points: [], note: 'failed at 1,000' },
  ],
}

const parse = (svg: string): Document => new DOMParser().parseFromString(svg, 'image/svg+xml')

const numbers = (document: Document, selector: string, attribute: string): readonly number[] =>
  [...document.querySelectorAll(selector)].map((element) => Number(element.getAttribute(attribute)))

test('a plot is a well-formed document that names every subject, and what became of it', () => {
  const text = parse(drawPlot(lines)).documentElement.textContent ?? ''
  for (const said of ['W3: mean (ms)', 'rows', 'floor', 'tidemark', 'slow & <odd>', '> 120 s at 100,000', 'absent (failed at 1,000)'])
    expect(text).toContain(said)
})

test('the same figures make the same bytes', () => {
  expect(drawPlot(structuredClone(lines))).toBe(drawPlot(lines))
})

test('a larger figure lies higher, tenfold by as much each time, and all lies in the picture', () => {
  const document = parse(drawPlot(lines))
  const heights = numbers(document, '.s2 circle', 'cy')
  expect(heights[0]).toBeGreaterThan(heights[1] as number)
  const places = numbers(document, '.s0 circle', 'cx')
  expect((places[1] as number) - (places[0] as number)).toBeCloseTo((places[2] as number) - (places[1] as number), 0)
  const [, , width, height] = (document.documentElement.getAttribute('viewBox') ?? '').split(' ').map(Number)
  for (const x of numbers(document, 'circle, text', 'x')) expect(x).toBeLessThan(width as number)
  for (const y of [...numbers(document, 'circle', 'cy'), ...numbers(document, 'text', 'y')]) expect(y).toBeLessThan(height as number)
})

test.each([1.001, 5, 9.9])('no two names lie on one another, nor outside, though all lines end at %s', (end) => {
  const series = Array.from({ length: 10 }, (_, i) => ({
    name: `subject ${i}`,
    points: [
      [10, end],
      [100, end + i / 10_000],
    ] as const,
  }))
  const heights = numbers(parse(drawPlot({ ...lines, series })), '.name', 'y').toSorted((a, b) => a - b)
  expect(heights).toHaveLength(10)
  // between the title and the axis
  expect(heights[0]).toBeGreaterThan(40)
  expect(heights[9]).toBeLessThan(410)
  for (let i = 1; i < heights.length; i++) expect((heights[i] as number) - (heights[i - 1] as number)).toBeGreaterThanOrEqual(16)
})

test('bars stand where there is one number of rows, as long as their figures', () => {
  const series = [
    { name: 'floor', points: [[10, 200]] as const },
    { name: 'tidemark', points: [[10, 50]] as const },
    { name: 'late', points: [], note: '> 120 s at 10' },
  ]
  const document = parse(drawPlot({ ...lines, series }))
  const widths = numbers(document, '.bar', 'width')
  expect(widths[0]).toBeCloseTo((widths[1] as number) * 4, 0)
  expect(widths[2]).toBe(0)
  expect(document.documentElement.textContent).toContain('> 120 s at 10')
})

test('a plot of nothing but failures is a plot, too', () => {
  const svg = drawPlot({ ...lines, series: [{ name: 'late', points: [], note: '> 120 s at 10' }] })
  expect(svg).not.toMatch(/NaN|Infinity|undefined/)
})

test('figures are told in three digits', () => {
  expect([0.004_123, 0.5, 12.34, 123.4, 12_345, 0].map(tellNumber)).toEqual(['0.00412', '0.5', '12.3', '123', '12,345', '0'])
})
