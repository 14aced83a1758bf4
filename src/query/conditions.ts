import type { ConditionAst, ExistsAst, QueryAst } from './ast.ts'
import { makeComparer } from './comparison.ts'
import { countTerms, joinConditions, nestingLimit, termLimit } from './condition.ts'
import { comparableAt, enter, mustRelation, type Place, wayOf } from './place.ts'
import { wrong } from './wrong.ts'

/** The condition that was joined to `known` by one call of `where`: a comparison's three parts, or a function that builds one. */
export function narrowBy(place: Place, known: ConditionAst | undefined, given: readonly unknown[]): ConditionAst {
  const [build] = given
  const added =
    typeof build === 'function'
      ? mustCondition(place, build(makeConditions(place)))
      : makeComparer(comparableAt(place, 'where'))(given[0], given[1], given[2])
  return mustAfford(place, joinConditions(known, added))
}

/** The condition, which is not too long to be worked out. Raises `invalid/query`. */
export function mustAfford(place: Place, condition: ConditionAst): ConditionAst {
  if (countTerms(condition) > termLimit) wrong(`${place.path}where`, `has more than ${termLimit} terms`)
  return condition
}

/** Whether a row meets a row that `refine` leaves. Link rows are asked for the rows that they lead to. */
export function makeExists(place: Place, name: unknown, refine: unknown): ExistsAst {
  const found = mustRelation(place, 'exists', name)
  const { hop, link } = wayOf(found.relation)
  const inner = enter(place, `exists.${found.name}`, hop.collection)
  const where = conditionOf(place.refine(refine, inner), inner)
  if (!link) return { op: 'exists', hop, ...(where && { where }) }
  const toTarget: ExistsAst = {
    op: 'exists',
    hop: { near: link.to, collection: hop.collection, far: hop.far, isOne: true },
    ...(where && { where }),
  }
  return { op: 'exists', hop: { near: hop.near, collection: link.collection, far: link.from, isOne: false }, where: toTarget }
}

/** The condition of a question that is nothing but one: what an `exists` or a join may be narrowed by. Raises `invalid/query`. */
export function conditionOf({ from: _, where, ...others }: QueryAst, place: Place): ConditionAst | undefined {
  const [other] = Object.keys(others)
  if (other !== undefined) wrong(`${place.path}${other}`, 'has no meaning here: conditions alone narrow this')
  return where
}

// Which collection a condition is about: one that was built elsewhere is about other rows. And how much of it there is, counted as it is built:
// a part may stand in it many times, so that to go through it later could take for ever.
interface Built {
  readonly collection: string
  readonly terms: number
  readonly depth: number
}
const builtByCondition = new WeakMap<object, Built>()

function makeConditions(place: Place): object {
  const keep = (condition: ConditionAst, { terms, depth }: Omit<Built, 'collection'>): ConditionAst => {
    if (terms > termLimit) wrong(`${place.path}where`, `has more than ${termLimit} terms`)
    if (depth > nestingLimit) wrong(`${place.path}where`, `is nested more than ${nestingLimit} deep`)
    builtByCondition.set(condition, { collection: place.from, terms, depth })
    return condition
  }
  const leaf = (condition: ConditionAst): ConditionAst => keep(condition, { terms: countTerms(condition), depth: 0 })
  const join = (op: 'and' | 'or' | 'not', given: readonly unknown[]): ConditionAst => {
    const of = given.map((one) => mustCondition(place, one))
    let [terms, depth] = [0, 0]
    for (const part of of) {
      const built = builtByCondition.get(part) as Built
      terms += built.terms
      depth = Math.max(depth, built.depth)
    }
    return keep({ op, of } as ConditionAst, { terms: Math.max(1, terms), depth: depth + 1 })
  }
  const compare = makeComparer(comparableAt(place, 'where'))
  return {
    is: (field: unknown, op: unknown, value: unknown) => leaf(compare(field, op, value)),
    exists: (relation: unknown, refine: unknown) => leaf(makeExists(place, relation, refine)),
    and: (...all: readonly unknown[]) => join('and', all),
    or: (...any: readonly unknown[]) => join('or', any),
    not: (one: unknown) => join('not', [one]),
  }
}

function mustCondition(place: Place, value: unknown): ConditionAst {
  const about = typeof value === 'object' && value !== null ? builtByCondition.get(value)?.collection : undefined
  if (about === place.from) return value as ConditionAst
  return wrong(
    `${place.path}where`,
    about === undefined
      ? 'is not a condition. Build one with row.is, row.exists, row.and, row.or, row.not'
      : `was given a condition on ${about}, and is about ${place.from}`,
  )
}
