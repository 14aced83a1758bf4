// The first oracle: the naive answer, over what a keeper of rows answers in the fewest words.
import { answerQuery } from '../../../src/query/answer.ts'
import type { PlainAst, QueryAst } from '../../../src/query/ast.ts'
import { compileCondition } from '../../../src/query/condition.ts'
import { makeOrder } from '../../../src/query/node.ts'
import type { AnyRow } from '../../../src/schema/row.ts'
import { isSame } from '../../../src/util/compare.ts'
import type { Json } from '../../../src/util/json.ts'
import type { CollectionName, Tables } from './rows.ts'

/** The answer over rows as they are. */
export function answerNaively(ast: QueryAst, tables: Tables): unknown {
  return answerQuery(ast, (plain) => selectPlain(plain, tables[plain.from as CollectionName]))
}

function selectPlain(plain: PlainAst, rows: readonly AnyRow[]): readonly AnyRow[] {
  return rows.filter(compileCondition(plain.where)).sort(makeOrder(plain)).slice(0, plain.limit)
}

/** Whether two answers say the same: absent and undefined are one, null is not. */
export function isAlike(a: unknown, b: unknown): boolean {
  return isSame(a as Json | undefined, b as Json | undefined)
}
