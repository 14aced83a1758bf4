import { TidemarkError } from '../errors.ts'
import type { AnyMutators, Mutators } from '../mutator/mutator.ts'
import type { AnyTx, TxOver } from '../mutator/tx.ts'
import { pullLimit } from '../protocol/pull.ts'
import { pushLimits } from '../protocol/push.ts'
import type { AnySchema, Schema } from '../schema/schema.ts'
import { heldAudiences, sharedAudience } from './audience.ts'
import { type AnyAuthorize, type Authorize, guardMutators } from './authorize.ts'
import { type Cursors, makeCursors } from './cursor.ts'
import type { Database } from './database.ts'
import { type ServerWorld, systemWorld } from './world.ts'

/** Whom a request comes from; a `user` of null is an anonymous visitor. */
export interface Caller {
  readonly user: string | null
}

/** What a server is made of. */
export interface ServerOptions<C, M> {
  readonly schema: Schema<C>
  readonly mutators: Mutators<C, M>
  /** It is the server's from now on: `close()` closes it. */
  readonly database: Database
  /** Finds whom a request comes from, by its headers; null is nobody, and 401. Without it all are anonymous. */
  readonly authenticate?: (request: Request) => Caller | null | Promise<Caller | null>
  readonly authorize: NoInfer<Authorize<C, M>>
  /** The audiences that `tx.user` holds beside `shared`; null for a space that it may not enter. It runs like a mutator, and writes nothing. */
  readonly audiences?: (tx: TxOver<NoInfer<C>>) => readonly string[] | null
  readonly limits?: Partial<ServerLimits>
  /** The clock and what else comes from outside; for tests and simulations. */
  readonly world?: ServerWorld
}

/** What one request may ask for. */
export interface ServerLimits {
  readonly pushMutations: number
  readonly pushBytes: number
  /** Patches on a page of a pull, and characters of their JSON. */
  readonly pagePatches: number
  readonly pageSize: number
  /** Rows that a snapshot reads at a time. */
  readonly snapshotRows: number
  /** Characters of a poke's patches; where there are more, the reader is woken to pull. */
  readonly pokeSize: number
}

/** A server's parts, made fit for use. */
export interface Setup {
  readonly schema: AnySchema
  /** Behind their rules. */
  readonly mutators: AnyMutators
  readonly database: Database
  readonly authenticate: (request: Request) => Caller | null | Promise<Caller | null>
  readonly audiences: ((tx: AnyTx) => unknown) | undefined
  readonly limits: ServerLimits
  readonly world: ServerWorld
  readonly cursors: Cursors
}

/** Limits where none are given. */
const serverLimits: ServerLimits = {
  pushMutations: pushLimits.mutations,
  pushBytes: pushLimits.bytes,
  pagePatches: pullLimit,
  pageSize: 1_000_000,
  snapshotRows: 2000,
  pokeSize: 64_000,
}

/** The parts of a server from its options. Raises `server/config`. */
export function makeSetup<C, M>(options: ServerOptions<C, M>): Setup {
  const { schema, mutators, database, authenticate, authorize, world = systemWorld } = options
  if (mutators.schema !== schema) throw wrong('mutators', 'were defined over another schema than `schema`')
  const rules = authorize as AnyAuthorize
  if (rules !== 'anyone' && typeof rules !== 'function' && (typeof rules !== 'object' || rules === null))
    throw wrong('authorize', "is neither rules by mutator, nor a function, nor 'anyone'")
  const audiences = options.audiences as ((tx: AnyTx) => unknown) | undefined
  const heldBy = (tx: AnyTx): readonly string[] => (audiences ? (heldAudiences(audiences(tx)) ?? []) : [sharedAudience])
  return {
    schema: schema as AnySchema,
    mutators: guardMutators(mutators, rules, heldBy),
    database,
    authenticate: authenticate ?? (() => ({ user: null })),
    audiences,
    limits: { ...serverLimits, ...options.limits },
    world,
    cursors: makeCursors(database, world.subtle),
  }
}

function wrong(path: string, what: string): TidemarkError {
  return new TidemarkError('server/config', {
    details: { path },
    message: `createServer(): \`${path}\` ${what}. Correct it and start again.`,
  })
}
