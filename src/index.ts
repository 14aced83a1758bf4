export { type ErrorCode, TidemarkError } from './errors.ts'
export { defineMutators, mergeMutators, type Mutator, mutator, type Mutators } from './mutator/mutator.ts'
export type { Table } from './mutator/table.ts'
export type { Tx } from './mutator/tx.ts'
export { emptyAnswer } from './query/empty-answer.ts'
export type {
  Answer,
  Condition,
  Conditions,
  Diff,
  Explanation,
  Groups,
  Infinite,
  Live,
  Part,
  Query,
  Question,
  Reading,
  Status,
} from './query/query.ts'
export { batch, computed, effect, type ReadonlySignal, type Signal, signal, untracked } from './reactive.ts'
export { type Collection, collection } from './schema/collection.ts'
export { many, one } from './schema/relation.ts'
export { defineSchema, type Row, type Schema } from './schema/schema.ts'
export type { Entity } from './store/collection.ts'
export type { Writing, Written } from './store/mutate.ts'
export type { Register, RegisteredStore } from './store/register.ts'
export { createStore, type PendingMutation, type Store } from './store/store.ts'
export type { StoreOptions } from './store/options.ts'
export type { StoreStatus } from './sync/status.ts'
export { http } from './transport/http.ts'
export { memory } from './transport/memory.ts'
export { newId } from './store/world.ts'
