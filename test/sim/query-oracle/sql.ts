// The second oracle: a question as one SQL text over tables of (id, row as jsonb). It shares no line with what answers questions in src.
//
//   page: rows ⨝ joins, where, after, in order, cut   ──▶   groups, or rows with what they bring   ──▶   select   ──▶   want
import type { PGlite } from '@electric-sql/pglite'
import type {
  AggregateAst,
  ComparisonAst,
  ConditionAst,
  FieldAst,
  GroupAst,
  HopAst,
  JoinAst,
  OrderAst,
  QueryAst,
  WithAst,
} from '../../../src/query/ast.ts'
import type { Json } from '../../../src/util/json.ts'
import { collections, type Tables } from './rows.ts'

/** A question in SQL. */
export interface SqlText {
  readonly text: string
  readonly parameters: readonly string[]
}

/** The tables, and how a value is taken apart so that SQL orders it as `util/compare` says: its rank, its number, its text. */
const setup = `
${collections.map((name) => `CREATE TABLE ${table(name)} (id text PRIMARY KEY, row jsonb NOT NULL);`).join('\n')}
CREATE FUNCTION o_rank(x jsonb) RETURNS int IMMUTABLE LANGUAGE sql AS $$
  SELECT CASE jsonb_typeof(x) WHEN 'null' THEN 0 WHEN 'boolean' THEN 1 WHEN 'number' THEN 2 WHEN 'string' THEN 3 ELSE 4 END $$;
CREATE FUNCTION o_number(x jsonb) RETURNS numeric IMMUTABLE LANGUAGE sql AS $$
  SELECT CASE jsonb_typeof(x) WHEN 'boolean' THEN (x::boolean)::int WHEN 'number' THEN x::numeric ELSE 0 END $$;
CREATE FUNCTION o_text(x jsonb) RETURNS text IMMUTABLE LANGUAGE sql AS $$
  SELECT CASE jsonb_typeof(x) WHEN 'string' THEN x #>> '{}' WHEN 'array' THEN o_tight(x) WHEN 'object' THEN o_tight(x) ELSE '' END $$;
CREATE FUNCTION o_meets(a jsonb, b jsonb) RETURNS boolean IMMUTABLE LANGUAGE sql AS $$
  SELECT coalesce(jsonb_typeof(a) IN ('boolean', 'number', 'string') AND a = b, false) $$;
`
const tight = `CREATE FUNCTION o_tight(x jsonb) RETURNS text IMMUTABLE LANGUAGE sql AS $$
  SELECT replace(replace(x::text, ', ', ','), '": ', '":') $$;`

/** An oracle over the rows that it was last given. */
export interface SqlOracle {
  load(tables: Tables): Promise<void>
  answer(ast: QueryAst): Promise<unknown>
}

export async function makeSqlOracle(db: PGlite): Promise<SqlOracle> {
  await db.exec(tight + setup)
  return {
    async load(tables) {
      for (const name of collections) {
        await db.exec(`TRUNCATE ${table(name)}`)
        await db.query(`INSERT INTO ${table(name)} SELECT row ->> 'id', row FROM jsonb_array_elements($1::text::jsonb) AS row`, [
          JSON.stringify(tables[name]),
        ])
      }
    },
    async answer(ast) {
      const { text, parameters } = questionToSql(ast)
      const { rows } = await db.query<{ readonly value: unknown }>(text, [...parameters])
      const values = rows.map(({ value }) => value)
      if (ast.want === undefined) return values
      return typeof ast.want === 'object' ? (values[0] as { readonly held?: unknown } | undefined)?.held : values[0]
    },
  }
}

/** The question as SQL: one column `value`, in order; what is wanted of a list is in its first row. */
export function questionToSql(ast: QueryAst): SqlText {
  const writer = makeWriter()
  const rows = writer.rows(ast, () => 'true')
  const text = wanted(ast.want, rows)
  return { text, parameters: writer.parameters }
}

function wanted(want: QueryAst['want'], rows: string): string {
  if (want === undefined) return `SELECT value FROM (${rows}) AS answer ORDER BY n`
  if (want === 'size') return `SELECT to_jsonb(count(*)) AS value FROM (${rows}) AS answer`
  // an object around the field, so that null is not nothing
  const value = want === 'first' ? 'value' : present('held', `value -> ${quote(want.field)}`)
  return `SELECT ${value} AS value FROM (${rows}) AS answer ORDER BY n LIMIT 1`
}

interface Writer {
  readonly parameters: string[]
  /** A select of `value` and its place `n`. */
  rows(ast: QueryAst, correlate: (row: string) => string): string
}

// where a field stands: a jsonb expression that is never SQL's null
type Held = (field: FieldAst) => string

function makeWriter(): Writer {
  const parameters: string[] = []
  let aliases = 0
  const alias = (letter: string): string => `${letter}${++aliases}`
  const bind = (value: Json): string => `$${parameters.push(JSON.stringify(value))}::text::jsonb`

  const condition = (row: string, cond: ConditionAst | undefined): string => {
    if (!cond) return 'true'
    switch (cond.op) {
      case 'and':
        return cond.of.length === 0 ? 'true' : `(${cond.of.map((part) => condition(row, part)).join(' AND ')})`
      case 'or':
        return cond.of.length === 0 ? 'false' : `(${cond.of.map((part) => condition(row, part)).join(' OR ')})`
      case 'not':
        return `(NOT ${condition(row, cond.of[0])})`
      case 'exists': {
        const e = alias('e')
        return `EXISTS (SELECT 1 FROM ${table(cond.hop.collection)} AS ${e} WHERE ${meets(row, cond.hop, `${e}.row`)} AND ${condition(`${e}.row`, cond.where)})`
      }
      default:
        return comparison(fieldOf(row, cond.field), cond, bind)
    }
  }

  const join = (root: string, { hop, kind, where }: JoinAst, j: string): string =>
    `${kind === 'inner' ? 'JOIN' : 'LEFT JOIN'} ${table(hop.collection)} AS ${j} ON ${meets(`${root}.row`, hop, `${j}.row`)} AND ${condition(`${j}.row`, where)}`

  const after = ({ after: cursor, orderBy = [], joins = [] }: QueryAst, held: Held, ids: readonly string[]): string => {
    if (!cursor) return 'true'
    const atoms = [
      ...orderBy.flatMap((key, i) => pair(keyAtoms(held(key), key), keyAtoms(bind(cursor.keys[i] ?? null), key))),
      ...ids.flatMap((id, i) =>
        i > 0 && joins[i - 1]?.isHidden ? [] : pair(idAtoms(id), idAtoms(`(${bind(cursor.ids[i] ?? null)} #>> '{}')`)),
      ),
    ]
    return atoms.reduceRight<string>((rest, { here, there, isDown }) => {
      return `(${here} ${isDown ? '<' : '>'} ${there} OR (${here} = ${there} AND ${rest}))`
    }, 'false')
  }

  const rows: Writer['rows'] = (ast, correlate) => {
    const { joins = [], orderBy = [] } = ast
    const root = alias('r')
    const aliasesOfJoins = joins.map(() => alias('j'))
    const heldIn = (rowOf: (as: string | undefined) => string): Held => {
      return ({ field, of }) => fieldOf(rowOf(of), field)
    }
    const place = (as: string | undefined): number => joins.findIndex((one) => one.as === as)
    const held = heldIn((as) => (as === undefined ? `${root}.row` : `${aliasesOfJoins[place(as)]}.row`))
    const ids = [`${root}.id`, ...aliasesOfJoins.map((j) => `${j}.id`)]
    const order = [...orderBy.flatMap((key) => keyAtoms(held(key), key)), ...ids.flatMap(idAtoms)]
    const columns = aliasesOfJoins.map((j, i) => `, ${j}.row AS part${i}`).join('')
    const from = `${table(ast.from)} AS ${root} ${joins.map((one, i) => join(root, one, aliasesOfJoins[i] as string)).join(' ')}`
    const where = `${correlate(`${root}.row`)} AND ${condition(`${root}.row`, ast.where)} AND ${after(ast, held, ids)}`
    const page = `SELECT ${root}.row AS base${columns}, row_number() OVER (ORDER BY ${order.map(written).join(', ')}) AS n FROM ${from} WHERE ${where} ORDER BY n ${cut(ast)}`
    const p = alias('p')
    const heldInPage = heldIn((as) => (as === undefined ? `${p}.base` : `${p}.part${place(as)}`))
    if (ast.group) return selected(ast.select, groups(ast.group, `(${page}) AS ${p}`, heldInPage))
    const visible = joins.flatMap((one, i) => (one.isHidden ? [] : [` || ${present(one.as, `${p}.part${i}`)}`])).join('')
    const brought = (ast.with ?? []).map((one) => ` || ${within(`${p}.base`, one)}`).join('')
    return selected(ast.select, `SELECT ${p}.base${visible}${brought} AS value, ${p}.n AS n FROM (${page}) AS ${p}`)
  }

  const within = (base: string, { as, hop, link, query }: WithAst): string => {
    const correlate = (row: string): string => {
      if (!link) return meets(base, hop, row)
      const l = alias('l')
      const near = `o_meets(${fieldOf(base, hop.near)}, ${fieldOf(`${l}.row`, link.from)})`
      return `EXISTS (SELECT 1 FROM ${table(link.collection)} AS ${l} WHERE ${near} AND o_meets(${fieldOf(`${l}.row`, link.to)}, ${fieldOf(row, hop.far)}))`
    }
    const w = alias('w')
    const inner = `(${rows(query, correlate)}) AS ${w}`
    if (hop.isOne) return `coalesce((SELECT jsonb_build_object(${quote(as)}, ${w}.value) FROM ${inner} ORDER BY ${w}.n LIMIT 1), '{}')`
    return `jsonb_build_object(${quote(as)}, coalesce((SELECT jsonb_agg(${w}.value ORDER BY ${w}.n) FROM ${inner}), '[]'))`
  }

  const groups = (group: GroupAst, from: string, held: Held): string => {
    const keys = group.by.map((key) => `${quote(nameOf(key))}, ${held(key)}`).join(', ')
    const told = Object.entries(group.aggregates).map(([name, one]) => `${quote(name)}, ${aggregate(one, held)}`)
    const value = `jsonb_build_object(${keys}) || jsonb_strip_nulls(jsonb_build_object(${told.join(', ')}))`
    const by = group.by.length === 0 ? '()' : group.by.map(held).join(', ')
    const g = alias('g')
    const read: Held = (field) => fieldOf(`${g}.value`, nameOf(field))
    const order = [
      ...(group.orderBy ?? []).flatMap((key) => keyAtoms(read(key), key)),
      ...group.by.flatMap((key) => keyAtoms(read(key), { ...key, direction: 'asc' })),
    ]
    const n = order.length === 0 ? '1' : `row_number() OVER (ORDER BY ${order.map(written).join(', ')})`
    const where = condition(`${g}.value`, group.having)
    return `SELECT ${g}.value, ${n} AS n FROM (SELECT ${value} AS value FROM ${from} GROUP BY ${by}) AS ${g} WHERE ${where} ORDER BY n ${cut(group)}`
  }

  const selected = (fields: readonly string[] | undefined, inner: string): string => {
    if (!fields) return inner
    const s = alias('s')
    const names = fields.map(quote).join(', ')
    return `SELECT (SELECT coalesce(jsonb_object_agg(key, held), '{}') FROM jsonb_each(${s}.value) AS each(key, held) WHERE key IN (${names})) AS value, ${s}.n AS n FROM (${inner}) AS ${s}`
  }
  return { parameters, rows }
}

function aggregate(one: AggregateAst, held: Held): string {
  if (one.op === 'count') return 'to_jsonb(count(*))'
  const value = held(one)
  const number = `CASE WHEN jsonb_typeof(${value}) = 'number' THEN (${value})::numeric END`
  switch (one.op) {
    case 'sum':
      return `to_jsonb(coalesce(sum(${number}), 0)::float8)`
    case 'avg':
      // forty places more than a double can tell apart
      return `to_jsonb((sum((${number}) * 1.${'0'.repeat(40)}) / nullif(count(${number}), 0))::float8)`
    default:
      return `(array_agg(${value} ORDER BY ${keyAtoms(value, { field: '', direction: one.op === 'min' ? 'asc' : 'desc' })
        .map(written)
        .join(', ')}) FILTER (WHERE ${value} <> 'null'))[1]`
  }
}

function comparison(held: string, { op, value }: ComparisonAst, bind: (value: Json) => string): string {
  const text = `(${held} #>> '{}')`
  const isText = `jsonb_typeof(${held}) = 'string'`
  const bindText = (operand: string): string => `(${bind(operand)} #>> '{}')`
  switch (op) {
    case '=':
      return `${held} = ${bind(value)}`
    case '!=':
      return `${held} <> ${bind(value)}`
    case 'in':
      return `${held} IN (SELECT jsonb_array_elements(${bind(value)}))`
    case 'notIn':
      return `${held} NOT IN (SELECT jsonb_array_elements(${bind(value)}))`
    case 'isNull':
      return `(${held} = 'null') = ${value === true}`
    case 'startsWith':
      return `(${isText} AND starts_with(${text}, ${bindText(value as string)}))`
    case 'like':
      return `(${isText} AND ${text} LIKE ${bindText(value as string)})`
    case 'ilike':
      return `(${isText} AND ${lower(text)} LIKE ${lower(bindText(value as string))})`
    case 'contains':
      return `EXISTS (SELECT 1 FROM jsonb_array_elements(CASE WHEN jsonb_typeof(${held}) = 'array' THEN ${held} ELSE '[]' END) AS member WHERE member = ${bind(value)})`
    default:
      if (typeof value === 'number') return `(jsonb_typeof(${held}) = 'number' AND ${held} ${op} ${bind(value)})`
      return `(${isText} AND ${text} COLLATE "C" ${op} ${bindText(value as string)})`
  }
}

// the letters that the rows have, in whatever locale the database is
function lower(text: string): string {
  return `translate(${text}, 'ABCDEFGHIJKLMNOPQRSTUVWXYZÉÑ', 'abcdefghijklmnopqrstuvwxyzéñ')`
}

interface Atom {
  readonly sql: string
  readonly isDown: boolean
}

// one key of an order as SQL sorts it: plain columns that are never null
function keyAtoms(x: string, { direction, nulls }: OrderAst): readonly Atom[] {
  const isDown = direction === 'desc'
  const placed = nulls === undefined ? [] : [{ sql: `(${x} = 'null')::int`, isDown: nulls === 'first' }]
  return [...placed, { sql: `o_rank(${x})`, isDown }, { sql: `o_number(${x})`, isDown }, { sql: `o_text(${x}) COLLATE "C"`, isDown }]
}

function idAtoms(id: string): readonly Atom[] {
  return [
    { sql: `(${id} IS NOT NULL)::int`, isDown: false },
    { sql: `coalesce(${id}, '') COLLATE "C"`, isDown: false },
  ]
}

function written({ sql, isDown }: Atom): string {
  return `${sql} ${isDown ? 'DESC' : 'ASC'}`
}

function pair(here: readonly Atom[], there: readonly Atom[]) {
  return here.map(({ sql, isDown }, i) => ({ here: sql, there: (there[i] as Atom).sql, isDown }))
}

function meets(row: string, { near, far }: HopAst, other: string): string {
  return `o_meets(${fieldOf(row, near)}, ${fieldOf(other, far)})`
}

function fieldOf(row: string, field: string): string {
  return `coalesce(${row} -> ${quote(field)}, 'null')`
}

function present(as: string, row: string): string {
  return `CASE WHEN (${row}) IS NULL THEN '{}' ELSE jsonb_build_object(${quote(as)}, ${row}) END`
}

// what a field of a group is called
function nameOf({ field, of }: FieldAst): string {
  return of === undefined ? field : `${of}.${field}`
}

function cut({ limit, offset }: { readonly limit?: number; readonly offset?: number }): string {
  return `${limit === undefined ? '' : `LIMIT ${limit}`} ${offset === undefined ? '' : `OFFSET ${offset}`}`
}

function table(collection: string): string {
  return `"t_${collection}"`
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
