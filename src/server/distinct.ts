import { makeRowKey } from '../protocol/ids.ts'
import type { SpaceWrite } from './database.ts'

/** The batch with one entry a key, the last one given: a statement of SQL refuses to touch a row twice. */
export function makeDistinct(batch: SpaceWrite): SpaceWrite {
  return {
    version: batch.version,
    rows: lastOfEach(batch.rows, (row) => makeRowKey(row.collection, row.id)),
    removed: [...new Set(batch.removed)],
    departures: lastOfEach(batch.departures, (left) => JSON.stringify([left.audience, left.collection, left.id])),
    clients: lastOfEach(batch.clients, (client) => client.client),
    verdicts: lastOfEach(batch.verdicts, (verdict) => JSON.stringify([verdict.client, verdict.seq])),
  }
}

function lastOfEach<Item>(items: readonly Item[], keyOf: (item: Item) => string): readonly Item[] {
  return items.length < 2 ? items : [...new Map(items.map((item) => [keyOf(item), item])).values()]
}
