import { TidemarkError } from '../errors.ts'
import type { SqlDriver, SqlRunner } from './sql.ts'

/** What a database says about itself, the same for all who ever open it. */
export interface SqlMeta {
  readonly epoch: string
  readonly secret: Uint8Array
}

// Raised with every change of the tables that an older server could not work with.
const format = 1

// any number, as long as all servers agree on it
const advisoryLock = 8_433_275_366

/*
 *   spaces ──┬─ rows         last states       by key, by (audience, key) for fills, by (audience, version, key) for changes
 *            ├─ departures   who left whom     one for each (audience, key): the last
 *            ├─ clients      last sequence numbers, by client and by group
 *            └─ verdicts     by call, by mutation id, by group and version
 *
 * Text is kept and sorted as bytes (COLLATE "C"), so that every PostgreSQL has the same order.
 */
const statements = [
  `CREATE SCHEMA IF NOT EXISTS tidemark`,
  `CREATE TABLE IF NOT EXISTS tidemark.meta (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only), format integer NOT NULL, epoch text NOT NULL, secret text NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS tidemark.spaces (
    space text COLLATE "C" PRIMARY KEY, version bigint NOT NULL DEFAULT 0, floor bigint NOT NULL DEFAULT 0)`,
  `CREATE TABLE IF NOT EXISTS tidemark.rows (
    space text COLLATE "C" NOT NULL, collection text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL,
    audience text COLLATE "C" NOT NULL, version bigint NOT NULL, value jsonb NOT NULL, PRIMARY KEY (space, collection, id))`,
  `CREATE INDEX IF NOT EXISTS rows_fill ON tidemark.rows (space, audience, collection, id)`,
  `CREATE INDEX IF NOT EXISTS rows_changes ON tidemark.rows (space, audience, version, collection, id)`,
  `CREATE TABLE IF NOT EXISTS tidemark.departures (
    space text COLLATE "C" NOT NULL, audience text COLLATE "C" NOT NULL, collection text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL,
    version bigint NOT NULL, departed_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (space, audience, collection, id))`,
  `CREATE INDEX IF NOT EXISTS departures_changes ON tidemark.departures (space, audience, version, collection, id)`,
  `CREATE TABLE IF NOT EXISTS tidemark.clients (
    space text COLLATE "C" NOT NULL, client text COLLATE "C" NOT NULL, client_group text COLLATE "C" NOT NULL, client_user text,
    seq bigint NOT NULL, PRIMARY KEY (space, client))`,
  `CREATE INDEX IF NOT EXISTS clients_group ON tidemark.clients (space, client_group)`,
  `CREATE TABLE IF NOT EXISTS tidemark.verdicts (
    space text COLLATE "C" NOT NULL, client text COLLATE "C" NOT NULL, seq bigint NOT NULL, client_group text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL, attempt bigint NOT NULL, status text COLLATE "C" NOT NULL, code text, message text, reason text,
    version bigint NOT NULL, PRIMARY KEY (space, client, seq))`,
  `CREATE INDEX IF NOT EXISTS verdicts_fates ON tidemark.verdicts (space, id)`,
  `CREATE INDEX IF NOT EXISTS verdicts_outcomes ON tidemark.verdicts (space, client_group, version)`,
  // PostgreSQL's own strong randomness: two random ids have 244 bits
  `INSERT INTO tidemark.meta (format, epoch, secret)
    VALUES (${format}, gen_random_uuid()::text, encode(sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')), 'hex'))
    ON CONFLICT DO NOTHING`,
]

/** Makes our tables where they are missing, in one transaction that servers take in turn. Raises `server/config` before a newer format. */
export async function openTables(driver: SqlDriver): Promise<SqlMeta> {
  return driver.transaction(async (sql) => {
    await sql.query(`SELECT pg_advisory_xact_lock(${advisoryLock})`)
    // looked at first: an older server changes nothing of a newer one's tables
    const found = (await hasTables(sql)) ? await findMeta(sql) : undefined
    if (found && found.format > format) refuseFormat(found.format)
    if (found?.format !== format) for (const statement of statements) await sql.query(statement)
    const { epoch, secret } = found ?? (await findMeta(sql)) ?? refuseFormat(undefined)
    return { epoch, secret: hexToBytes(secret) }
  })
}

interface MetaRow {
  readonly format: number
  readonly epoch: string
  readonly secret: string
}

async function hasTables(sql: SqlRunner): Promise<boolean> {
  const [answer] = await sql.query<{ found: boolean }>(`SELECT to_regclass('tidemark.meta') IS NOT NULL AS found`)
  return answer?.found === true
}

async function findMeta(sql: SqlRunner): Promise<MetaRow | undefined> {
  const [meta] = await sql.query<MetaRow>('SELECT format, epoch, secret FROM tidemark.meta')
  return meta
}

function refuseFormat(found: number | undefined): never {
  throw new TidemarkError('server/config', {
    details: { found, known: format },
    message: 'A newer Tidemark wrote this database. Update this server and start it again.',
  })
}

function hexToBytes(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16))
}
