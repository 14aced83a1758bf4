// Questions by chance: every part of a question may be there, and what there is of it.
import type {
  AggregateAst,
  ComparisonAst,
  ConditionAst,
  CursorAst,
  ExistsAst,
  FieldAst,
  GroupAst,
  JoinAst,
  OperatorName,
  OrderAst,
  QueryAst,
  WithAst,
} from '../../../src/query/ast.ts'
import { operators } from '../../../src/query/ast.ts'
import type { AnyRow } from '../../../src/schema/row.ts'
import type { Json } from '../../../src/util/json.ts'
import type { Rng } from '../../kit/rng.ts'
import {
  type CollectionName,
  drawRow,
  drawValue,
  equalities,
  type Kind,
  kindsByField,
  makeId,
  type Relation,
  relations,
  type Scale,
  type Tables,
} from './rows.ts'

/** What questions are drawn from. */
export interface Source {
  readonly rng: Rng
  readonly scale: Scale
  readonly tables: Tables
}

/** A question of the world, about any collection. */
export function drawQuestion(source: Source): QueryAst {
  const { rng } = source
  const from = rng.pick(['issues', 'issues', 'issues', 'projects', 'users', 'labels', 'issueLabels'] as const)
  const base = drawRows(source, from, { joins: 0.3, withDepth: rng.pick([0, 0, 0, 1, 1, 2, 3]) })
  const group = rng.chance(0.25) ? drawGroup(source, from, base.joins ?? []) : undefined
  const { with: _, ...grouped } = base
  const rows: QueryAst = group ? { ...grouped, group } : base
  const select = !group && rng.chance(0.15) ? drawSelect(source, rows) : undefined
  const want = drawWant(source, rows, select)
  return { ...rows, ...(select && { select }), ...(want && { want }) }
}

interface RowsOptions {
  readonly joins: number
  readonly withDepth: number
}

// all of a question that is about rows: what a `with` may ask
function drawRows(source: Source, from: CollectionName, { joins: joinChance, withDepth }: RowsOptions): QueryAst {
  const { rng } = source
  const joins = rng.chance(joinChance) ? Array.from({ length: rng.pick([1, 1, 2]) }, (_, i) => drawJoin(source, from, `j${i}`)) : []
  const hidden = rng.chance(0.15) ? drawHidden(source, from) : undefined
  const all = [...joins, ...(hidden ? [hidden] : [])]
  const orderBy = drawOrder(source, from, all)
  const ast: QueryAst = {
    from,
    ...(rng.chance(0.6) && { where: drawCondition(source, from, rng.int(0, 2)) }),
    ...(all.length > 0 && { joins: all }),
    ...(orderBy.length > 0 && { orderBy }),
  }
  const brought =
    withDepth > 0 ? Array.from({ length: rng.pick([1, 1, 1, 2]) }, (_, i) => drawWith(source, from, [`w${i}`, withDepth])) : []
  return {
    ...ast,
    ...(rng.chance(0.2) && { after: drawCursor(source, ast) }),
    ...(rng.chance(0.2) && { offset: rng.pick([0, 1, 2, 5]) }),
    ...(rng.chance(0.45) && { limit: rng.pick([0, 1, 1, 2, 3, 5, 8, 20]) }),
    ...(brought.length > 0 && { with: brought }),
  }
}

export function drawWith(source: Source, from: CollectionName, [as, depth]: readonly [string, number], relation?: Relation): WithAst {
  const { rng } = source
  const { hop, link } = relation ?? rng.pick(relations.filter((one) => one.from === from))
  const rows = drawRows(source, hop.collection, { joins: 0.1, withDepth: rng.chance(0.8) ? depth - 1 : 0 })
  const select = rng.chance(0.15) ? drawSelect(source, rows) : undefined
  return { as, hop, ...(link && { link }), query: { ...rows, ...(select && { select }) } }
}

export function drawJoin(source: Source, from: CollectionName, as: string, relation?: Relation): JoinAst {
  const { rng } = source
  const { hop } = relation ?? rng.pick([...relations, ...equalities].filter((one) => one.from === from && one.link === undefined))
  return {
    as,
    kind: rng.pick(['inner', 'left']),
    hop,
    ...(rng.chance(0.3) && { where: drawCondition(source, hop.collection, 0) }),
  }
}

/** The join that an order by a field of a relation to one stands on; nothing where there is no such relation. */
function drawHidden({ rng }: Source, from: CollectionName): JoinAst | undefined {
  const ones = relations.filter((one) => one.from === from && one.hop.isOne)
  return ones.length === 0 ? undefined : { as: 'h', kind: 'left', hop: rng.pick(ones).hop, isHidden: true }
}

function drawOrder(source: Source, from: CollectionName, joins: readonly JoinAst[]): readonly OrderAst[] {
  const { rng } = source
  const keys = Array.from({ length: rng.pick([0, 1, 1, 2]) }, () => drawKey(source, from, rng.chance(0.3) ? joins : []))
  const hidden = joins.filter(({ isHidden }) => isHidden)
  return hidden.length === 0 || keys.some(({ of }) => of === 'h') ? keys : [drawKey(source, from, hidden), ...keys]
}

export function drawKey(source: Source, from: CollectionName, joins: readonly JoinAst[]): OrderAst {
  const { rng } = source
  return {
    ...drawField(source, from, joins),
    direction: rng.pick(['asc', 'desc']),
    ...(rng.chance(0.3) && { nulls: rng.pick(['first', 'last'] as const) }),
  }
}

/** A field of the rows, or of what a join brings. */
export function drawField({ rng }: Source, from: CollectionName, joins: readonly JoinAst[], kinds?: readonly Kind[]): FieldAst {
  const of = (collection: CollectionName): string[] =>
    Object.entries(kindsByField[collection]).flatMap(([field, kind]) => (!kinds || kinds.includes(kind) ? [field] : []))
  const joined = joins.flatMap(({ as, hop }) => of(hop.collection as CollectionName).map((field) => ({ field, of: as })))
  const own = of(from).map((field) => ({ field }))
  return joined.length > 0 && (own.length === 0 || rng.chance(0.8)) ? rng.pick(joined) : rng.pick(own)
}

function drawCondition(source: Source, from: CollectionName, depth: number, existsDepth = 2): ConditionAst {
  const { rng } = source
  const kind = depth === 0 ? 'leaf' : rng.pick(['and', 'or', 'not', 'leaf'] as const)
  if (kind === 'not') return { op: 'not', of: [drawCondition(source, from, depth - 1, existsDepth)] }
  if (kind !== 'leaf')
    return {
      op: kind,
      of: Array.from({ length: rng.pick([0, 1, 2, 2, 3]) }, () => drawCondition(source, from, depth - 1, existsDepth)),
    }
  return existsDepth > 0 && rng.chance(0.3) ? drawExists(source, from, existsDepth) : drawComparison(source, from)
}

/** A condition on rows that are met, by a relation or by one given. */
export function drawExists(source: Source, from: CollectionName, depth: number, relation?: Relation): ExistsAst {
  const { rng } = source
  const { hop, link } = relation ?? rng.pick(relations.filter((one) => one.from === from))
  const where = rng.chance(0.6) ? drawCondition(source, hop.collection, rng.int(0, 1), depth - 1) : undefined
  const inner = (near: string): ExistsAst => ({ op: 'exists', hop: { ...hop, near, isOne: true }, ...(where && { where }) })
  if (link)
    return { op: 'exists', hop: { near: hop.near, collection: link.collection, far: link.from, isOne: false }, where: inner(link.to) }
  return { op: 'exists', hop, ...(where && { where }) }
}

const patterns = ['', '%', '_', 'a%', '%b', 'A%', '%É%', '_b', '%_%', 'é', 'a_b', 'A\\_%', 'a\\%', '\\\\', '%%'] as const
const comparable: readonly Kind[] = ['text', 'number', 'ref', 'mixed']
const textual: readonly Kind[] = ['text', 'mixed', 'ref']

/** One comparison, by any operator or by one given, with an operand that the field may well hold. */
export function drawComparison(source: Source, from: CollectionName, given?: OperatorName): ComparisonAst {
  const { rng, scale } = source
  const op = given ?? rng.pick(operators)
  if (op === 'contains') return drawContains(source, from)
  const fits = kindsThatFit(op)
  const fields = Object.entries(kindsByField[from]).filter(([, kind]) => fits.includes(kind))
  const isId = fields.length === 0 || (rng.chance(0.1) && fits.includes('ref'))
  const [field, kind] = isId ? (['id', 'ref'] as const) : rng.pick(fields)
  const draw = (): Json => (isId ? makeId(from, rng.int(0, scale.ids[from])) : drawValue(rng, field, kind, scale))
  switch (op) {
    case 'in':
    case 'notIn':
      return { op, field, value: Array.from({ length: rng.pick([0, 1, 2, 3]) }, draw) }
    case 'isNull':
      return { op, field, value: rng.chance(0.5) }
    case 'startsWith':
      return { op, field, value: rng.pick(scale.texts) }
    case 'like':
    case 'ilike':
      return { op, field, value: rng.pick(patterns) }
    case '=':
    case '!=':
      return { op, field, value: draw() }
    default:
      return { op, field, value: drawUntil(draw, (value) => typeof value === 'number' || typeof value === 'string') }
  }
}

// the kinds of fields that an operator is for
function kindsThatFit(op: OperatorName): readonly Kind[] {
  if (op === '<' || op === '<=' || op === '>' || op === '>=') return comparable
  if (op === 'startsWith' || op === 'like' || op === 'ilike') return textual
  return ['text', 'number', 'flag', 'list', 'mixed', 'ref']
}

function drawContains({ rng }: Source, from: CollectionName): ComparisonAst {
  const lists = Object.entries(kindsByField[from]).flatMap(([field, kind]) => (kind === 'list' || kind === 'mixed' ? [field] : []))
  const field = rng.pick(lists.length > 0 ? lists : Object.keys(kindsByField[from]))
  return { op: 'contains', field, value: rng.pick<Json>(['x', 'y', 1, null, ['x'], 0]) }
}

function drawUntil(draw: () => Json, isGood: (value: Json) => boolean): Json {
  for (;;) {
    const value = draw()
    if (isGood(value)) return value
  }
}

/** A place behind a row that is there, or behind one that is gone. */
export function drawCursor({ rng, scale, tables }: Source, { from, joins = [], orderBy = [] }: QueryAst): CursorAst {
  const present = tables[from as CollectionName]
  const isGone = present.length === 0 || rng.chance(0.3)
  const row = isGone ? drawRow(rng, from as CollectionName, makeId(from as CollectionName, rng.int(0, 99)), scale) : rng.pick(present)
  const parts = joins.map(({ hop, kind }): AnyRow | undefined => {
    const near = row[hop.near] ?? null
    const met = tables[hop.collection as CollectionName].filter((other) => near !== null && other[hop.far] === near)
    return met.length > 0 && (kind === 'inner' || rng.chance(0.9)) ? rng.pick(met) : undefined
  })
  const rowOf = (of: string | undefined): AnyRow | undefined => (of === undefined ? row : parts[joins.findIndex(({ as }) => as === of)])
  return {
    keys: orderBy.map(({ field, of }) => rowOf(of)?.[field] ?? null),
    ids: [row.id, ...parts.map((part) => part?.id ?? null)],
  }
}

const named = ({ field, of }: FieldAst): string => (of === undefined ? field : `${of}.${field}`)

function drawGroup(source: Source, from: CollectionName, joins: readonly JoinAst[], keys?: number): GroupAst {
  const { rng } = source
  const visible = joins.filter(({ isHidden }) => !isHidden)
  const by = drawKeys(source, [from, visible], keys ?? rng.pick([0, 1, 1, 1, 2]))
  const isDistinct = by.length > 0 && rng.chance(0.15)
  const names = isDistinct ? [] : ['n', 'a', 'b'].slice(0, rng.int(1, 3))
  const aggregates = Object.fromEntries(names.map((name) => [name, drawAggregate(source, from, visible)]))
  return {
    by,
    aggregates,
    ...(!isDistinct && rng.chance(0.4) && { having: drawHaving(source, by, aggregates) }),
    ...(rng.chance(0.4) && { orderBy: drawGroupOrder(source, by, aggregates) }),
    ...(rng.chance(0.15) && { offset: rng.int(0, 2) }),
    ...(rng.chance(0.3) && { limit: rng.int(0, 4) }),
  }
}

/** Different fields to group by. */
export function drawKeys(source: Source, [from, joins]: readonly [CollectionName, readonly JoinAst[]], count: number): readonly FieldAst[] {
  const byName = new Map<string, FieldAst>()
  while (byName.size < count) {
    const key = drawField(source, from, source.rng.chance(0.4) ? joins : [])
    byName.set(named(key), key)
  }
  return [...byName.values()]
}

export function drawAggregate(
  source: Source,
  from: CollectionName,
  joins: readonly JoinAst[],
  op: AggregateAst['op'] = source.rng.pick(['count', 'sum', 'avg', 'min', 'max']),
): AggregateAst {
  if (op === 'count') return { op }
  const from_ = source.rng.chance(0.3) ? joins : []
  return { op, ...drawField(source, from, from_, op === 'sum' || op === 'avg' ? ['number'] : ['number', 'text', 'ref']) }
}

type Aggregates = GroupAst['aggregates']

/** A condition on keys and aggregates of groups. */
export function drawHaving(source: Source, by: readonly FieldAst[], aggregates: Aggregates, depth = 1): ConditionAst {
  const { rng, scale } = source
  if (depth > 0 && rng.chance(0.3)) return { op: rng.pick(['and', 'or']), of: [0, 1].map(() => drawHaving(source, by, aggregates, 0)) }
  if (depth > 0 && rng.chance(0.15)) return { op: 'not', of: [drawHaving(source, by, aggregates, 0)] }
  const told = Object.keys(aggregates)
  if (told.length > 0 && rng.chance(0.8)) {
    const field = rng.pick(told)
    if (rng.chance(0.15)) return { op: 'isNull', field, value: rng.chance(0.5) }
    const op = rng.pick(['=', '!=', '<', '<=', '>', '>='] as const)
    return { op, field, value: aggregates[field]?.op === 'count' ? rng.int(0, 4) : rng.int(0, 12) / 4 }
  }
  if (by.length === 0) return { op: 'and', of: [] }
  const key = rng.pick(by)
  const value =
    key.of === undefined && key.field === 'status' ? rng.pick(['open', 'done']) : rng.pick<Json>([null, 1, rng.pick(scale.texts)])
  return { op: rng.pick(['=', '!=']), field: named(key), value }
}

/** An order of groups, by a key or an aggregate. */
export function drawGroupOrder({ rng }: Source, by: readonly FieldAst[], aggregates: Aggregates): readonly OrderAst[] {
  const names = [...by.map(named), ...Object.keys(aggregates)]
  return Array.from({ length: rng.int(1, 2) }, () => ({
    field: rng.pick(names),
    direction: rng.pick(['asc', 'desc'] as const),
    ...(rng.chance(0.3) && { nulls: rng.pick(['first', 'last'] as const) }),
  }))
}

/** The names that the answer's rows have. */
function namesIn({ from, joins = [], with: brought = [], group }: QueryAst): readonly string[] {
  if (group) return [...group.by.map(named), ...Object.keys(group.aggregates)]
  const visible = joins.flatMap(({ as, isHidden }) => (isHidden ? [] : [as]))
  return ['id', ...Object.keys(kindsByField[from as CollectionName]), ...visible, ...brought.map(({ as }) => as)]
}

export function drawSelect({ rng }: Source, ast: QueryAst): readonly string[] {
  const names = rng.shuffle(namesIn(ast))
  return names.slice(0, rng.int(1, Math.min(4, names.length)))
}

function drawWant({ rng }: Source, ast: QueryAst, select?: readonly string[]): QueryAst['want'] {
  const roll = rng.next()
  if (roll < 0.75) return undefined
  if (roll < 0.83) return 'first'
  if (roll < 0.91) return 'size'
  return { field: rng.pick(select ?? namesIn(ast)) }
}
