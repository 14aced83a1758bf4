import type { Schema, AnySchema } from '../schema/schema.ts'
import type { RowOf } from '../schema/collection.ts'
import { makeAggregate, makeAggregates } from './aggregate.ts'
import { Answering, type Asker } from './answering.ts'
import type { AggregateAst, JoinAst, QueryAst } from './ast.ts'
import { makeComparer } from './comparison.ts'
import { joinConditions } from './condition.ts'
import { makeExists, mustAfford, narrowBy } from './conditions.ts'
import { makeCursor } from './cursor.ts'
import { makeDistinct } from './distinct.ts'
import { Grouped } from './grouped.ts'
import { makeOrderKey, mustCount, resolvePath } from './path.ts'
import { comparableAt, type Place } from './place.ts'
import type { Explanation, Infinite, Live, Query, Question } from './query.ts'
import { addJoin, addSelect, addWith } from './widen.ts'
import { wrong } from './wrong.ts'

/** The question about all rows of a collection, to be narrowed. */
export function makeQuery<C, N extends Extract<keyof C, string>>(
  asker: Required<Asker>,
  schema: Schema<C>,
  from: N,
): Query<RowOf<C[N]>, C, N>
export function makeQuery<C, N extends Extract<keyof C, string>>(asker: Asker, schema: Schema<C>, from: N): Question<RowOf<C[N]>, C, N>
export function makeQuery(asker: Asker, schema: Schema<unknown>, from: string): unknown {
  const place: Place = { schema: schema as AnySchema, from, path: '', depth: 0, refine }
  return new Builder(asker, place, { asked: { from } })
}

const nobody: Partial<Asker> = {}

function refine(given: unknown, place: Place): QueryAst {
  if (given === undefined) return { from: place.from }
  const path = place.path.slice(0, -1)
  if (typeof given !== 'function') wrong(path, 'is not narrowed by a function')
  const narrowed: unknown = given(new Builder(nobody, place, { asked: { from: place.from } }))
  return Builder.findAst(narrowed, place) ?? wrong(path, 'is narrowed by a function that does not answer with what it was given, narrowed')
}

// What was asked so far. A cursor and `distinct` depend on what is asked later, so they are worked in each time.
interface Draft {
  readonly asked: QueryAst
  readonly isDistinct?: true
  readonly after?: { readonly row: unknown }
}

function finish(place: Place, { asked, isDistinct, after }: Draft): QueryAst {
  const ast = after ? { ...asked, after: makeCursor(asked, after.row, `${place.path}after`) } : asked
  return Object.freeze(isDistinct ? makeDistinct(place, ast) : ast)
}

class Builder {
  readonly ast: QueryAst
  readonly #asker: Partial<Asker>
  readonly #place: Place
  readonly #draft: Draft

  constructor(asker: Partial<Asker>, place: Place, draft: Draft) {
    this.#asker = asker
    this.#place = place
    this.#draft = draft
    this.ast = finish(place, draft)
  }

  /** The question that something is, if it is one about this very place. */
  static findAst(value: unknown, place: Place): QueryAst | undefined {
    return value instanceof Builder && value.#place === place ? value.ast : undefined
  }

  where(...given: readonly unknown[]): Builder {
    return this.#ask({ where: narrowBy(this.#place, this.#draft.asked.where, given) })
  }

  exists(relation: unknown, refine?: unknown): Builder {
    const where = joinConditions(this.#draft.asked.where, makeExists(this.#place, relation, refine))
    return this.#ask({ where: mustAfford(this.#place, where) })
  }

  notExists(relation: unknown, refine?: unknown): Builder {
    const where = joinConditions(this.#draft.asked.where, { op: 'not', of: [makeExists(this.#place, relation, refine)] })
    return this.#ask({ where: mustAfford(this.#place, where) })
  }

  innerJoin(collection: unknown, options: unknown): Builder {
    return this.#ask(addJoin(this.#place, this.#draft.asked, ['inner', collection, options]))
  }

  leftJoin(collection: unknown, options: unknown): Builder {
    return this.#ask(addJoin(this.#place, this.#draft.asked, ['left', collection, options]))
  }

  orderBy(given: unknown, ...how: readonly unknown[]): Builder {
    const { orderBy = [], joins: known = [] } = this.#draft.asked
    const { field, joins } = resolvePath(this.#place, known, { part: 'orderBy', given })
    const key = makeOrderKey(`${this.#place.path}orderBy`, field, how)
    return this.#ask({ orderBy: [...orderBy, key], ...(joins.length > 0 && { joins }) })
  }

  after(row: unknown): Builder {
    return this.#next({ ...this.#draft, after: { row } })
  }

  offset(count: unknown): Builder {
    return this.#ask({ offset: mustCount(`${this.#place.path}offset`, count) })
  }

  limit(count: unknown): Builder {
    return this.#ask({ limit: mustCount(`${this.#place.path}limit`, count) })
  }

  with(...given: readonly unknown[]): Builder {
    return this.#ask(addWith(this.#place, this.#draft.asked, given))
  }

  select(...names: readonly unknown[]): Builder {
    return this.#ask(addSelect(this.#place, this.#draft.asked, names))
  }

  distinct(): Builder {
    return this.#next({ ...this.#draft, isDistinct: true })
  }

  first(): Answering {
    return new Answering(this.#asker, makeFirst(this.ast))
  }

  single(id: unknown): Answering {
    const isId = makeComparer(comparableAt(this.#place, 'single'))('id', '=', id)
    const { ast } = this.#ask({ where: mustAfford(this.#place, joinConditions(this.#draft.asked.where, isId)) })
    return new Answering(this.#asker, makeFirst(ast))
  }

  count(): Answering {
    return new Answering(this.#asker, { ...bare(this.ast, this.ast.after !== undefined), want: 'size' })
  }

  sum(field: unknown): Answering {
    return this.#tell('sum', makeAggregate(this.#place, 'sum', field))
  }

  avg(field: unknown): Answering {
    return this.#tell('avg', makeAggregate(this.#place, 'avg', field))
  }

  min(field: unknown): Answering {
    return this.#tell('min', makeAggregate(this.#place, 'min', field))
  }

  max(field: unknown): Answering {
    return this.#tell('max', makeAggregate(this.#place, 'max', field))
  }

  aggregate(given: unknown): Answering {
    const aggregates = makeAggregates(this.#place, given, [])
    return new Answering(this.#asker, { ...this.#rows('aggregate'), group: { by: [], aggregates }, want: 'first' })
  }

  groupBy(...by: readonly unknown[]): Grouped {
    return new Grouped(this.#asker, this.#place, { ast: this.#rows('groupBy'), by })
  }

  read(): unknown {
    return this.#answer().read()
  }

  run(options?: { readonly signal?: AbortSignal }): Promise<unknown> {
    return this.#answer().run(options)
  }

  live(): Live<unknown> {
    return this.#answer().live()
  }

  watch(listener: unknown): () => void {
    return this.#answer().watch(listener)
  }

  explain(): Explanation {
    return this.#answer().explain()
  }

  infinite(): Infinite<unknown> {
    return this.#answer().infinite()
  }

  toJSON(): QueryAst {
    return this.ast
  }

  #answer(): Answering {
    return new Answering(this.#asker, this.ast)
  }

  #tell(name: string, aggregate: AggregateAst): Answering {
    const group = { by: [], aggregates: { [name]: aggregate } }
    return new Answering(this.#asker, { ...this.#rows(name), group, want: { field: name } })
  }

  #rows(part: string): QueryAst {
    if (this.#draft.isDistinct) wrong(this.#place.path + part, 'is not for distinct rows: group by their fields instead')
    const { after, offset, limit } = this.ast
    return bare(this.ast, after !== undefined || offset !== undefined || limit !== undefined)
  }

  #ask(change: Partial<QueryAst>): Builder {
    return this.#next({ ...this.#draft, asked: { ...this.#draft.asked, ...change } })
  }

  #next(draft: Draft): Builder {
    return new Builder(this.#asker, this.#place, draft)
  }
}

function makeFirst(ast: QueryAst): QueryAst {
  const { group } = ast
  if (group) return { ...ast, group: { ...group, limit: Math.min(group.limit ?? 1, 1) }, want: 'first' }
  return { ...ast, limit: Math.min(ast.limit ?? 1, 1), want: 'first' }
}

// what is told of rows does not depend on how they look, and on their order only where some are left out by it
function bare({ with: _, select: __, orderBy, joins, ...ast }: QueryAst, isOrdered: boolean): QueryAst {
  const needed = isOrdered ? joins : joins?.filter(({ isHidden }: JoinAst) => !isHidden)
  return { ...ast, ...(isOrdered && orderBy && { orderBy }), ...(needed?.length && { joins: needed }) }
}
