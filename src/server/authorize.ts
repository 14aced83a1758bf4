// Who may call what. The rules run inside the mutator's own run, before it: what they miss is loaded with what it misses.
import { TidemarkError } from '../errors.ts'
import type { AnyMutators, MutatorDefinition, ParametersOf } from '../mutator/mutator.ts'
import type { AnyTx, TxOver } from '../mutator/tx.ts'
import type { CollectionDefinition, NewRowOf } from '../schema/collection.ts'
import type { AnySchema, Patch, WithCrud } from '../schema/schema.ts'
import type { Json } from '../util/json.ts'
import { audienceOf, sharedAudience } from './audience.ts'
import { makeReadTx } from './tx.ts'

/** Whether the caller of one mutator may do so; true alone is yes. It reads the space as the mutator will, and writes nothing. */
export type Rule<C, P extends readonly unknown[]> = (tx: TxOver<C>, ...args: P) => boolean

/** Rules by mutator, every one of them; `'books.*'` stands for what `crud` generates. Or one function for all, or everybody may do everything. */
export type Authorize<C, M> =
  | 'anyone'
  | ((tx: TxOver<C>, name: string, ...args: readonly unknown[]) => boolean)
  | (NamedRules<C, M> & GeneratedRules<C>)

type NamedRules<C, M> = { readonly [N in keyof M]: Rule<C, ParametersOf<M[N]>> }
type GeneratedRules<C> = [WithCrud<C>] extends [never]
  ? unknown
  : AllOf<{ [N in WithCrud<C>]: (rules: RulesOf<C, N>) => void }[WithCrud<C>]>
type AllOf<F> = (F extends unknown ? F : never) extends (rules: infer All) => void ? All : never
type RulesOf<C, N extends keyof C> = N extends string ? { readonly [K in `${N}.*`]: Rule<C, AnyArgs<C[N]>> } | EachRuleOf<C, N> : never
type EachRuleOf<C, N extends keyof C & string> = { readonly [K in `${N}.insert`]: Rule<C, InsertArgs<C[N]>> } & {
  readonly [K in `${N}.patch`]: Rule<C, PatchArgs<C[N]>>
} & { readonly [K in `${N}.remove`]: Rule<C, [id: string]> }
type InsertArgs<D> = [row: NewRowOf<D>]
type AnyArgs<D> = [rowOrId: NewRowOf<D> | string, fields?: Patch<NewRowOf<D>>]
type PatchArgs<D> = [id: string, fields?: Patch<NewRowOf<D>>]

/** Rules at run time. */
export type AnyAuthorize = 'anyone' | AnyRule | Readonly<Record<string, AnyRule>>
type AnyRule = (tx: AnyTx, ...args: readonly never[]) => boolean

/** The audiences that the caller of a running mutation holds, as far as the mutation can see them. */
export type HeldBy = (tx: AnyTx) => readonly string[]

/** The mutators, each behind its rule; generated ones also behind the audiences of the rows that they touch. What is not named is forbidden. */
export function guardMutators(mutators: AnyMutators, authorize: AnyAuthorize, heldBy: HeldBy): AnyMutators {
  const collections = (mutators.schema as AnySchema).collections
  const ruled = [...mutators.byName].map(([name, definition]): readonly [string, MutatorDefinition] => {
    const [collection = '', call = ''] = name.split('.')
    const rows = { collection, definition: collections[collection] as CollectionDefinition, heldBy }
    const guarded = call === '' ? definition : guardRows(definition, rows)
    const run: MutatorDefinition['run'] = (tx, ...args) => {
      if (!isAllowed(authorize, name, { tx: makeReadTx(tx), args })) throw new TidemarkError('refused/forbidden')
      return guarded.run(tx, ...args)
    }
    return [name, { parse: (given, called) => definition.parse(given, called), run }]
  })
  return { schema: mutators.schema, byName: new Map(ruled) }
}

function isAllowed(authorize: AnyAuthorize, name: string, { tx, args }: { readonly tx: AnyTx; readonly args: readonly Json[] }): boolean {
  if (authorize === 'anyone') return true
  try {
    if (typeof authorize === 'function') return authorize(tx, ...([name, ...args] as never[])) === true
    return findRule(authorize, name)?.(tx, ...(args as never[])) === true
  } catch (error) {
    // a rule that stumbles over a row that is not there has not said yes
    if (error instanceof TidemarkError) throw error
    return false
  }
}

function findRule(rules: Readonly<Record<string, AnyRule>>, name: string): AnyRule | undefined {
  if (Object.hasOwn(rules, name)) return rules[name]
  const all = name.replace(/\..*$/, '.*')
  return all !== name && Object.hasOwn(rules, all) ? rules[all] : undefined
}

// A row of an audience that the caller does not hold is absent to it; and it can put none there.
function guardRows(mutator: MutatorDefinition, { collection, definition, heldBy }: Guarded): MutatorDefinition {
  if ((definition.options.audience ?? sharedAudience) === sharedAudience) return mutator
  return {
    parse: (given, called) => mutator.parse(given, called),
    run(tx, ...args) {
      const held = heldBy(makeReadTx(tx))
      const [first] = args
      const isInsert = typeof first === 'object' && first !== null
      const id = (isInsert ? (first as { readonly id?: Json }).id : first) as string
      const isOutside = (): boolean => {
        const row = tx.$tables[collection]?.get(id)
        return row !== undefined && !held.includes(audienceOf(definition, row))
      }
      if (!isInsert && isOutside()) return undefined
      const result = mutator.run(tx, ...args)
      if (isOutside()) throw new TidemarkError('refused/forbidden')
      return result
    },
  }
}

interface Guarded {
  readonly collection: string
  readonly definition: CollectionDefinition
  readonly heldBy: HeldBy
}
