import type { AnyRow } from '../schema/row.ts'
import type { Json } from '../util/json.ts'
import type { ConditionAst, ExistsAst, HopAst, JoinAst, PlainAst, QueryAst, WithAst } from './ast.ts'
import { compileCondition, countTerms, hasExists, joinConditions, type Test, termLimit, type Values } from './condition.ts'
import { groupNodes } from './group.ts'
import { isKey } from './key.ts'
import { type Joined, makeIsAfter, makeOrder, type Node } from './node.ts'
import { type AnswerRow, makeJoinShape, makeRowReader, makeSelectShape } from './shape.ts'

/*
 * The naive answer: the oracle of the live pipelines, and what `tx` and the server use. Rows are had by plain questions alone, each about one
 * collection; what these cannot say is worked out here, for all parents at once:
 *
 *   rows ─▶ where ─▶ joins ─▶ order ─▶ after, offset, limit ─▶ group ─▶ with ─▶ select ─▶ what is wanted
 *             └ exists: one question for the keys of all rows    └ one question for the keys of all rows, then from the start with its rows
 */

/** The complete answer to a plain question, over rows that it may be about. */
export function answerRows(ast: PlainAst, rows: Iterable<AnyRow>): AnyRow[] {
  const isMatch = compileCondition(ast.where)
  const found: AnyRow[] = []
  for (const row of rows) if (isMatch(row)) found.push(row)
  found.sort(makeOrder(ast))
  return ast.limit === undefined ? found : found.slice(0, ast.limit)
}

/** Answers a plain question: all rows that meet it, in its order. */
export type Select = (plain: PlainAst) => readonly AnyRow[]

/** The complete answer to any question, frozen: a list, a row or undefined, a number, groups. */
export function answerQuery(ast: QueryAst, select: Select): unknown {
  const isWhole = !hasExists(ast.where)
  const isArranged = isWhole && !ast.joins?.length && !ast.after
  const { limit, offset = 0, orderBy } = ast
  const most = limit === undefined ? undefined : Math.min(limit + offset, Number.MAX_SAFE_INTEGER)
  const rows = select({
    ...makePlain(ast.from, ast.where),
    ...(isArranged && orderBy && { orderBy }),
    ...(isArranged && most !== undefined && { limit: most }),
  })
  return answerEach(isWhole ? withoutWhere(ast) : ast, [rows], { select, isArranged })[0]
}

interface Means {
  readonly select: Select
  /** Whether the rows are all that meet the condition, in order, and none beyond offset and limit. */
  readonly isArranged?: boolean
}

// one answer for each list of rows that the question may be about, all by the same few plain questions
function answerEach(ast: QueryAst, lists: readonly (readonly AnyRow[])[], { select, isArranged }: Means): readonly unknown[] {
  const isAlone = !hasExists(ast.where) && !ast.joins?.length
  const rows = isAlone ? [] : [...new Set(lists.flat())]
  const isMatch = compileCondition(ast.where, (term) => compileExists(term, rows, select))
  const join = makeJoiner(ast, ast.joins?.length ? rows.filter(isMatch) : [], select)
  const order = makeOrder(ast)
  const isAfter = makeIsAfter(ast)
  const { offset = 0, limit } = ast
  const pages = lists.map((list) => {
    const nodes = isArranged ? list : join(list.filter(isMatch)).sort(order).filter(isAfter)
    return nodes.slice(offset, limit === undefined ? undefined : offset + limit)
  })
  const { group } = ast
  if (group) return pages.map((nodes) => pick(ast, groupNodes(ast, group, nodes)))
  if (ast.want === 'size') return pages.map((nodes) => nodes.length)
  const shape = makeShape(ast, pages.flat(), select)
  return pages.map((nodes) => pick(ast, nodes.map(shape)))
}

function pick({ want }: QueryAst, rows: readonly AnswerRow[]): unknown {
  if (want === undefined) return Object.freeze(rows)
  if (want === 'size') return rows.length
  return want === 'first' ? rows[0] : rows[0]?.[want.field]
}

function makeShape(ast: QueryAst, nodes: readonly Node[], select: Select): (node: Node) => AnswerRow {
  const rowOf = makeRowReader(ast)
  const joined = makeJoinShape(ast)
  const selected = makeSelectShape(ast)
  if (!ast.with?.length) return (node) => selected(joined(node))
  const rows = [...new Set(nodes.map(rowOf))]
  const related = ast.with.map((one) => ({ as: one.as, find: relate(one, rows, select) }))
  return (node) => {
    const shaped: Record<string, unknown> = { ...joined(node) }
    for (const { as, find } of related) shaped[as] = find(rowOf(node))
    return selected(Object.freeze(shaped))
  }
}

/* what a row meets elsewhere */

// what each of the rows has within it by one `with`
function relate({ hop, link, query }: WithAst, rows: readonly AnyRow[], select: Select): (row: AnyRow) => unknown {
  const keys = keysOf(rows, hop.near)
  const byKey = link ? linkedByKey(hop, link, { keys, where: query.where, select }) : gather(hop, { keys, where: query.where, select })
  // the list behind the last key is for rows that meet nothing
  const answers = answerEach(query, [...keys.map((key) => byKey.get(key) ?? []), []], { select })
  const places = new Map(keys.map((key, i) => [key, i]))
  return (row) => {
    const answer = answers[places.get(row[hop.near] as Json) ?? keys.length]
    return hop.isOne ? (answer as readonly unknown[])[0] : answer
  }
}

function linkedByKey(hop: HopAst, link: NonNullable<WithAst['link']>, { keys, ...means }: Gathering): Map<Json, readonly AnyRow[]> {
  const linksByKey = gather({ collection: link.collection, far: link.from }, { keys, select: means.select })
  const ends = keysOf([...linksByKey.values()].flat(), link.to)
  const rowsByEnd = gather(hop, { keys: ends, ...means })
  const rowsOf = (links: readonly AnyRow[]): readonly AnyRow[] => [
    ...new Set(links.flatMap((row) => rowsByEnd.get(row[link.to] as Json) ?? [])),
  ]
  return new Map([...linksByKey].map(([key, links]) => [key, rowsOf(links)]))
}

function compileExists({ hop, where }: ExistsAst, rows: readonly AnyRow[], select: Select): Test {
  const keys = keysOf(rows, hop.near)
  const found = [...gather(hop, { keys, where, select }).values()].flat()
  const isMatch = compileCondition(where, (term) => compileExists(term, found, select))
  const met = new Set(found.filter(isMatch).map((row) => row[hop.far]))
  return (row: Values) => isKey(row[hop.near]) && met.has(row[hop.near])
}

function makeJoiner({ joins = [] }: QueryAst, rows: readonly AnyRow[], select: Select): (rows: readonly AnyRow[]) => Node[] {
  const partsOf = joins.map((join) => findParts(join, rows, select))
  if (joins.length === 0) return (list) => [...list]
  return (list) =>
    partsOf.reduce<Joined[]>(
      (nodes, find) => nodes.flatMap(({ row, parts }) => find(row).map((part) => ({ row, parts: [...parts, part] }))),
      list.map((row) => ({ row, parts: [] })),
    )
}

function findParts(
  { kind, hop, where }: JoinAst,
  rows: readonly AnyRow[],
  select: Select,
): (row: AnyRow) => readonly (AnyRow | undefined)[] {
  const byKey = gather(hop, { keys: keysOf(rows, hop.near), where, select })
  const isMatch = compileCondition(where, (term) => compileExists(term, [...byKey.values()].flat(), select))
  const partsByKey = new Map([...byKey].map(([key, parts]) => [key, parts.filter(isMatch)]))
  return ({ [hop.near]: key }) => {
    const parts = isKey(key) ? (partsByKey.get(key) ?? []) : []
    return parts.length === 0 && kind === 'left' ? [undefined] : parts
  }
}

/* plain questions */

interface Gathering {
  readonly keys: readonly Json[]
  readonly where?: ConditionAst | undefined
  readonly select: Select
}

// the rows whose `far` is one of the keys, by it: those that meet the condition, and perhaps some that do not meet what a plain question cannot say
function gather({ collection, far }: Pick<HopAst, 'collection' | 'far'>, { keys, where, select }: Gathering): Map<Json, AnyRow[]> {
  const plain = makePlain(collection, where)
  const size = Math.max(1, termLimit - countTerms(plain.where))
  const rowsByKey = new Map<Json, AnyRow[]>()
  for (let i = 0; i < keys.length; i += size) {
    const isOne: ConditionAst = { op: 'in', field: far, value: keys.slice(i, i + size) }
    for (const row of select({ ...plain, where: joinConditions(plain.where, isOne) })) {
      const key = row[far] as Json
      const known = rowsByKey.get(key)
      if (known) known.push(row)
      else rowsByKey.set(key, [row])
    }
  }
  return rowsByKey
}

// as much of a condition as one collection can tell by itself
function makePlain(from: string, where: ConditionAst | undefined): PlainAst {
  if (!where || !hasExists(where)) return where ? { from, where } : { from }
  const told = where.op === 'and' ? where.of.filter((part) => !hasExists(part)) : []
  return told.length > 0 ? { from, where: { op: 'and', of: told } } : { from }
}

function withoutWhere({ where: _, ...ast }: QueryAst): QueryAst {
  return ast
}

function keysOf(rows: readonly AnyRow[], field: string): readonly Json[] {
  return [...new Set(rows.map((row) => row[field]).filter(isKey))]
}
