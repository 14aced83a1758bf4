import { makeOrder } from '../query/answer.ts'
import type { QueryAst } from '../query/ast.ts'
import { compileCondition } from '../query/condition.ts'
import { Filter } from './filter.ts'
import type { Input } from './operator.ts'
import { Sort } from './sort.ts'
import { SplitEdit } from './split-edit.ts'
import { Take } from './take.ts'
import { View } from './view.ts'

/** The line of operators that answers `ast` over the rows of `input`, and keeps answering as it is told of changes. */
export function compile(ast: QueryAst, input: Input): View {
  const order = makeOrder(ast.orderBy)
  const matching = ast.where ? new Filter(input, compileCondition(ast.where)) : input
  const sorted = new Sort(new SplitEdit(matching, order), order)
  return new View(ast.limit === undefined ? sorted : new Take(sorted, order, ast.limit))
}
