import { TidemarkError } from '../errors.ts'
import type { AnyMutators, Mutators } from '../mutator/mutator.ts'
import type { OpenPersistence } from '../persist/persistence.ts'
import type { AnySchema, Schema } from '../schema/schema.ts'
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

/** The options that must be right, checked. */
export interface StoreSettings {
  readonly name: string
  readonly space: string
  readonly user: string | null
  readonly schema: AnySchema
  readonly mutators: AnyMutators
}

/** The checked options. Raises `misuse/options` with the path of what is wrong. */
export function mustOptions<C, M>(options: StoreOptions<C, M>): StoreSettings {
  const { name, schema, mutators, space = 'main', user = null, transport, persistence, pollMs } = options
  if (!isId(name)) wrong('name', 'is not a text of 1 to 256 characters')
  if (!isId(space)) wrong('space', 'is not a text of 1 to 256 characters')
  if (user !== null && !isId(user)) wrong('user', 'is neither null nor a text of 1 to 256 characters')
  if (typeof schema?.version !== 'number' || typeof schema.collections !== 'object')
    wrong('schema', 'is not what defineSchema() answers with')
  if (!(mutators?.byName instanceof Map)) wrong('mutators', 'is not what defineMutators() answers with')
  if ((mutators.schema as unknown) !== schema) wrong('mutators', 'was defined over another schema')
  if (transport !== undefined && typeof transport !== 'function') wrong('transport', 'is not a transport, such as http({ url })')
  if (persistence !== undefined && persistence !== 'indexeddb' && persistence !== 'memory' && typeof persistence !== 'function')
    wrong('persistence', "is none of 'indexeddb', 'memory' or a keeper")
  if (pollMs !== undefined && !(pollMs >= 100)) wrong('pollMs', 'is not a number of milliseconds from 100')
  for (const option of Object.keys(options)) if (!known.includes(option)) wrong(option, 'is not an option')
  return { name, space, user, schema: schema as unknown as AnySchema, mutators }
}

const known: readonly string[] = ['name', 'schema', 'mutators', 'space', 'user', 'transport', 'persistence', 'pollMs', 'world']

function isId(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= 256 && !value.includes('\u0000')
}

function wrong(path: string, what: string): never {
  throw new TidemarkError('misuse/options', { details: { path }, message: `createStore(): \`${path}\` ${what}. Correct it.` })
}
