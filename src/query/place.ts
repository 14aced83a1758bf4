import { type Fields, findFields } from '../schema/fields.ts'
import type { Relation } from '../schema/relation.ts'
import type { AnySchema } from '../schema/schema.ts'
import type { HopAst, LinkAst, QueryAst } from './ast.ts'
import type { Comparable } from './comparison.ts'
import { wrong } from './wrong.ts'

/** Questions within questions within …, before one is refused: a refinement that asks itself again has no end. */
const depthLimit = 8

/** Where one stands in a question: about which collection, and by which relations and joins one came. */
export interface Place {
  readonly schema: AnySchema
  readonly from: string
  /** What leads here, each part of it with a dot behind: `with.shelf.` */
  readonly path: string
  readonly depth: number
  /** Lets the app narrow a question about the rows here: what it made of it. */
  readonly refine: (given: unknown, place: Place) => QueryAst
}

/** By what a relation leads on. */
export interface Way {
  readonly hop: HopAst
  readonly link?: LinkAst
}

/** The fields of the rows here, where they are known. */
export function fieldsAt({ schema, from }: Place): Fields | undefined {
  const definition = Object.hasOwn(schema.collections, from) ? schema.collections[from] : undefined
  return definition && findFields(definition.schema)
}

/** What a part of the question, such as `where`, is compared against here. */
export function comparableAt(place: Place, part: string): Comparable {
  return { path: place.path + part, fields: fieldsAt(place) }
}

/** The place that `part` leads to, within the one here. */
export function enter(place: Place, part: string, from: string): Place {
  const path = `${place.path}${part}`
  if (place.depth >= depthLimit) wrong(path, `lies more than ${depthLimit} questions deep. A refinement must not ask itself again`)
  return { ...place, from, path: `${path}.`, depth: place.depth + 1 }
}

/** The relation of that name here, if there is one. */
export function findRelation({ schema, from }: Place, name: string): Relation | undefined {
  const relations = schema.collections[from]?.options.relations
  return relations && Object.hasOwn(relations, name) ? relations[name] : undefined
}

/** The relation of that name. Raises `invalid/query`. */
export function mustRelation(place: Place, part: string, name: unknown): { readonly name: string; readonly relation: Relation } {
  if (typeof name !== 'string') wrong(place.path + part, 'does not name a relation')
  const relation = findRelation(place, name)
  if (!relation) wrong(`${place.path}${part}.${name}`, `is no relation of ${place.from}`)
  return { name, relation }
}

/** By what a relation leads on. */
export function wayOf(relation: Relation): Way {
  const { target } = relation
  switch (relation.kind) {
    case 'one':
      return { hop: { near: relation.field, collection: target, far: 'id', isOne: true } }
    case 'many':
      return { hop: { near: 'id', collection: target, far: relation.field, isOne: false } }
    case 'through':
      return {
        hop: { near: 'id', collection: target, far: 'id', isOne: false },
        link: { collection: relation.link, from: relation.from, to: relation.to },
      }
  }
}
