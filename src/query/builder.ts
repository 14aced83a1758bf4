import type { AnyRow } from '../schema/row.ts'
import type { ConditionAst, OrderAst, QueryAst } from './ast.ts'
import { countTerms, isFieldName, makeComparison, termLimit, wrong } from './condition.ts'
import type { Live, Query, Question } from './query.ts'

/** Who answers: the store's live floor, or the transaction that a question is asked in. */
export interface Asker {
  read(ast: QueryAst): readonly AnyRow[]
  run?(ast: QueryAst, options?: { readonly signal?: AbortSignal }): Promise<readonly AnyRow[]>
  live?(ast: QueryAst): Live<readonly AnyRow[]>
}

/** The question about all rows of a collection, to be narrowed. */
export function makeQuery<Row>(asker: Asker & Required<Pick<Asker, 'run' | 'live'>>, from: string): Query<Row>
export function makeQuery<Row>(asker: Asker, from: string): Question<Row>
export function makeQuery<Row>(asker: Asker, from: string): Question<Row> {
  return new Builder(asker, { from }) as unknown as Question<Row>
}

class Builder {
  readonly ast: QueryAst
  readonly #asker: Asker

  constructor(asker: Asker, ast: QueryAst) {
    this.#asker = asker
    this.ast = ast
  }

  where(...given: readonly unknown[]): Builder {
    const [first] = given
    const added = typeof first === 'function' ? mustCondition(first(conditions)) : makeComparison(given[0], given[1], given[2])
    const where = this.ast.where ? join(this.ast.where, added) : added
    if (countTerms(where) > termLimit) wrong('where', `has more than ${termLimit} terms`)
    return new Builder(this.#asker, { ...this.ast, where })
  }

  orderBy(field: unknown, direction: unknown = 'asc'): Builder {
    if (!isFieldName(field)) wrong('orderBy', 'does not name a field')
    if (direction !== 'asc' && direction !== 'desc') wrong('orderBy', "goes 'asc' or 'desc'")
    const key: OrderAst = { field, direction }
    return new Builder(this.#asker, { ...this.ast, orderBy: [...(this.ast.orderBy ?? []), key] })
  }

  limit(count: unknown): Builder {
    if (!Number.isSafeInteger(count) || (count as number) < 0) wrong('limit', 'is not a whole number from 0')
    return new Builder(this.#asker, { ...this.ast, limit: count as number })
  }

  read(): readonly AnyRow[] {
    return this.#asker.read(this.ast)
  }

  run(options?: { readonly signal?: AbortSignal }): Promise<readonly AnyRow[]> {
    return this.#asker.run?.(this.ast, options) ?? wrong('run', 'is not for a transaction: use read()')
  }

  live(): Live<readonly AnyRow[]> {
    return this.#asker.live?.(this.ast) ?? wrong('live', 'is not for a transaction: use read()')
  }
}

function join(known: ConditionAst, added: ConditionAst): ConditionAst {
  return { op: 'and', of: known.op === 'and' ? [...known.of, added] : [known, added] }
}

const builtConditions = new WeakSet<object>()
const keep = (condition: ConditionAst): ConditionAst => {
  builtConditions.add(condition)
  return condition
}
const conditions = {
  is: (field: unknown, op: unknown, value: unknown) => keep(makeComparison(field, op, value)),
  and: (...all: readonly unknown[]) => keep({ op: 'and', of: all.map(mustCondition) }),
  or: (...any: readonly unknown[]) => keep({ op: 'or', of: any.map(mustCondition) }),
  not: (one: unknown) => keep({ op: 'not', of: [mustCondition(one)] }),
}

function mustCondition(value: unknown): ConditionAst {
  if (typeof value === 'object' && value !== null && builtConditions.has(value)) return value as ConditionAst
  return wrong('where', 'is not a condition. Build one with row.is, row.and, row.or, row.not')
}
