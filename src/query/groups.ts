import type { Fields } from '../schema/fields.ts'
import { Answering, type Asker } from './answering.ts'
import type { GroupAst, QueryAst } from './ast.ts'
import { makeComparer, mustField } from './comparison.ts'
import { countTerms, joinConditions, termLimit } from './condition.ts'
import { makeOrderKey, mustCount } from './path.ts'
import type { Explanation, Live } from './query.ts'
import { wrong } from './wrong.ts'

/** Where the question about the groups stands, and what groups have: keys and aggregates. */
export interface GroupsPlace {
  readonly path: string
  readonly fields: Fields
}

type GroupsAst = QueryAst & { readonly group: GroupAst }

/** Groups as a question. Each call answers with a new one. */
export class Groups {
  readonly ast: QueryAst
  readonly #group: GroupAst
  readonly #asker: Partial<Asker>
  readonly #place: GroupsPlace

  constructor(asker: Partial<Asker>, place: GroupsPlace, ast: GroupsAst) {
    this.ast = Object.freeze(ast)
    this.#group = ast.group
    this.#asker = asker
    this.#place = place
  }

  having(field: unknown, op: unknown, value: unknown): Groups {
    const path = `${this.#place.path}having`
    const having = joinConditions(this.#group.having, makeComparer({ ...this.#place, path })(field, op, value))
    if (countTerms(having) > termLimit) wrong(path, `has more than ${termLimit} terms`)
    return this.#next({ having })
  }

  orderBy(given: unknown, ...how: readonly unknown[]): Groups {
    const path = `${this.#place.path}orderBy`
    const field = mustField({ ...this.#place, path }, given)
    return this.#next({ orderBy: [...(this.#group.orderBy ?? []), makeOrderKey(path, { field }, how)] })
  }

  offset(count: unknown): Groups {
    return this.#next({ offset: mustCount(`${this.#place.path}offset`, count) })
  }

  limit(count: unknown): Groups {
    return this.#next({ limit: mustCount(`${this.#place.path}limit`, count) })
  }

  first(): Answering {
    const group: GroupAst = { ...this.#group, limit: Math.min(this.#group.limit ?? 1, 1) }
    return new Answering(this.#asker, { ...this.ast, group, want: 'first' })
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

  toJSON(): QueryAst {
    return this.ast
  }

  #answer(): Answering {
    return new Answering(this.#asker, this.ast)
  }

  #next(change: Partial<GroupAst>): Groups {
    return new Groups(this.#asker, this.#place, { ...this.ast, group: { ...this.#group, ...change } })
  }
}
