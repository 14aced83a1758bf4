// What did not change in an answer is the same object as before: rows, lists within rows, rows within those.
import type { FieldAst, QueryAst } from '../../../src/query/ast.ts'
import type { AnyRow } from '../../../src/schema/row.ts'
import { isSame } from '../../../src/util/compare.ts'
import type { Json } from '../../../src/util/json.ts'

interface Turn {
  readonly before: unknown
  readonly after: unknown
  find(collection: string, id: string): AnyRow | undefined
}
type Held = { readonly [field: string]: Json }

/** The first part of an answer that is another object than it ought to be, in words. */
export function findTurnover(ast: QueryAst, { before, after, find }: Turn): string | undefined {
  if (ast.want === 'size' || typeof ast.want === 'object') return undefined
  if (ast.want !== 'first') return findCopy(ast, after as readonly Held[], find) ?? turnoverOfList(ast, before, after, 'the answer')
  const row = after as Held | undefined
  return findCopy(ast, row ? [row] : [], find) ?? turnoverOfRow(ast, [before as Held | undefined, row], 'the first row')
}

// rows that nothing was added to or left out of are the stored objects themselves
function findCopy(ast: QueryAst, rows: readonly Held[], find: Turn['find']): string | undefined {
  if (ast.group) return undefined
  const joins = (ast.joins ?? []).filter(({ isHidden }) => !isHidden)
  const isStored = !ast.select && !ast.with && joins.length === 0
  for (const row of rows) {
    if (isStored && row !== find(ast.from, row.id as string)) return `${row.id as string} is a copy of the row`
    for (const { as, hop } of joins) {
      const part = row[as] as Held | undefined
      if (part && part !== find(hop.collection, part.id as string)) return `${as} is a copy of the row`
    }
    for (const { as, hop, query } of ast.with ?? []) {
      const held = row[as]
      const found = held === undefined ? undefined : findCopy(query, (hop.isOne ? [held] : held) as readonly Held[], find)
      if (found) return `${as} › ${found}`
    }
  }
  return undefined
}

function turnoverOfList(ast: QueryAst, before: unknown, after: unknown, path: string): string | undefined {
  if (before === after || !Array.isArray(before) || !Array.isArray(after)) return undefined
  if (isSame(before as Json, after as Json)) return `${path} is another list of the same`
  const names = keyNames(ast)
  if (!names) return undefined
  const keyOf = (row: Held): string =>
    JSON.stringify(names.map((name) => ((row[name] as Held | undefined)?.id ?? row[name] ?? null) as Json))
  const beforeByKey = new Map((before as readonly Held[]).map((row) => [keyOf(row), row]))
  for (const row of after as readonly Held[]) {
    const found = turnoverOfRow(ast, [beforeByKey.get(keyOf(row)), row], `${path} › ${keyOf(row)}`)
    if (found) return found
  }
  return undefined
}

function turnoverOfRow(ast: QueryAst, [before, after]: readonly [Held | undefined, Held | undefined], path: string): string | undefined {
  if (before === after || before === undefined || after === undefined) return undefined
  if (isSame(before, after)) return `${path} is another object of the same`
  const names = keyNames(ast)
  if (!names || !names.every((name) => isSame(before[name], after[name]))) return undefined
  for (const { as, hop, query } of ast.with ?? []) {
    const [one, two] = [before[as], after[as]]
    const found = hop.isOne
      ? turnoverOfRow(query, [one as Held | undefined, two as Held | undefined], `${path} › ${as}`)
      : turnoverOfList(query, one, two, `${path} › ${as}`)
    if (found) return found
  }
  return undefined
}

/** Whether `select` leaves rows of the answer without what tells them apart: then another row in the place of one may look the same. */
export function isNameless(ast: QueryAst): boolean {
  return keyNames(ast) === undefined || (ast.with ?? []).some(({ query }) => isNameless(query))
}

// by what names a row of the answer is told from the others; nothing where `select` left them out
function keyNames({ group, joins = [], select }: QueryAst): readonly string[] | undefined {
  const nameOf = ({ field, of }: FieldAst): string => (of === undefined ? field : `${of}.${field}`)
  const names = group ? group.by.map(nameOf) : ['id', ...joins.flatMap(({ as, isHidden }) => (isHidden ? [] : [as]))]
  return select && !names.every((name) => select.includes(name)) ? undefined : names
}
