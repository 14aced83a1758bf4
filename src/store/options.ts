import type { Mutators } from '../mutator/mutator.ts'
import type { OpenPersistence } from '../persist/persistence.ts'
import type { Schema } from '../schema/schema.ts'
import type { Connect } from '../transport/transport.ts'
import type { World } from './world.ts'

/** What `createStore` takes. */
export interface StoreOptions<C, M> {
  /** Names the database on this device, with space and user. */
  readonly name: string
  readonly schema: Schema<C>
  readonly mutators: Mutators<C, M>
  /** The space that is synced; `main` where it is left out. */
  readonly space?: string
  /** Who is signed in; null (the default) is nobody. */
  readonly user?: string | null
  /** How the backend is reached. Without one the store keeps to itself. */
  readonly transport?: Connect
  /** Where data is kept: IndexedDB where there is one (the default), memory, or a keeper of your own. */
  readonly persistence?: 'indexeddb' | 'memory' | OpenPersistence
  /** How often a store without a stream asks, in milliseconds; 30,000 by default. */
  readonly pollMs?: number
  /** Parts of the world to replace, for tests. */
  readonly world?: Partial<World>
}
