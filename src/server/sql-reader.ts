import { splitRowKey } from '../protocol/ids.ts'
import { answerRows } from '../query/answer.ts'
import type { PlainAst } from '../query/ast.ts'
import type { AnyRow } from '../schema/row.ts'
import type { Departure, SpaceHead, SpaceReader, StoredClient, StoredRow, StoredVerdict } from './database.ts'
import type { SqlRunner } from './sql.ts'
import { isPlainlyOrdered, narrowQuery } from './sql-narrow.ts'

/** The reads of one space in SQL, inside a transaction that somebody else opened. */
export function makeSqlReader(sql: SqlRunner, space: string, epoch: string): SpaceReader {
  return {
    head: () => readHead(sql, space, epoch),
    async rows(keys) {
      const places = [...new Set(keys)].map(splitRowKey).map(([collection, id]) => ({ collection, id }))
      if (places.length === 0) return []
      const text = `SELECT ${rowColumns} FROM jsonb_to_recordset($2::text::jsonb) AS k (collection text, id text)
        JOIN tidemark.rows AS r ON r.space = $1 AND r.collection = k.collection AND r.id = k.id`
      return (await sql.query<RowRecord>(text, [space, JSON.stringify(places)])).map(makeRow)
    },
    select: (ast) => select(sql, space, ast),
    async count(audiences) {
      const text = `SELECT count(*) AS count FROM tidemark.rows
        WHERE space = $1 AND audience IN (SELECT jsonb_array_elements_text($2::text::jsonb))`
      const [found] = await sql.query<{ count: unknown }>(text, [space, JSON.stringify(audiences)])
      return Number(found?.count)
    },
    async fill(audience, [collection, id], version, limit) {
      const text = `SELECT ${rowColumns} FROM tidemark.rows AS r
        WHERE space = $1 AND audience = $2 AND (collection, id) > ($3, $4) AND version <= $5::bigint
        ORDER BY collection, id LIMIT $6::bigint`
      return (await sql.query<RowRecord>(text, [space, audience, collection, id, version, limit])).map(makeRow)
    },
    async changes(positionsByAudience, limit) {
      const wanted = [...positionsByAudience].map(([audience, [version, collection, id]]) => ({ audience, version, collection, id }))
      if (wanted.length === 0 || limit < 1) return []
      return (await sql.query<ChangeRecord>(changesText, [space, JSON.stringify(wanted), limit])).map(makeChange).sort(compareArrivals)
    },
    async clients(ids) {
      const text = `SELECT ${clientColumns} FROM tidemark.clients
        WHERE space = $1 AND client IN (SELECT jsonb_array_elements_text($2::text::jsonb))`
      return ids.length === 0 ? [] : (await sql.query<ClientRecord>(text, [space, JSON.stringify(ids)])).map(makeClient)
    },
    async group(group) {
      const text = `SELECT ${clientColumns} FROM tidemark.clients WHERE space = $1 AND client_group = $2 ORDER BY client`
      return (await sql.query<ClientRecord>(text, [space, group])).map(makeClient)
    },
    async verdicts(keys) {
      const text = `SELECT DISTINCT ${verdictColumns} FROM jsonb_to_recordset($2::text::jsonb) AS k (client text, seq bigint)
        JOIN tidemark.verdicts AS v ON v.space = $1 AND v.client = k.client AND v.seq = k.seq`
      const calls = keys.map(([client, seq]) => ({ client, seq }))
      return calls.length === 0 ? [] : (await sql.query<VerdictRecord>(text, [space, JSON.stringify(calls)])).map(makeVerdict)
    },
    async fates(ids) {
      const text = `SELECT DISTINCT ON (v.id) ${verdictColumns} FROM tidemark.verdicts AS v
        WHERE space = $1 AND id IN (SELECT jsonb_array_elements_text($2::text::jsonb))
        ORDER BY v.id, v.version DESC, v.attempt DESC, v.status, v.client DESC, v.seq DESC`
      return ids.length === 0 ? [] : (await sql.query<VerdictRecord>(text, [space, JSON.stringify(ids)])).map(makeVerdict)
    },
    async outcomes(group, version) {
      const text = `SELECT ${verdictColumns} FROM tidemark.verdicts AS v
        WHERE space = $1 AND client_group = $2 AND version > $3::bigint ORDER BY version, client, seq`
      return (await sql.query<VerdictRecord>(text, [space, group, version])).map(makeVerdict)
    },
  }
}

async function readHead(sql: SqlRunner, space: string, epoch: string): Promise<SpaceHead> {
  const [head] = await sql.query<{ version: unknown; floor: unknown }>('SELECT version, floor FROM tidemark.spaces WHERE space = $1', [
    space,
  ])
  return { version: Number(head?.version ?? 0), epoch, floor: Number(head?.floor ?? 0) }
}

// SQL narrows, `answerRows` decides. A limit is the database's only where its first rows are sure to be ours.
async function select(sql: SqlRunner, space: string, ast: PlainAst): Promise<readonly StoredRow[]> {
  const { where, orderBy, parameters } = narrowQuery(ast, 3)
  if (orderBy === undefined) return selectByPages(sql, space, ast)
  const text = `SELECT ${rowColumns} FROM tidemark.rows AS r WHERE space = $1 AND collection = $2 AND ${where} ORDER BY ${orderBy} LIMIT ${Number(ast.limit)}`
  const found = (await sql.query<RowRecord>(text, [space, ast.from, ...parameters])).map(makeRow)
  return isPlainlyOrdered(ast, found) ? answer(ast, found) : selectByPages(sql, space, ast)
}

const rowsPerPage = 1000

// all rows that may count are looked through; no more of them are held at once than about two answers
async function selectByPages(sql: SqlRunner, space: string, { limit, ...unlimited }: PlainAst): Promise<readonly StoredRow[]> {
  const { where, parameters } = narrowQuery(unlimited, 4)
  const size = limit === undefined ? undefined : Math.max(limit, rowsPerPage)
  const text = `SELECT ${rowColumns} FROM tidemark.rows AS r WHERE space = $1 AND collection = $2 AND id > $3 AND ${where}`
  const tail = size === undefined ? '' : ` ORDER BY id LIMIT ${size}`
  let kept: readonly StoredRow[] = []
  for (let after = ''; ; ) {
    const page = (await sql.query<RowRecord>(text + tail, [space, unlimited.from, after, ...parameters])).map(makeRow)
    kept = answer(limit === undefined ? unlimited : { ...unlimited, limit }, [...kept, ...page])
    if (size === undefined || page.length < size) return kept
    after = page.at(-1)?.id ?? after
  }
}

function answer(ast: PlainAst, rows: readonly StoredRow[]): readonly StoredRow[] {
  const rowsByValue = new Map<AnyRow, StoredRow>(rows.map((row) => [row.value, row]))
  return answerRows(ast, rowsByValue.keys()).flatMap((value) => rowsByValue.get(value) ?? [])
}

// Each audience by its own index range, then the first of all; with ties, so that no page parts a departure from a row of one place.
const changesText = `SELECT c.* FROM jsonb_to_recordset($2::text::jsonb) AS w (audience text, version bigint, collection text, id text)
  CROSS JOIN LATERAL (
    (SELECT true AS is_row, r.collection, r.id, r.audience, r.version, r.value FROM tidemark.rows AS r
      WHERE r.space = $1 AND r.audience = w.audience AND (r.version, r.collection, r.id) > (w.version, w.collection, w.id)
      ORDER BY r.version, r.collection, r.id LIMIT $3::bigint)
    UNION ALL
    (SELECT false, d.collection, d.id, d.audience, d.version, NULL FROM tidemark.departures AS d
      WHERE d.space = $1 AND d.audience = w.audience AND (d.version, d.collection, d.id) > (w.version, w.collection, w.id)
      ORDER BY d.version, d.collection, d.id LIMIT $3::bigint)
  ) AS c ORDER BY c.version, c.collection, c.id FETCH FIRST ($3::bigint) ROWS WITH TIES`

const rowColumns = 'r.collection, r.id, r.audience, r.version, r.value'
const clientColumns = 'client, client_group, client_user, seq'
const verdictColumns = 'v.client, v.client_group, v.seq, v.id, v.attempt, v.status, v.code, v.message, v.reason, v.version'

interface RowRecord {
  readonly collection: string
  readonly id: string
  readonly audience: string
  readonly version: unknown
  readonly value: AnyRow
}

interface ChangeRecord extends RowRecord {
  readonly is_row: boolean
}

interface ClientRecord {
  readonly client: string
  readonly client_group: string
  readonly client_user: string | null
  readonly seq: unknown
}

interface VerdictRecord {
  readonly client: string
  readonly client_group: string
  readonly seq: unknown
  readonly id: string
  readonly attempt: unknown
  readonly status: 'applied' | 'refused'
  readonly code: string | null
  readonly message: string | null
  readonly reason: string | null
  readonly version: unknown
}

function makeRow({ collection, id, audience, version, value }: RowRecord): StoredRow {
  return { collection, id, value, audience, version: Number(version) }
}

function makeChange(record: ChangeRecord): StoredRow | Departure {
  const { is_row: isRow, collection, id, audience, version } = record
  return isRow ? makeRow(record) : { audience, collection, id, version: Number(version) }
}

// the places come in order; within one, departures first, and a sort that is stable keeps the rest
function compareArrivals(a: StoredRow | Departure, b: StoredRow | Departure): number {
  const isOnePlace = a.version === b.version && a.collection === b.collection && a.id === b.id
  return isOnePlace ? Number('value' in a) - Number('value' in b) : 0
}

function makeClient({ client, client_group: group, client_user: user, seq }: ClientRecord): StoredClient {
  return { client, group, user, seq: Number(seq) }
}

function makeVerdict(record: VerdictRecord): StoredVerdict {
  const { client, client_group: group, id, status, code, message, reason } = record
  return {
    client,
    group,
    seq: Number(record.seq),
    id,
    attempt: Number(record.attempt),
    status,
    ...(code === null ? {} : { code }),
    ...(message === null ? {} : { message }),
    ...(reason === null ? {} : { reason }),
    version: Number(record.version),
  }
}
