import type { Store } from './store.ts'

/** What an app says once, so that `useStore()` is typed: `declare module 'tidemark' { interface Register { store: typeof store } }`. */
export interface Register {}

/** The store that the app registered; one without names where it did not. */
export type RegisteredStore = Register extends { readonly store: infer S } ? S : Store<unknown, unknown>
