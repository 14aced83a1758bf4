import { splitRowKey } from '../protocol/ids.ts'
import { assert } from '../util/assert.ts'
import type { SpaceHead, SpaceWriter } from './database.ts'
import { makeDistinct } from './distinct.ts'
import type { SqlRunner } from './sql.ts'
import { makeSqlReader } from './sql-reader.ts'

/**
 * Locks the space and hands out its writer. The lock is a row, made first where it is missing: a lock on nothing holds nobody.
 * READ COMMITTED, so that what is read behind the lock is what the last holder committed.
 */
export async function lockSpace(
  sql: SqlRunner,
  space: string,
  epoch: string,
): Promise<SpaceWriter & { readonly written: number | undefined }> {
  await sql.query('SET TRANSACTION ISOLATION LEVEL READ COMMITTED')
  await sql.query(`SET LOCAL lock_timeout = '2s'`)
  await sql.query('INSERT INTO tidemark.spaces (space) VALUES ($1) ON CONFLICT DO NOTHING', [space])
  const [locked] = await sql.query<{ version: unknown; floor: unknown }>(
    'SELECT version, floor FROM tidemark.spaces WHERE space = $1 FOR UPDATE',
    [space],
  )
  assert(locked, 'the row that was just made is there')
  const head: SpaceHead = { version: Number(locked.version), epoch, floor: Number(locked.floor) }
  let written: number | undefined
  return {
    ...makeSqlReader(sql, space, epoch),
    head: async () => (written === undefined ? head : { ...head, version: written }),
    get written() {
      return written
    },
    async write(batch) {
      assert(written === undefined, 'a transaction writes once')
      assert(batch.version > head.version, 'a version is higher than the one before it')
      const { rows, removed, departures, clients, verdicts } = makeDistinct(batch)
      const places = removed.map(splitRowKey).map(([collection, id]) => ({ collection, id }))
      for (const [text, records] of [
        [deleteRows, places],
        [putRows, rows],
        [putDepartures, departures],
        [putClients, clients],
        [putVerdicts, verdicts],
      ] as const) {
        if (records.length > 0) await sql.query(text, [space, JSON.stringify(records)])
      }
      await sql.query('UPDATE tidemark.spaces SET version = $2::bigint WHERE space = $1', [space, batch.version])
      written = batch.version
    },
  }
}

// One statement a table: the records travel as one JSON text.
const deleteRows = `DELETE FROM tidemark.rows AS r USING jsonb_to_recordset($2::text::jsonb) AS k (collection text, id text)
  WHERE r.space = $1 AND r.collection = k.collection AND r.id = k.id`
const putRows = `INSERT INTO tidemark.rows (space, collection, id, audience, version, value)
  SELECT $1, collection, id, audience, version, value
    FROM jsonb_to_recordset($2::text::jsonb) AS k (collection text, id text, audience text, version bigint, value jsonb)
  ON CONFLICT (space, collection, id) DO UPDATE SET audience = excluded.audience, version = excluded.version, value = excluded.value`
const putDepartures = `INSERT INTO tidemark.departures (space, audience, collection, id, version)
  SELECT $1, audience, collection, id, version
    FROM jsonb_to_recordset($2::text::jsonb) AS k (audience text, collection text, id text, version bigint)
  ON CONFLICT (space, audience, collection, id) DO UPDATE SET version = excluded.version, departed_at = excluded.departed_at`
const putClients = `INSERT INTO tidemark.clients (space, client, client_group, client_user, seq)
  SELECT $1, client, "group", "user", seq FROM jsonb_to_recordset($2::text::jsonb) AS k (client text, "group" text, "user" text, seq bigint)
  ON CONFLICT (space, client) DO UPDATE
    SET client_group = excluded.client_group, client_user = excluded.client_user, seq = excluded.seq`
const putVerdicts = `INSERT INTO tidemark.verdicts (space, client, seq, client_group, id, attempt, status, code, message, reason, version)
  SELECT $1, client, seq, "group", id, attempt, status, code, message, reason, version
    FROM jsonb_to_recordset($2::text::jsonb) AS k (client text, seq bigint, "group" text, id text, attempt bigint, status text,
      code text, message text, reason text, version bigint)
  ON CONFLICT (space, client, seq) DO UPDATE SET client_group = excluded.client_group, id = excluded.id, attempt = excluded.attempt,
    status = excluded.status, code = excluded.code, message = excluded.message, reason = excluded.reason, version = excluded.version`
