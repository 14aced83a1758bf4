// Two hundred issues to begin with: the same ones on every machine.
import { people, priorities, type Issue } from './schema.ts'

const parts = [
  'Berth map',
  'Tide table',
  'Pilot roster',
  'Manifest import',
  'Crane schedule',
  'Customs form',
  'Invoice',
  'Mooring log',
  'Radio log',
  'Weather feed',
]
const matters = [
  'works through the night without a network',
  'shows times in the harbour’s own zone',
  'survives a vessel without a name',
  'keeps the last filter after a reload',
  'marks what changed since yesterday',
  'explains an empty result',
  'answers to the keyboard alone',
  'copes with ten thousand entries',
  'says who changed it last',
  'loads twice on a slow line',
  'prints without the side bar',
  'loses the selection when sorted',
  'exports to CSV with all columns',
  'reads well on a phone',
  'warns before two people edit one field',
  'links to the vessel it speaks of',
  'counts in tonnes and in containers',
  'remembers its column widths',
  'undoes the last step',
  'has a test for leap days',
]
const notes = [
  'Reported from the quay, twice this week. The steps are on the board in the pilots’ room.',
  'A small thing that everybody meets once a day.',
  'Worked until the last release. The screenshot shows what it should look like.',
  'Agreed with the harbour master on Monday; the wording still has to be found.',
]

/** The issues of a first visit, as `createIssue` takes them. The first matter of each part has two open sub-issues, so that it cannot be closed. */
export function seedIssues(): readonly Omit<Issue, 'createdAt'>[] {
  const random = makeRandom(7)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
  return matters.flatMap((matter, i) =>
    parts.map((part, j) => ({
      id: idOf(i, j),
      title: `${part} ${matter}`,
      description: pick(notes),
      status:
        i === 0 ? 'doing' : i < 3 ? 'todo' : pick(['doing', 'todo', 'todo', 'backlog', 'backlog', 'backlog', 'done', 'done'] as const),
      priority: i === 0 ? 3 : pick(priorities),
      assignee: pick([...people, null]),
      parentId: i === 1 || i === 2 ? idOf(0, j) : null,
    })),
  )
}

function idOf(matter: number, part: number): string {
  return `seed-${String(matter * parts.length + part).padStart(3, '0')}`
}

// Park and Miller's generator: chance that is the same everywhere.
function makeRandom(seed: number): () => number {
  let state = seed
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647
}
