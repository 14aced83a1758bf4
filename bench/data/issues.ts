/** The rows of an issue tracker. */
export interface Tracker {
  readonly issues: readonly Issue[]
  readonly projects: readonly Named[]
  readonly users: readonly Named[]
}

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

/** A project or a user. */
export interface Named {
  readonly id: string
  readonly name: string
}

/** Every status that an issue has. */
export const statuses = ['open', 'backlog', 'doing', 'review', 'done', 'closed'] as const

/** The issues of a tracker were last updated from then on, one each second. */
export const begin = 1_700_000_000_000

const spread = ['open', 'open', 'open', 'backlog', 'doing', 'review', 'done', 'done', 'done', 'closed'] as const
const words = 'tide harbour keel anchor mast rope gale reef buoy chart log quay sail stern tiller wake'.split(' ')
const [projectCount, userCount] = [100, 500]

/** A tracker of `count` issues, the same on every call. */
export function makeTracker(count: number): Tracker {
  const makeNamed = (length: number, letter: string, kind: string): readonly Named[] =>
    Array.from({ length }, (_, i) => ({ id: `${letter}${i}`, name: `${kind} ${words[i % words.length]} ${i}` }))
  return { issues: makeIssues(count), projects: makeNamed(projectCount, 'p', 'project'), users: makeNamed(userCount, 'u', 'user') }
}

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
    status: spread[random(spread.length)] as string,
    priority: random(5),
    projectId: `p${random(projectCount)}`,
    assigneeId: `u${random(userCount)}`,
    createdAt: begin - random(1_000_000_000),
    updatedAt: begin + moment * 1000,
    estimate: random(21),
  }))
}

/** Numbers below `below`, the same from the same seed in every run and in every browser. */
// mulberry32
export function makeRandom(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below)
  }
}
