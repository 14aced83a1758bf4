// Drawings as text: no library, the same bytes from the same figures, readable on light and on dark.

/** What is drawn: a line for each series over logarithmic axes, or a bar for each where all have but one point at the same place. */
export interface Drawing {
  readonly title: string
  readonly x: string
  readonly y: string
  readonly series: readonly Series[]
}

/** The points of one subject. */
export interface Series {
  readonly name: string
  readonly points: readonly (readonly [x: number, y: number])[]
  /** Said beside its name. */
  readonly note?: string
  /** What the others are told by stands back, what it is all about stands out. */
  readonly look?: 'back' | 'out'
}

interface Scale {
  readonly ticks: readonly number[]
  at(value: number): number
}

const size = { width: 860, height: 460 }
const frame = { left: 78, right: 620, top: 52, bottom: 402 }
const labelGap = 17
const colours = ['#bf5600', '#1a7f37', '#8250df', '#cf222e', '#0a7d8c', '#9a6700', '#bf3989', '#4d7c0f']
const coloursOnDark = ['#f0883e', '#3fb950', '#bc8cff', '#ff7b72', '#39c5cf', '#d29922', '#f778ba', '#a3e635']
const [looks, looksOnDark] = [{ back: '#59636e', out: '#0969da' } as const, { back: '#9198a1', out: '#58a6ff' } as const]

/** Draws one plot as an SVG document. */
export function drawPlot(drawing: Drawing): string {
  const places = new Set(drawing.series.flatMap(({ points }) => points.map(([x]) => x)))
  return places.size > 1 ? drawLines(drawing) : drawBars(drawing)
}

/** A figure as people read it, in three digits. */
export function tellNumber(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString('en')
  const digits = value > 0 ? Math.max(0, Math.min(6, 2 - Math.floor(Math.log10(value)))) : 0
  return String(Number(value.toFixed(digits)))
}

function drawLines(drawing: Drawing): string {
  const points = drawing.series.flatMap(({ points }) => points)
  const x = makeScale(new Set(points.map(([at]) => at)), [frame.left, frame.right], false)
  const y = makeScale(new Set(points.map(([, at]) => at)), [frame.bottom, frame.top], true)
  const grid = [
    ...y.ticks.map((tick) => `<path class="grid" d="M${frame.left} ${fix(y.at(tick))}H${frame.right}"/>`),
    ...y.ticks.map((tick) => text(frame.left - 8, y.at(tick) + 4, tellNumber(tick), 'end')),
    ...x.ticks.map((tick) => `<path class="grid" d="M${fix(x.at(tick))} ${frame.top}V${frame.bottom}"/>`),
    ...x.ticks.map((tick) => text(x.at(tick), frame.bottom + 20, tellNumber(tick), 'middle')),
    text((frame.left + frame.right) / 2, frame.bottom + 44, drawing.x, 'middle'),
  ]
  const lines = drawing.series.map(({ name, points, look }, i) => {
    const drawn = points.map(([px, py]) => `${fix(x.at(px))} ${fix(y.at(py))}`)
    const dots = points.map(([px, py]) => {
      const told = `${name}, ${tellNumber(px)}: ${tellNumber(py)}`
      return `<circle cx="${fix(x.at(px))}" cy="${fix(y.at(py))}" r="3.5"><title>${escape(told)}</title></circle>`
    })
    return `<g class="s${i}"><path class="line${look ? ` ${look}` : ''}" d="M${drawn.join('L')}"/>${dots.join('')}</g>`
  })
  return documentOf(drawing, [...grid, ...lines.filter((_, i) => hasPoints(drawing, i)), ...label(drawing, y)])
}

// each name beside the end of its line, moved down or up where names would lie on one another
function label({ series }: Drawing, y: Scale): readonly string[] {
  const ends = series.map(({ points }, i) => ({
    i,
    at: points.length > 0 ? y.at((points.at(-1) as readonly [number, number])[1]) : frame.bottom,
  }))
  const sorted = ends.toSorted((a, b) => a.at - b.at)
  let free = frame.top
  const places = sorted.map(({ i, at }) => {
    const place = Math.max(at, free)
    free = place + labelGap
    return { i, at, place }
  })
  let ceiling = frame.bottom - 4
  for (const one of places.toReversed()) {
    one.place = Math.min(one.place, ceiling)
    ceiling = one.place - labelGap
  }
  return places.map(({ i, at, place }) => {
    const { name, note, points } = series[i] as Series
    const lead = points.length > 0 ? `<path class="lead" d="M${frame.right + 5} ${fix(at)}L${frame.right + 22} ${fix(place)}"/>` : ''
    const value = points.length > 0 ? ` ${tellNumber((points.at(-1) as readonly [number, number])[1])}` : ''
    return `<g class="s${i}">${lead}${text(frame.right + 27, place + 4, `${name}${value}${note ? ` (${note})` : ''}`, 'start', 'name')}</g>`
  })
}

function drawBars(drawing: Drawing): string {
  const largest = Math.max(...drawing.series.flatMap(({ points }) => points.map(([, y]) => y)), 0)
  const room = frame.right - frame.left - 60
  const bars = drawing.series.map(({ name, points, note }, i) => {
    const top = frame.top + i * 34
    const value = points[0]?.[1]
    const width = value === undefined || largest === 0 ? 0 : (value / largest) * room
    const told = value === undefined ? (note ?? '') : `${tellNumber(value)}${note ? ` (${note})` : ''}`
    const bar = `<rect class="bar" x="${frame.left + 60}" y="${top}" width="${fix(width)}" height="22" rx="2"/>`
    const labels = [text(frame.left + 50, top + 16, name, 'end', 'name'), text(frame.left + 68 + width, top + 16, told, 'start')]
    return `<g class="s${i}">${bar}${labels.join('')}</g>`
  })
  return documentOf(drawing, bars, frame.top + drawing.series.length * 34 + 10)
}

function documentOf({ title, y, series }: Drawing, parts: readonly string[], height = size.height): string {
  const plain = series.filter(({ look }) => !look)
  const colour = (all: readonly string[], known: typeof looks | typeof looksOnDark): string =>
    series.map((one, i) => `.s${i}{--c:${one.look ? known[one.look] : all[plain.indexOf(one) % all.length]}}`).join('')
  const style = `text{font:13px system-ui,sans-serif;fill:#1f2328}.title{font-weight:600;font-size:15px}.name{fill:var(--c)}.grid{stroke:#d1d9e0;stroke-width:1}
.line{fill:none;stroke:var(--c);stroke-width:2}.back{stroke-dasharray:5 4}.out{stroke-width:3.5}.lead{fill:none;stroke:var(--c);stroke-width:1;opacity:.5}circle,.bar{fill:var(--c)}${colour(colours, looks)}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.name{fill:var(--c)}.grid{stroke:#30363d}${colour(coloursOnDark, looksOnDark)}}`
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${height}" width="${size.width}" height="${height}" role="img" aria-label="${escape(title)}">
<style>${style}</style>
${[text(16, 24, `${title}: ${y}`, 'start', 'title'), ...parts].join('\n')}
</svg>
`
}

// from the smallest to the largest value, logarithmic; whole powers of ten around them where `isRounded`
function makeScale(values: ReadonlySet<number>, [from, to]: readonly [number, number], isRounded: boolean): Scale {
  const positive = [...values].filter((value) => value > 0)
  const [least, most] = [Math.log10(Math.min(...positive)), Math.log10(Math.max(...positive))]
  const low = isRounded ? Math.floor(least) : least
  const high = isRounded ? Math.max(Math.ceil(most), low + 1) : most
  const powers = Array.from({ length: Math.max(0, high - low + 1) }, (_, i) => Number(`1e${low + i}`))
  return {
    ticks: isRounded ? powers : positive.toSorted((a, b) => a - b),
    at: (value) => from + ((Math.log10(value) - low) / (high - low)) * (to - from),
  }
}

function hasPoints({ series }: Drawing, i: number): boolean {
  return (series[i] as Series).points.length > 0
}

function text(x: number, y: number, content: string, anchor: 'start' | 'middle' | 'end', kind?: string): string {
  return `<text x="${fix(x)}" y="${fix(y)}" text-anchor="${anchor}"${kind ? ` class="${kind}"` : ''}>${escape(content)}</text>`
}

function escape(content: string): string {
  return content.replace(/[&<>"]/g, (one) => `&#${one.charCodeAt(0)};`)
}

function fix(place: number): string {
  return String(Number(place.toFixed(1)))
}
