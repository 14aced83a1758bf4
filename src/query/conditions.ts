import type { ConditionAst, ExistsAst, QueryAst } from './ast.ts'
import { makeComparer } from './comparison.ts'
import { countTerms, joinConditions, termLimit } from './condition.ts'
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

// which collection a condition is about: one that was built elsewhere is about other rows
const collectionByCondition = new WeakMap<object, string>()

function makeConditions(place: Place): object {
  const keep = (condition: ConditionAst): ConditionAst => {
    collectionByCondition.set(condition, place.from)
    return condition
  }
  const must = (value: unknown): ConditionAst => mustCondition(place, value)
  const compare = makeComparer(comparableAt(place, 'where'))
  return {
    is: (field: unknown, op: unknown, value: unknown) => keep(compare(field, op, value)),
    exists: (relation: unknown, refine: unknown) => keep(makeExists(place, relation, refine)),
    and: (...all: readonly unknown[]) => keep({ op: 'and', of: all.map(must) }),
    or: (...any: readonly unknown[]) => keep({ op: 'or', of: any.map(must) }),
    not: (one: unknown) => keep({ op: 'not', of: [must(one)] }),
  }
}

function mustCondition(place: Place, value: unknown): ConditionAst {
  const about = typeof value === 'object' && value !== null ? collectionByCondition.get(value) : undefined
  if (about === place.from) return value as ConditionAst
  return wrong(
    `${place.path}where`,
    about === undefined
      ? 'is not a condition. Build one with row.is, row.exists, row.and, row.or, row.not'
      : `was given a condition on ${about}, and is about ${place.from}`,
  )
}
