/** An issue of the bench. */
export interface Issue {
  readonly id: string
  readonly title: string
  readonly status: string
  readonly priority: number
  readonly projectId: string
  readonly assigneeId: string
  readonly createdAt: number
  readonly updatedAt: number
  readonly estimate: number
}

/** The rows that the main question answers with: open issues, the last updated first. */
export const topCount = 50

const begin = 1_700_000_000_000
const statuses = ['open', 'open', 'open', 'backlog', 'doing', 'review', 'done', 'done', 'done', 'closed'] as const
const words = 'tide harbour keel anchor mast rope gale reef buoy chart log quay sail stern tiller wake'.split(' ')

/** `count` issues, the same on every call. No two were updated at the same moment. */
export function makeIssues(count: number): Issue[] {
  const random = makeRandom(count)
  const moments = Array.from({ length: count }, (_, i) => i)
  for (let i = count - 1; i > 0; i--) {
    const other = random(i + 1)
    ;[moments[i], moments[other]] = [moments[other] as number, moments[i] as number]
  }
  return moments.map((moment, i) => ({
    id: `i${String(i).padStart(7, '0')}`,
    title: `${words[random(words.length)]} ${words[random(words.length)]} ${words[random(words.length)]} ${i}`,
    status: statuses[random(statuses.length)] as string,
    priority: random(5),
    projectId: `p${random(100)}`,
    assigneeId: `u${random(500)}`,
    createdAt: begin - random(1_000_000_000),
    updatedAt: begin + moment * 1000,
    estimate: random(21),
  }))
}

/** One update, and what the main question answers with after it. */
export interface Update {
  readonly kind: 'jumps in' | 'renamed in place' | 'leaves' | 're-enters'
  readonly id: string
  readonly fields: Partial<Issue>
  readonly top: readonly Issue[]
}

/** Updates of the four kinds in turn, with their answers, by a plain loop over all issues for each. */
export function planUpdates(issues: readonly Issue[], count: number): readonly Update[] {
  const random = makeRandom(count + 1)
  const rows = [...issues]
  const placeById = new Map(rows.map(({ id }, i) => [id, i]))
  let top = findTop(rows)
  let left = ''
  return Array.from({ length: count }, (_, turn): Update => {
    const inside = top[random(top.length)] as Issue
    const [kind, id, fields] = (
      [
        ['jumps in', findOutside(rows, top, random), { updatedAt: begin + (rows.length + turn) * 1000 }],
        ['renamed in place', inside.id, { title: `renamed ${turn}` }],
        ['leaves', inside.id, { status: 'done' }],
        ['re-enters', left, { status: 'open' }],
      ] as const
    )[turn % 4] as readonly [Update['kind'], string, Partial<Issue>]
    if (kind === 'leaves') left = id
    const place = placeById.get(id) as number
    rows[place] = { ...(rows[place] as Issue), ...fields }
    top = findTop(rows)
    return { kind, id, fields, top }
  })
}

/** The answer to the main question, by a plain loop. */
export function findTop(rows: readonly Issue[]): readonly Issue[] {
  const top: Issue[] = []
  for (const row of rows) {
    if (row.status !== 'open' || (top.length === topCount && row.updatedAt < (top[topCount - 1] as Issue).updatedAt)) continue
    const place = top.findIndex(({ updatedAt }) => updatedAt < row.updatedAt)
    top.splice(place === -1 ? top.length : place, 0, row)
    if (top.length > topCount) top.pop()
  }
  return top
}

/** Whether an answer is the expected one, told by what the updates change. */
export function isTop(found: readonly Issue[], expected: readonly Issue[]): boolean {
  if (found.length !== expected.length) return false
  for (let i = 0; i < expected.length; i++) {
    const [is, should] = [found[i] as Issue, expected[i] as Issue]
    if (is.id !== should.id || is.title !== should.title || is.updatedAt !== should.updatedAt || is.status !== 'open') return false
  }
  return true
}

function findOutside(rows: readonly Issue[], top: readonly Issue[], random: (below: number) => number): string {
  const inside = new Set(top.map(({ id }) => id))
  const start = random(rows.length)
  for (let i = 0; i < rows.length; i++) {
    const row = rows[(start + i) % rows.length] as Issue
    if (row.status === 'open' && !inside.has(row.id)) return row.id
  }
  throw new Error(`${rows.length} issues are too few for this workload: none is open beyond the first ${topCount}`)
}

// mulberry32: the same numbers in every run and in every browser
function makeRandom(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below)
  }
}
