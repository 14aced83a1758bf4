// What a question may have, as axes; and the question that a choice of them stands for.
import {
  type ConditionAst,
  type FieldAst,
  type GroupAst,
  type JoinAst,
  operators,
  type OrderAst,
  type QueryAst,
} from '../../../src/query/ast.ts'
import type { Json } from '../../../src/util/json.ts'
import type { CoveringRow, Some, Space } from '../../kit/covering.ts'
import {
  drawAggregate,
  drawComparison,
  drawCursor,
  drawExists,
  drawField,
  drawHaving,
  drawJoin,
  drawKey,
  drawKeys,
  drawGroupOrder,
  drawSelect,
  drawWith,
  type Source,
} from './draw.ts'
import { type CollectionName, equalities, type Relation, relations } from './rows.ts'

/** All questions are about issues: what these meet is on the axes. */
const axes = {
  operator: ['none', ...operators],
  operand: ['plain', 'null', 'mixed'],
  nesting: ['plain', 'and', 'or', 'not'],
  exists: ['none', 'one', 'many', 'through', 'two deep', 'not'],
  order: ['none', 'one key', 'two keys', 'relation', 'joined'],
  direction: ['asc', 'desc'],
  nulls: ['default', 'first', 'last'],
  page: ['whole', 'limit', 'zero', 'offset', 'offset limit', 'after', 'after limit', 'after offset limit'],
  cursor: ['none', 'present', 'gone'],
  join: ['none', 'inner', 'left', 'multiplying', 'two'],
  with: ['none', 'one', 'many', 'through', 'two deep', 'three deep'],
  group: ['none', 'all', 'one key', 'two keys', 'joined key', 'distinct'],
  aggregate: ['none', 'count', 'sum', 'avg', 'min', 'max'],
  groups: ['plain', 'having', 'order', 'cut', 'having order cut'],
  select: ['no', 'yes'],
  want: ['list', 'first', 'size', 'field'],
} as const

// each says what two axes have to do with one another; an axis that is not decided yet is in nobody's way
const rules: readonly ((row: Some) => boolean)[] = [
  // null is an operand of those that take any value
  ({ operator, operand }) => operand !== 'null' || operator === undefined || ['=', '!=', 'in', 'notIn', 'contains'].includes(operator),
  // without an operator there is neither operand nor nesting
  ({ operator, operand }) => operator !== 'none' || operand === undefined || operand === 'plain',
  ({ operator, nesting }) => operator !== 'none' || nesting === undefined || nesting === 'plain',
  // isNull holds for a field of any kind: it has one operand of its own
  ({ operator, operand }) => operator !== 'isNull' || operand === undefined || operand !== 'null',
  // without an order there is no direction and no place for nulls
  ({ order, direction }) => order !== 'none' || direction === undefined || direction === 'asc',
  ({ order, nulls }) => order !== 'none' || nulls === undefined || nulls === 'default',
  // a key of a joined row needs a join, in the order and in the groups
  ({ order, join }) => order !== 'joined' || join !== 'none',
  ({ group, join }) => group !== 'joined key' || join !== 'none',
  // a page after a row has a cursor, another has none
  ({ page, cursor }) => page === undefined || cursor === undefined || page.startsWith('after') === (cursor !== 'none'),
  // groups tell of rows, distinct rows of nothing; without groups nothing is told
  ({ group, aggregate }) =>
    group === undefined || aggregate === undefined || (group === 'none' || group === 'distinct') === (aggregate === 'none'),
  ({ group, groups }) => group !== 'none' || groups === undefined || groups === 'plain',
  // rows within rows are not for groups, which are rows of their own
  ({ group, with: brought }) => group === undefined || brought === undefined || group === 'none' || brought === 'none',
  // nor is select: of a group there is what it is made of
  ({ group, select }) => group === undefined || group === 'none' || select !== 'yes',
]

export const space: Space = { axes, isAllowed: (row) => rules.every((rule) => rule(row)) }

/** The question that a row of the array stands for; what the axes leave open is drawn. */
export function makeQuestion(source: Source, row: CoveringRow): QueryAst {
  const joins = makeJoins(source, row)
  const orderBy = makeOrderBy(source, row, joins)
  const where = makeWhere(source, row)
  const rows: QueryAst = {
    from: 'issues',
    ...(where && { where }),
    ...(joins.length > 0 && { joins }),
    ...(orderBy.length > 0 && { orderBy }),
  }
  const whole: QueryAst = {
    ...rows,
    ...makePage(source, row, rows),
    ...(row.group !== 'none' && { group: makeGroup(source, row, joins) }),
    ...(row.with !== 'none' && { with: [makeBrought(source, row)] }),
  }
  const select = row.select === 'yes' ? drawSelect(source, whole) : undefined
  const want = makeWant(source, row, whole, select)
  return { ...whole, ...(select && { select }), ...(want && { want }) }
}

const from: CollectionName = 'issues'
const named = (name: string): Relation => [...relations, ...equalities].find((one) => one.from === from && one.name === name) as Relation

function makeWhere(source: Source, row: CoveringRow): ConditionAst | undefined {
  const comparison = makeComparison(source, row)
  const exists = makeExists(source, row)
  const parts = [...(comparison ? [comparison] : []), ...(exists ? [exists] : [])]
  if (row.nesting === 'plain') return parts.length > 1 ? { op: 'and', of: parts } : parts[0]
  if (row.nesting === 'not') return { op: 'not', of: [parts.length > 1 ? { op: 'and', of: parts } : (parts[0] as ConditionAst)] }
  return { op: row.nesting as 'and' | 'or', of: [...parts, drawComparison(source, from)] }
}

function makeComparison(source: Source, { operator, operand }: CoveringRow): ConditionAst | undefined {
  if (operator === 'none') return undefined
  const drawn = drawComparison(source, from, operator as (typeof operators)[number])
  if (operand === 'null') return { ...drawn, value: operator === 'in' || operator === 'notIn' ? withNull(drawn.value) : null }
  if (operand === 'mixed') return { ...drawn, field: 'extra' }
  return drawn
}

function withNull(value: Json): Json {
  return [...(value as readonly Json[]), null]
}

function makeExists(source: Source, { exists }: CoveringRow): ConditionAst | undefined {
  const draw = (name: string, depth = 1): ConditionAst => drawExists(source, from, depth, named(name))
  switch (exists) {
    case 'none':
      return undefined
    case 'one':
      return draw(source.rng.pick(['project', 'assignee', 'parent']))
    case 'many':
      return draw(source.rng.pick(['children', 'links']))
    case 'through':
      return draw('labels')
    case 'not':
      return { op: 'not', of: [draw(source.rng.pick(['project', 'children', 'labels']))] }
    default:
      return { ...drawExists(source, from, 0, named('project')), where: drawExists(source, 'projects', 1) }
  }
}

function makeJoins(source: Source, { join, order }: CoveringRow): readonly JoinAst[] {
  const draw = (as: string, name: string): JoinAst => drawJoin(source, from, as, named(name))
  const joins: JoinAst[] = []
  if (join === 'inner' || join === 'left') joins.push({ ...draw('j0', source.rng.pick(['project', 'assignee', 'parent'])), kind: join })
  if (join === 'multiplying' || join === 'two')
    joins.push(draw('j0', source.rng.pick(['children', 'links', 'sameStatus', 'sameLevel', 'sameExtra'])))
  if (join === 'two') joins.push(draw('j1', source.rng.pick(['project', 'sameFlag'])))
  if (order === 'relation')
    joins.push({ as: 'h', kind: 'left', hop: named(source.rng.pick(['project', 'assignee', 'parent'])).hop, isHidden: true })
  return joins
}

function makeOrderBy(source: Source, { order, direction, nulls }: CoveringRow, joins: readonly JoinAst[]): readonly OrderAst[] {
  const key = (of: readonly JoinAst[]): OrderAst => {
    const { nulls: _, ...drawn } = drawKey(source, from, of)
    return { ...drawn, direction: direction as OrderAst['direction'], ...(nulls !== 'default' && { nulls: nulls as 'first' | 'last' }) }
  }
  const joinedKey = (all: readonly JoinAst[]): OrderAst => {
    for (;;) {
      const drawn = key(all)
      if (drawn.of !== undefined) return drawn
    }
  }
  switch (order) {
    case 'none':
      return []
    case 'one key':
      return [key([])]
    case 'two keys':
      return [key([]), drawKey(source, from, [])]
    case 'relation':
      return [joinedKey(joins.filter(({ isHidden }) => isHidden))]
    default:
      return [joinedKey(joins.filter(({ isHidden }) => !isHidden))]
  }
}

function makePage(source: Source, { page = '', cursor }: CoveringRow, rows: QueryAst): Partial<QueryAst> {
  const { rng, tables } = source
  const isGone = cursor === 'gone'
  return {
    ...(page.includes('after') && { after: drawCursor(isGone ? { ...source, tables: { ...tables, issues: [] } } : source, rows) }),
    ...(page.includes('offset') && { offset: rng.int(1, 3) }),
    ...(page.includes('limit') && { limit: rng.int(1, 6) }),
    ...(page === 'zero' && { limit: 0 }),
  }
}

function makeGroup(source: Source, { group, aggregate, groups = '' }: CoveringRow, joins: readonly JoinAst[]): GroupAst {
  const { rng } = source
  const visible = joins.filter(({ isHidden }) => !isHidden)
  const count = group === 'all' ? 0 : group === 'two keys' ? 2 : 1
  const joined = (): FieldAst => ({ ...drawField(source, visible[0]?.hop.collection as CollectionName, []), of: 'j0' })
  const by = group === 'joined key' ? [joined()] : drawKeys(source, [from, []], group === 'distinct' ? rng.int(1, 2) : count)
  const aggregates =
    aggregate === 'none' ? {} : { a: drawAggregate(source, from, visible, aggregate as 'count'), n: { op: 'count' } as const }
  return {
    by,
    aggregates,
    ...(groups.includes('having') && { having: drawHaving(source, by, aggregates) }),
    ...(groups.includes('order') && { orderBy: drawGroupOrder(source, by, aggregates) }),
    ...(groups.includes('cut') && { offset: rng.int(0, 1), limit: rng.int(1, 3) }),
  }
}

function makeBrought(source: Source, { with: brought }: CoveringRow) {
  const { rng } = source
  const names = { one: ['project', 'assignee', 'parent'], many: ['children', 'links'], through: ['labels'] } as const
  if (brought === 'one' || brought === 'many' || brought === 'through')
    return drawWith(source, from, ['w0', 1], named(rng.pick(names[brought])))
  // three deep: a relation within a relation within a relation, whatever the draw would leave out
  const deepen = (at: CollectionName, as: readonly [string, number]): ReturnType<typeof drawWith> => {
    const relation = rng.pick(relations.filter((one) => one.from === at))
    const one = drawWith(source, at, [as[0], 1], relation)
    return as[1] === 1 ? one : { ...one, query: { ...one.query, with: [deepen(relation.hop.collection, ['w0', as[1] - 1])] } }
  }
  return deepen(from, ['w0', brought === 'two deep' ? 2 : 3])
}

function makeWant({ rng }: Source, { want }: CoveringRow, ast: QueryAst, select: readonly string[] | undefined): QueryAst['want'] {
  if (want === 'list') return undefined
  if (want === 'first' || want === 'size') return want
  const names = ast.group
    ? [...ast.group.by.map(({ field, of }) => (of ? `${of}.${field}` : field)), ...Object.keys(ast.group.aggregates)]
    : ['id', 'title', 'priority']
  return { field: rng.pick(select ?? names) }
}
