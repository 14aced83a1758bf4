import type { FieldKind } from '../schema/fields.ts'
import { kindOfAggregate, makeAggregates } from './aggregate.ts'
import type { Asker } from './answering.ts'
import type { AggregateAst, QueryAst } from './ast.ts'
import { Groups } from './groups.ts'
import { type Resolved, resolvePath } from './path.ts'
import { fieldsAt, type Place } from './place.ts'
import { keyName } from './shape.ts'
import { wrong } from './wrong.ts'

/** Rows in groups, about to be told of. */
export class Grouped {
  readonly #asker: Partial<Asker>
  readonly #place: Place
  readonly #ast: QueryAst
  readonly #keys: readonly Resolved[]

  constructor(asker: Partial<Asker>, place: Place, { ast, by }: { readonly ast: QueryAst; readonly by: readonly unknown[] }) {
    this.#asker = asker
    this.#place = place
    this.#keys = resolveKeys(place, ast, by)
    const joins = this.#keys.at(-1)?.joins ?? []
    this.#ast = joins.length > 0 ? { ...ast, joins } : ast
  }

  count(): Groups {
    if (this.#names().includes('count')) wrong(`${this.#place.path}count`, 'has the name of a key: give it another one with aggregate()')
    return this.#tell({ count: { op: 'count' } })
  }

  aggregate(given: unknown): Groups {
    return this.#tell(makeAggregates(this.#place, given, this.#names()))
  }

  #names(): readonly string[] {
    return this.#keys.map(({ field }) => keyName(field))
  }

  #tell(aggregates: Readonly<Record<string, AggregateAst>>): Groups {
    const own = fieldsAt(this.#place)
    const fields = new Map<string, FieldKind>()
    for (const { field, kind } of this.#keys) fields.set(keyName(field), kind)
    for (const [name, aggregate] of Object.entries(aggregates)) fields.set(name, kindOfAggregate(aggregate, own))
    const group = { by: this.#keys.map(({ field }) => field), aggregates }
    return new Groups(this.#asker, { path: this.#place.path, fields }, { ...this.#ast, group })
  }
}

function resolveKeys(place: Place, ast: QueryAst, by: readonly unknown[]): readonly Resolved[] {
  if (by.length === 0) wrong(`${place.path}groupBy`, 'names no field')
  const keys: Resolved[] = []
  for (const given of by) {
    const key = resolvePath(place, keys.at(-1)?.joins ?? ast.joins ?? [], { part: 'groupBy', given })
    const name = keyName(key.field)
    if (keys.some(({ field }) => keyName(field) === name)) wrong(`${place.path}groupBy.${name}`, 'is there twice')
    keys.push(key)
  }
  return keys
}
