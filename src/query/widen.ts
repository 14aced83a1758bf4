import type { JoinAst, QueryAst, WithAst } from './ast.ts'
import { isFieldName, mustField } from './comparison.ts'
import { conditionOf } from './conditions.ts'
import { comparableAt, enter, fieldsAt, mustRelation, type Place, wayOf } from './place.ts'
import { wrong } from './wrong.ts'

/** The question with related rows within each row. Raises `invalid/query`. */
export function addWith(place: Place, ast: QueryAst, [given, refine]: readonly unknown[]): QueryAst {
  const { name, relation } = mustRelation(place, 'with', given)
  mustBeFree(place, ast, { path: `${place.path}with.${name}`, name })
  const way = wayOf(relation)
  const inner = enter(place, `with.${name}`, way.hop.collection)
  const added: WithAst = { as: name, ...way, query: place.refine(refine, inner) }
  return { ...ast, with: [...(ast.with ?? []), added], ...selected(ast, name) }
}

/** The question with rows of another collection beside each row. Raises `invalid/query`. */
export function addJoin(place: Place, ast: QueryAst, [kind, collection, options]: readonly [JoinAst['kind'], unknown, unknown]): QueryAst {
  const part = `${kind}Join`
  const path = place.path + part
  if (typeof collection !== 'string' || !Object.hasOwn(place.schema.collections, collection)) wrong(path, 'does not name a collection')
  if (typeof options !== 'object' || options === null) wrong(path, 'does not take { as, on }')
  const { as, on, where: refine } = options as { readonly as?: unknown; readonly on?: unknown; readonly where?: unknown }
  if (!isFieldName(as)) wrong(`${path}.as`, 'is not a name that a field may have')
  mustBeFree(place, ast, { path: `${path}.${as}`, name: as })
  if (ast.joins?.some((join) => join.as === as)) wrong(`${path}.${as}`, 'has the name of a relation that the order goes by')
  if (!Array.isArray(on) || on.length !== 2) wrong(`${path}.${as}.on`, 'is not a field of the row and one of the other')
  const inner = enter(place, `${part}.${as}`, collection)
  const near = mustField(comparableAt(place, `${part}.${as}.on`), on[0])
  const far = mustField(comparableAt(inner, 'on'), on[1])
  const where = conditionOf(place.refine(refine, inner), inner)
  const added: JoinAst = { as, kind, hop: { near, collection, far, isOne: far === 'id' }, ...(where && { where }) }
  return { ...ast, joins: [...(ast.joins ?? []), added], ...selected(ast, as) }
}

/** The question with these fields of each row alone. Raises `invalid/query`. */
export function addSelect(place: Place, ast: QueryAst, names: readonly unknown[]): QueryAst {
  const path = `${place.path}select`
  if (names.length === 0) wrong(path, 'names no field')
  const fields = fieldsAt(place)
  for (const name of names) {
    if (!isFieldName(name)) wrong(path, 'does not name a field')
    const isThere = ast.select ? ast.select.includes(name) : !fields || fields.has(name) || isTaken(ast, name)
    if (!isThere) wrong(`${path}.${name}`, 'is not in the rows of this answer')
  }
  return { ...ast, select: [...new Set(names as readonly string[])] }
}

// what comes into the rows after `select` stays in them
function selected({ select }: QueryAst, name: string): { readonly select?: readonly string[] } {
  return select ? { select: [...select, name] } : {}
}

function isTaken(ast: QueryAst, name: string): boolean {
  return ast.with?.some(({ as }) => as === name) || ast.joins?.some(({ as, isHidden }) => as === name && !isHidden) || false
}

function mustBeFree(place: Place, ast: QueryAst, { path, name }: { readonly path: string; readonly name: string }): void {
  if (isTaken(ast, name)) wrong(path, 'is there twice')
  if (fieldsAt(place)?.has(name)) wrong(path, 'has the name of a field')
}
