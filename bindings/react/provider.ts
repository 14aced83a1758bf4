'use client'
import { createContext, createElement, type ReactNode, useContext } from 'react'
import { type RegisteredStore, type Store, TidemarkError } from '../../src/index.ts'

/** Hands a store down to `useStore()` and `useStatus()`. Queries and entities know their store and need no provider. */
export function StoreProvider<C, M>({ store, children }: { readonly store: Store<C, M>; readonly children?: ReactNode }): ReactNode {
  return createElement(StoreContext.Provider, { value: store }, children)
}

/** The store of the nearest provider. Raises `misuse/no-provider`. */
export function useStore(): RegisteredStore {
  return useStoreOr<RegisteredStore>(undefined)
}

/** `store`, or where it is left out the nearest provider’s. Raises `misuse/no-provider`. */
export function useStoreOr<S>(store: S | undefined): S {
  const provided = useContext(StoreContext)
  const found = store ?? provided
  if (found === undefined) throw new TidemarkError('misuse/no-provider')
  return found as S
}

const StoreContext = createContext<unknown>(undefined)
