// A small issue tracker as plain data: few values, so that keys tie and rows stand at boundaries; links twice, ids that dangle, nulls, absent fields.
import type { HopAst, LinkAst } from '../../../src/query/ast.ts'
import type { AnyRow } from '../../../src/schema/row.ts'
import type { Json } from '../../../src/util/json.ts'
import type { Rng } from '../../kit/rng.ts'

export const collections = ['issues', 'projects', 'users', 'labels', 'issueLabels'] as const
export type CollectionName = (typeof collections)[number]

/** What a field holds where it is not null or absent. `mixed` is anything, `ref` an id. */
export type Kind = 'text' | 'number' | 'flag' | 'list' | 'mixed' | 'ref'

/** The fields of each collection but the id. */
export const kindsByField: { readonly [C in CollectionName]: { readonly [field: string]: Kind } } = {
  issues: {
    title: 'text',
    status: 'text',
    priority: 'number',
    estimate: 'number',
    isOpen: 'flag',
    tags: 'list',
    extra: 'mixed',
    projectId: 'ref',
    assigneeId: 'ref',
    parentId: 'ref',
  },
  projects: { name: 'text', rank: 'number', status: 'text', ownerId: 'ref' },
  users: { name: 'text', level: 'number', isActive: 'flag' },
  labels: { name: 'text', weight: 'number', extra: 'mixed' },
  issueLabels: { issueId: 'ref', labelId: 'ref', weight: 'number' },
}

/** How rows of one collection meet rows of another. */
export interface Relation {
  readonly name: string
  readonly from: CollectionName
  readonly hop: HopAst & { readonly collection: CollectionName }
  readonly link?: LinkAst & { readonly collection: CollectionName }
}

const one = (name: string, from: CollectionName, near: string, collection: CollectionName): Relation => ({
  name,
  from,
  hop: { near, collection, far: 'id', isOne: true },
})
const many = (name: string, from: CollectionName, near: string, [collection, far]: readonly [CollectionName, string]): Relation => ({
  name,
  from,
  hop: { near, collection, far, isOne: false },
})
const through = (name: string, from: CollectionName, collection: CollectionName, [near, far]: readonly [string, string]): Relation => ({
  name,
  from,
  hop: { near: 'id', collection, far: 'id', isOne: false },
  link: { collection: 'issueLabels', from: near, to: far },
})

export const relations: readonly Relation[] = [
  one('project', 'issues', 'projectId', 'projects'),
  one('assignee', 'issues', 'assigneeId', 'users'),
  one('parent', 'issues', 'parentId', 'issues'),
  many('children', 'issues', 'id', ['issues', 'parentId']),
  many('links', 'issues', 'id', ['issueLabels', 'issueId']),
  through('labels', 'issues', 'labels', ['issueId', 'labelId']),
  many('issues', 'projects', 'id', ['issues', 'projectId']),
  one('owner', 'projects', 'ownerId', 'users'),
  many('assigned', 'users', 'id', ['issues', 'assigneeId']),
  many('projects', 'users', 'id', ['projects', 'ownerId']),
  many('links', 'labels', 'id', ['issueLabels', 'labelId']),
  through('issues', 'labels', 'issues', ['labelId', 'issueId']),
  one('issue', 'issueLabels', 'issueId', 'issues'),
  one('label', 'issueLabels', 'labelId', 'labels'),
]

/** Joins where fields are equal that are no ids: text, numbers, true and false, and what is mixed. */
export const equalities: readonly Relation[] = [
  many('sameStatus', 'issues', 'status', ['projects', 'status']),
  many('sameLevel', 'issues', 'priority', ['users', 'level']),
  many('sameFlag', 'issues', 'isOpen', ['users', 'isActive']),
  many('sameExtra', 'issues', 'extra', ['labels', 'extra']),
  many('sameRank', 'projects', 'rank', ['issues', 'estimate']),
  many('sameName', 'users', 'name', ['labels', 'name']),
  many('sameWeight', 'labels', 'weight', ['issueLabels', 'weight']),
]

/** Texts that UTF-16 and UTF-8 order alike, and those that they do not. */
export const plainTexts = ['', 'a', 'ab', 'b', 'Z', 'é', 'É', 'a%', 'a_b', '\\', 'ñu'] as const
export const wildTexts = [...plainTexts, '\u{1f600}', '\uff5e', '\ud7ff'] as const

/** How many ids each collection draws from, and how its rows are drawn. */
export interface Scale {
  readonly ids: { readonly [C in CollectionName]: number }
  readonly texts: readonly string[]
}

export const small: Scale = { ids: { issues: 24, projects: 5, users: 4, labels: 4, issueLabels: 40 }, texts: plainTexts }

const statuses = ['open', 'done', 'todo']
const targets: { readonly [field: string]: CollectionName } = {
  projectId: 'projects',
  assigneeId: 'users',
  ownerId: 'users',
  parentId: 'issues',
  issueId: 'issues',
  labelId: 'labels',
}

export const makeId = (collection: CollectionName, place: number): string => `${collection === 'issueLabels' ? 'k' : collection[0]}${place}`

/** A value that a field may hold; null now and then. */
export function drawValue(rng: Rng, field: string, kind: Kind, scale: Scale = small): Json {
  if (rng.chance(0.1)) return null
  const target = targets[field]
  // one id beyond those that there are: it dangles
  if (target) return makeId(target, rng.int(0, Math.min(scale.ids[target], 12)))
  if (field === 'status') return rng.pick(statuses)
  switch (kind) {
    case 'text':
    case 'ref':
      return rng.pick(scale.texts)
    case 'number':
      if (field !== 'estimate') return rng.int(0, 3)
      // a sum of these is exact only if it is rounded once
      return rng.chance(0.06) ? rng.pick([2 ** 53, -(2 ** 53), 1, 0.25]) : rng.int(0, 8) / 4
    case 'flag':
      return rng.chance(0.5)
    case 'list':
      return Array.from({ length: rng.int(0, 3) }, () => rng.pick<Json>(['x', 'y', 'z', 1, null, ['x']]))
    case 'mixed':
      return rng.pick<() => Json>([
        () => rng.chance(0.5),
        () => rng.int(-1, 3),
        () => rng.int(0, 4) / 4,
        () => rng.pick(scale.texts),
        () => [rng.int(0, 1)],
        () => ({ p: rng.int(0, 1), a: 'x' }),
        () => ({ a: 'x', p: rng.int(0, 1) }),
      ])()
  }
}

/** A row with some fields null and some absent. */
export function drawRow(rng: Rng, collection: CollectionName, id: string, scale: Scale = small): AnyRow {
  const row: Record<string, Json> = { id }
  for (const [field, kind] of Object.entries(kindsByField[collection])) if (rng.chance(0.9)) row[field] = drawValue(rng, field, kind, scale)
  return Object.freeze(row) as AnyRow
}

/** Rows by collection. */
export type Tables = { readonly [C in CollectionName]: readonly AnyRow[] }

/** Most of the ids that the scale has, each with a row. */
export function drawTables(rng: Rng, scale: Scale = small): Tables {
  const draw = (collection: CollectionName): readonly AnyRow[] =>
    Array.from({ length: scale.ids[collection] }, (_, place) => makeId(collection, place))
      .filter(() => rng.chance(0.8))
      .map((id) => drawRow(rng, collection, id, scale))
  return Object.fromEntries(collections.map((collection) => [collection, draw(collection)])) as unknown as Tables
}
