import type { StandardSchemaV1 } from '@standard-schema/spec'
import { TidemarkError } from '../errors.ts'
import type { CollectionDefinition } from '../schema/collection.ts'
import type { AnySchema, Schema } from '../schema/schema.ts'
import { copyValue, mustKey, mustRow, mustValidate } from '../schema/validate.ts'
import type { Json } from '../util/json.ts'
import type { PatchOptions } from './table.ts'
import type { AnyTx, TxOver } from './tx.ts'

declare const call: unique symbol
type NoPromise = void | { then?: never }
type Ins<A extends readonly StandardSchemaV1[]> = { [K in keyof A]: A[K] extends StandardSchemaV1<infer I, unknown> ? I : never }
type Outs<A extends readonly StandardSchemaV1[]> = { [K in keyof A]: A[K] extends StandardSchemaV1<unknown, infer O> ? O : never }
// an argument at the end that accepts undefined may be left out
type MayLeaveOut<P extends readonly unknown[]> = P extends readonly [...infer Head, infer Last]
  ? undefined extends Last
    ? [...MayLeaveOut<Head>, Last?]
    : P
  : P

/** A declared mutator: it holds the parameters of the call that an app makes. */
export interface Mutator<C, P extends readonly unknown[]> {
  readonly [call]: P
  readonly needs: (tx: TxOver<C>) => void
}

/** The parameters of a declared mutator. */
export type ParametersOf<M> = M extends { readonly [call]: infer P extends readonly unknown[] } ? P : never

/** What a mutator is at run time. */
export interface MutatorDefinition {
  /** The arguments as they run, are stored and are sent. Raises `invalid/args` and its kin. */
  parse(args: readonly unknown[], name: string): readonly Json[]
  run(tx: AnyTx, ...args: readonly Json[]): unknown
}

/** A set of mutators over a schema. Shared by client and server. */
export interface Mutators<C, M> {
  readonly schema: Schema<C>
  readonly mutators: M
  /** All of them, generated ones (`books.insert`) included. */
  readonly byName: ReadonlyMap<string, MutatorDefinition>
}

/** A set of mutators, when its types are of no interest. */
export interface AnyMutators {
  readonly schema: Schema<unknown>
  readonly byName: ReadonlyMap<string, MutatorDefinition>
}

/**
 * Declares a mutator: a plain, synchronous, deterministic function. A list of schemas takes positional arguments, one schema takes one.
 * Time comes from `tx.authoredAt`, ids from `tx.newId()`; it may run many times.
 */
export function mutator<C, const A extends readonly StandardSchemaV1[]>(
  args: A,
  run: (tx: TxOver<C>, ...args: Outs<A>) => NoPromise,
): Mutator<C, MayLeaveOut<Ins<A>>>
export function mutator<C, I, O>(args: StandardSchemaV1<I, O>, run: (tx: TxOver<C>, args: O) => NoPromise): Mutator<C, [args: I]>
export function mutator(schemas: StandardSchemaV1 | readonly StandardSchemaV1[], run: (tx: never, ...args: never[]) => unknown): object {
  const list = (Array.isArray(schemas) ? schemas : [schemas]) as readonly StandardSchemaV1[]
  const definition: MutatorDefinition = { parse: (args, name) => parseArgs(list, args, name), run: run as MutatorDefinition['run'] }
  return definition
}

/** The mutators of an app; `crud` collections add `name.insert`, `name.patch` and `name.remove`. Raises `misuse/reserved-name`. */
export function defineMutators<C, const M extends { readonly [name: string]: Mutator<C, readonly unknown[]> }>(
  schema: Schema<C>,
  mutators: M & { readonly batch?: never },
): Mutators<C, M> {
  const byName = new Map<string, MutatorDefinition>()
  for (const [name, definition] of Object.entries((schema as AnySchema).collections))
    if (definition.options.crud) addCrud(byName, name, definition)
  for (const [name, definition] of Object.entries(mutators)) {
    if (name === 'batch' || name.includes('.'))
      throw new TidemarkError('misuse/reserved-name', {
        details: { name },
        message: `A mutator cannot be called "${name}". Choose a name without a dot that is not "batch".`,
      })
    byName.set(name, definition as unknown as MutatorDefinition)
  }
  return { schema, mutators, byName }
}

/** Two sets over the same schema as one. Raises `misuse/reserved-name` where both have a name. */
export function mergeMutators<C, A, B>(a: Mutators<C, A>, b: Mutators<C, B>): Mutators<C, A & B> {
  const twice = Object.keys(a.mutators as object).find((name) => Object.hasOwn(b.mutators as object, name))
  if (twice !== undefined)
    throw new TidemarkError('misuse/reserved-name', {
      details: { name: twice },
      message: `Both sets have a mutator "${twice}". Rename one.`,
    })
  return { schema: a.schema, mutators: { ...a.mutators, ...b.mutators }, byName: new Map([...a.byName, ...b.byName]) }
}

function parseArgs(schemas: readonly StandardSchemaV1[], args: readonly unknown[], name: string): readonly Json[] {
  if (args.length > schemas.length)
    throw new TidemarkError('invalid/args', {
      details: { name, path: [String(schemas.length)] },
      message: `${name} takes ${schemas.length} arguments, not ${args.length}. Leave out the rest.`,
    })
  const parsed = schemas.map((schema, i) =>
    mustValidate(schema, args[i], { code: 'invalid/args', name: schemas.length > 1 ? `${name}, argument ${i + 1}` : name }),
  )
  while (parsed.length && parsed.at(-1) === undefined) parsed.pop()
  const hole = parsed.indexOf(undefined)
  if (hole >= 0)
    throw new TidemarkError('invalid/args', {
      details: { name, path: [String(hole)] },
      message: `${name}: argument ${hole + 1} is undefined, which JSON has no word for. Make it nullable and give null.`,
    })
  return Object.freeze(parsed as Json[])
}

function addCrud(byName: Map<string, MutatorDefinition>, name: string, definition: CollectionDefinition): void {
  byName.set(`${name}.insert`, {
    parse: ([row]) => [mustRow(definition, name, row)],
    run: (tx, row) => mustTable(tx, name).insert(row as never),
  })
  byName.set(`${name}.patch`, {
    parse: ([id, fields, options], call) => {
      const copy = copyValue(fields, call)
      if (typeof copy !== 'object' || copy === null || Array.isArray(copy) || Object.hasOwn(copy, 'id'))
        throw new TidemarkError('invalid/args', {
          details: { name: call, path: ['1'] },
          message: `${call} takes an id and the fields to change, without the id. Correct the second argument.`,
        })
      return options === undefined ? [mustKey(id, name), copy] : [mustKey(id, name), copy, mustPatchOptions(options, call)]
    },
    run: (tx, id, fields, options) => mustTable(tx, name).patch(id as string, fields as never, options as PatchOptions | undefined),
  })
  byName.set(`${name}.remove`, {
    parse: ([id]) => [mustKey(id, name)],
    run: (tx, id) => mustTable(tx, name).remove(id as string),
  })
}

function mustTable(tx: AnyTx, name: string): AnyTx['$tables'][string] {
  return tx.$tables[name] as AnyTx['$tables'][string]
}

function mustPatchOptions(options: unknown, name: string): Json {
  const copy = copyValue(options, name) as { readonly unset?: Json } | null
  const unset = copy?.unset
  const isRight =
    copy !== null &&
    typeof copy === 'object' &&
    Object.keys(copy).every((key) => key === 'unset') &&
    Array.isArray(unset) &&
    unset.every((field) => typeof field === 'string')
  if (!isRight)
    throw new TidemarkError('invalid/args', {
      details: { name, path: ['2'] },
      message: `${name}: options are { unset: [field, …] }. Correct the third argument.`,
    })
  return copy as Json
}
