import type { ParametersOf } from '../mutator/mutator.ts'
import type { Patch } from '../schema/schema.ts'

/** A mutation that was made: its stages. None of them crashes anything when nobody awaits it. */
export interface Written {
  readonly id: string
  /** Resolves when it survives a reload. Rejects with `disk/…` where the disk refuses; it is shown and pushed all the same. */
  readonly durable: Promise<void>
  /** Resolves with the server's yes; rejects with `refused/…`. */
  readonly accepted: Promise<void>
  /** Resolves when the server's result is what is shown; rejects with `refused/…`. */
  readonly confirmed: Promise<void>
}

/** A mutation in the making: shown already; resolves when durable, to an object that is no promise. */
export interface Writing extends Promise<Written>, Written {}

type Call<M> = (...args: ParametersOf<M>) => Writing

/** The mutators of a store as calls. Each throws `misuse/…` and `invalid/…` at once; what the mutator itself refuses rejects its promise and queues nothing. */
export type Mutate<M> = { readonly [K in keyof M]: Call<M[K]> } & {
  /** Makes all calls inside `run` one mutation: all or nothing, one verdict. */
  batch(run: () => void): Writing
}

/** Generated calls of a `crud` collection. */
export interface Crud<NewRow> {
  insert(row: NewRow): Writing
  patch(id: string, fields: Patch<NewRow>, options?: { readonly unset?: readonly string[] }): Writing
  remove(id: string): Writing
}
