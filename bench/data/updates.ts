import { findTop, topCount } from './answers.ts'
import { begin, type Issue, makeRandom } from './issues.ts'

/** One update, and what the main question answers with after it. */
export interface Update {
  readonly kind: (typeof updateKinds)[number]
  readonly id: string
  readonly fields: Partial<Issue>
  readonly top: readonly Issue[]
}

/** What the updates do, in turn. */
export const updateKinds = ['jumps in', 'renamed in place', 'leaves', 're-enters'] as const

/** Updates of the four kinds in turn, with the main question's answers, by a plain loop over all open issues for each. */
export function planUpdates(issues: readonly Issue[], count: number, size = topCount): readonly Update[] {
  const random = makeRandom(count + 1)
  const issueById = new Map(issues.map((issue) => [issue.id, issue]))
  const open = [...findTop(issues, issues.length)]
  if (open.length <= size + 1)
    throw new Error(`${issues.length} issues are too few for this workload: none is open beyond the first ${size}`)
  let left = ''
  return Array.from({ length: count }, (_, turn): Update => {
    const inside = open[random(size)] as Issue
    const outside = open[size + random(open.length - size)] as Issue
    const kind = updateKinds[turn % updateKinds.length] as Update['kind']
    const [id, fields] = (
      {
        'jumps in': [outside.id, { updatedAt: begin + (issues.length + turn) * 1000 }],
        'renamed in place': [inside.id, { title: `renamed ${turn}` }],
        leaves: [inside.id, { status: 'done' }],
        're-enters': [left, { status: 'open' }],
      } as const
    )[kind]
    if (kind === 'leaves') left = id
    const after = { ...(issueById.get(id) as Issue), ...fields }
    issueById.set(id, after)
    const before = open.findIndex((issue) => issue.id === id)
    if (before !== -1) open.splice(before, 1)
    if (after.status === 'open') {
      const place = open.findIndex(({ updatedAt }) => updatedAt < after.updatedAt)
      open.splice(place === -1 ? open.length : place, 0, after)
    }
    return { kind, id, fields, top: open.slice(0, size) }
  })
}
