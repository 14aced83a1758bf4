import type { FieldKind, Fields } from '../schema/fields.ts'
import type { AggregateAst } from './ast.ts'
import { isFieldName, mustField } from './comparison.ts'
import { comparableAt, fieldsAt, type Place } from './place.ts'
import { wrong } from './wrong.ts'

const ops = ['sum', 'avg', 'min', 'max'] as const
type Op = (typeof ops)[number]

/** One aggregate of a field, as plain data. Raises `invalid/query`. */
export function makeAggregate(place: Place, op: Op, field: unknown): AggregateAst {
  return aggregateAt(place, op, { op, field })
}

/** Aggregates by name, none of them named like one of `taken`. Raises `invalid/query`. */
export function makeAggregates(place: Place, given: unknown, taken: readonly string[]): Readonly<Record<string, AggregateAst>> {
  const path = `${place.path}aggregate`
  if (typeof given !== 'object' || given === null || Array.isArray(given)) wrong(path, 'does not take aggregates by name')
  const entries = Object.entries(given)
  if (entries.length === 0) wrong(path, 'names no aggregate')
  return Object.fromEntries(
    entries.map(([name, wanted]) => {
      const at = `aggregate.${name}`
      if (!isFieldName(name)) wrong(place.path + at, 'is not a name that a field may have')
      if (taken.includes(name)) wrong(place.path + at, 'has the name of a key of its groups')
      if (wanted === 'count') return [name, { op: 'count' }]
      const [pair, ...more] = typeof wanted === 'object' && wanted !== null ? Object.entries(wanted) : []
      const op = ops.find((known) => known === pair?.[0])
      if (!pair || !op || more.length > 0)
        wrong(place.path + at, "is neither 'count' nor one of { sum }, { avg }, { min }, { max } of a field")
      return [name, aggregateAt(place, at, { op, field: pair[1] })]
    }),
  )
}

/** What an aggregate's value is. */
export function kindOfAggregate(aggregate: AggregateAst, fields: Fields | undefined): FieldKind {
  return aggregate.op === 'min' || aggregate.op === 'max' ? (fields?.get(aggregate.field) ?? 'any') : 'number'
}

function aggregateAt(place: Place, part: string, { op, field }: { readonly op: Op; readonly field: unknown }): AggregateAst {
  const name = mustField(comparableAt(place, part), field)
  const kind = fieldsAt(place)?.get(name) ?? 'any'
  const isFit = kind === 'any' || kind === 'number' || (kind === 'text' && (op === 'min' || op === 'max'))
  if (!isFit) wrong(`${place.path}${part}.${name}`, op === 'min' || op === 'max' ? 'holds neither a number nor a text' : 'holds no number')
  return { op, field: name }
}
