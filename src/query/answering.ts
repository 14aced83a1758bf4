import type { QueryAst } from './ast.ts'
import type { Diff, Explanation, Infinite, Live } from './query.ts'
import { wrong } from './wrong.ts'

/** Who answers: the store's live floor, or the transaction that a question is asked in. What it cannot do it leaves out. */
export interface Asker {
  read(ast: QueryAst): unknown
  run?(ast: QueryAst, options?: { readonly signal?: AbortSignal }): Promise<unknown>
  live?(ast: QueryAst): Live<unknown>
  watch?(ast: QueryAst, listener: (diff: Diff<unknown>) => void): () => void
  explain?(ast: QueryAst): Explanation
  infinite?(ast: QueryAst): Infinite<unknown>
}

/** A question that is put as it is to whoever answers. */
export class Answering {
  readonly ast: QueryAst
  readonly #asker: Partial<Asker>

  constructor(asker: Partial<Asker>, ast: QueryAst) {
    this.#asker = asker
    this.ast = ast
  }

  read(): unknown {
    return this.#able('read')(this.ast)
  }

  run(options?: { readonly signal?: AbortSignal }): Promise<unknown> {
    return this.#able('run')(this.ast, options)
  }

  live(): Live<unknown> {
    return this.#able('live')(this.ast)
  }

  watch(listener: unknown): () => void {
    if (typeof listener !== 'function') wrong('watch', 'does not take a function')
    return this.#able('watch')(this.ast, listener as (diff: Diff<unknown>) => void)
  }

  explain(): Explanation {
    return this.#able('explain')(this.ast)
  }

  infinite(): Infinite<unknown> {
    return this.#able('infinite')(this.ast)
  }

  toJSON(): QueryAst {
    return this.ast
  }

  #able<K extends keyof Asker>(name: K): NonNullable<Asker[K]> {
    const able = this.#asker[name]
    if (able) return able.bind(this.#asker) as NonNullable<Asker[K]>
    return wrong(name, this.#asker.read ? 'is not for a transaction: use read()' : 'is not for a question inside another one')
  }
}
