import { queryKey } from '../query/canonical.ts'
import { compileCondition, type Values } from '../query/condition.ts'
import type { QueryAst, WithAst } from '../query/ast.ts'
import { describeCondition, describeOrder } from '../query/describe.ts'
import { makeIsAfter, makeOrder, type Node } from '../query/node.ts'
import { makeGroupOrder } from '../query/group-order.ts'
import type { AnyRow } from '../schema/row.ts'
import { type Branch, type BranchOptions, isOneAsItIs, makeOneBranch, narrowToKey } from './branch.ts'
import { Filter } from './filter.ts'
import { Group } from './group.ts'
import { Join } from './join.ts'
import { makeMatches, type Stream } from './matching.ts'
import type { Input } from './operator.ts'
import { findEqualities } from './routes.ts'
import { type Part, Scope } from './scope.ts'
import { Shape } from './shape.ts'
import { makeSharedSort, type SharedSort, type SharedSortParts, type SortBook } from './shared-sort.ts'
import { Single } from './single.ts'
import { Sort } from './sort.ts'
import type { Source } from './source.ts'
import { SplitEdit } from './split-edit.ts'
import { Take } from './take.ts'
import { Through } from './through.ts'
import { makeView, type View } from './view.ts'

/** A question worked out: its answer, which is kept up from when it is opened. It may be opened until the next commit. */
export interface Pipeline extends Part {
  readonly view: View
}

/** Where a question is asked. */
export interface CompileOptions {
  readonly source: Source
  readonly sorts: SortBook<Node>
}

/** The operators that answer `ast` over the rows of a source, and keep answering as they are told of changes. */
export function compile(ast: QueryAst, { source, sorts }: CompileOptions): Pipeline {
  const scope = new Scope(source, 0)
  return { view: compileWithin(ast, { scope, sorts }), open: (onBroken) => scope.open(onBroken), close: () => scope.close() }
}

interface Within {
  readonly scope: Scope
  /** Questions at the top share their sorts; those within others are narrowed to a row each, and have nothing to share. */
  readonly sorts?: SortBook<Node>
  /** The rows to choose from, where they are not all of the collection. */
  readonly stream?: Stream
}

function compileWithin(ast: QueryAst, within: Within): View {
  const { nodes, wake } = compileNodes(ast, within)
  if (ast.group) return makeView(compileGroups(ast, nodes), ast.want)
  if (ast.want === 'size' || !(ast.joins || ast.with || ast.select)) return makeView(nodes, ast.want)
  return makeView(new Shape(nodes, ast, { scope: within.scope, makeBranch, wake }), ast.want)
}

interface Nodes {
  readonly nodes: Input<Node>
  readonly wake: () => void
}

// rows, joined, in order, cut
function compileNodes(ast: QueryAst, within: Within): Nodes {
  const isCut = ast.limit !== undefined || ast.offset !== undefined || ast.after !== undefined
  if (!isCut && (ast.group || ast.want === 'size')) return compileUnsorted(ast, within.scope, within.stream)
  if (isById(ast) && !within.stream) {
    const { nodes, wake } = compileUnsorted(ast, within.scope)
    return { nodes: new Single(nodes as Input<AnyRow>) as Input<Node>, wake }
  }
  const sorted = findSort(ast, within)
  const { wake } = sorted
  if (!isCut) return { nodes: attached(sorted, within.scope), wake }
  const isAfter = ast.after && makeIsAfter(ast)
  const take = new Take(sorted, {
    order: makeOrder(ast),
    isAfter,
    offset: ast.offset,
    limit: ast.limit,
  })
  within.scope.add(sorted.attach(take))
  return { nodes: take, wake }
}

function findSort(ast: QueryAst, { scope, sorts, stream }: Within): SharedSort<Node> {
  const make = (own: Scope): SharedSortParts<Node> => {
    const { nodes, wake } = compileUnsorted(ast, own, stream)
    const order = makeOrder(ast)
    return { scope: own, sort: new Sort(new SplitEdit(nodes, order), order, () => describeOrder(ast.orderBy)), wake }
  }
  if (!sorts) return makeSharedSort(make(scope.beside()))
  const { from, where, joins, orderBy } = ast
  const key = queryKey({ from, ...(where && { where }), ...(joins && { joins }), ...(orderBy && { orderBy }) })
  return sorts.find(key, () => make(scope.beside()))
}

// a sort that is shared is told to each of its outputs from when that is opened, and not before
function attached(sorted: SharedSort<Node>, scope: Scope): Input<Node> {
  return {
    rows: () => sorted.rows(),
    pipe: (output) => scope.add(sorted.attach(output)),
    explain: () => sorted.explain(),
  }
}

function compileUnsorted({ from, where, joins }: QueryAst, scope: Scope, stream?: Stream): Nodes {
  const matches = makeMatches(scope, { from, where, ...(stream && { stream }) })
  const wake = (): void => matches.stream.wake()
  if (!joins) return { nodes: matches.rows as Input<Node>, wake }
  return { nodes: new Join(scope, { from, joins, left: matches }) as Input<Node>, wake }
}

function compileGroups(ast: QueryAst, nodes: Input<Node>): Input<Values> {
  const group = ast.group as NonNullable<QueryAst['group']>
  let rows: Input<Values> = new Group(nodes, ast, group)
  if (group.having) {
    const isMatch = compileCondition(group.having) as (row: object) => boolean
    rows = new Filter(rows, isMatch, () => describeCondition(group.having))
  }
  const isCut = group.limit !== undefined || group.offset !== undefined
  // one group of all has nothing to be sorted with
  if (group.by.length === 0 && !isCut) return rows
  const order = makeGroupOrder(group)
  const sort = new Sort(new SplitEdit(rows, order), order, () => describeOrder(group.orderBy))
  if (!isCut) return sort
  const take = new Take(sort, { order, offset: group.offset, limit: group.limit })
  sort.pipe(take)
  return take
}

function makeBranch(one: WithAst, options: BranchOptions): Branch {
  if (isOneAsItIs(one)) return makeOneBranch(one, options)
  const { hop, link } = one
  const { outer, key, onChange } = options
  const scope = outer.within()
  const stream = link && new Through(scope, { hop, link, key })
  // the pool makes its index where it has none: there will be a branch for many values
  if (!link) outer.source.pool.lookUp(hop.collection, hop.far, key)
  const view = compileWithin(narrowToKey(one, key), { scope, ...(stream && { stream }) })
  view.onChange = onChange
  return {
    get value() {
      return hop.isOne ? (view.value as readonly unknown[])[0] : view.value
    },
    open: (onBroken) => scope.open(onBroken),
    close: () => scope.close(),
    explain: () => view.explain(),
  }
}

// a question about one id has one row at most: nothing to keep in order
function isById({ where, joins, offset, after, limit }: QueryAst): boolean {
  if (joins || offset !== undefined || after !== undefined || limit === 0) return false
  return findEqualities(where).some(({ field, values }) => field === 'id' && values.length === 1)
}
