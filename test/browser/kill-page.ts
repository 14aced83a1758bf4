// The page that is killed. It writes mutations and steps of base as fast as the disk takes them, and tells the test of each only after it is durable.
// Base holds, at cursor n: n rows, each with the text of that step, and confirms the first 2n mutations of the page's client.
import { dexie } from '../../src/persist/dexie.ts'
import { openDisk } from '../../src/persist/open-disk.ts'
import type { DiskState } from '../../src/persist/disk.ts'

const rowsPerStep = 20
const clock = {
  now: () => performance.now(),
  sleep: (ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      signal?.addEventListener('abort', () => clearTimeout(timer))
    }),
}

const errors: string[] = []
const disk = openDisk(await dexie('kill', { indexedDB, IDBKeyRange, clock }), {
  schema: 1,
  clock,
  randomId: () => crypto.randomUUID(),
  onError: (error) => errors.push(error.code),
})
const state = await disk.load()
tell('found', describe(state))
if (location.hash === '#write') await write(state)

// What the test compares; rows and queue in short.
function describe({ meta, rowsByCollection, queue, quarantine }: DiskState): unknown {
  const texts = (rowsByCollection.get('rows') ?? []).map((row) => row.text)
  return {
    cursor: meta.cursor === null ? 0 : Number(meta.cursor),
    instance: meta.instance,
    confirmed: meta.confirmed,
    rows: texts.length,
    texts: [...new Set(texts)],
    queue: queue.map(({ id }) => id),
    quarantine: quarantine.map(({ id }) => id),
    errors,
  }
}

async function write(found: DiskState): Promise<void> {
  const client = crypto.randomUUID()
  const term = await disk.lead()
  let cursor = found.meta.cursor
  let seq = 0
  for (;;) {
    const burst = Array.from({ length: 3 }, () => ({
      client,
      seq: ++seq,
      id: `${client} ${seq}`,
      calls: [['add', [seq]] as [string, unknown[]]],
      at: 1,
      schema: 1,
      sent: false,
    }))
    await disk.enqueue(burst)
    tell(
      'durable',
      burst.map(({ id }) => id),
    )
    const next = Number(cursor ?? 0) + 1
    const settled = seq - 2
    const refused = burst[0]
    const position = await disk.commit(
      { term, cursor },
      {
        patches: Array.from({ length: rowsPerStep }, (_, i) => {
          const id = `r${i}`
          return { op: 'put' as const, collection: 'rows', id, value: { id, text: `step ${next}`, filler: 'x'.repeat(500) } }
        }),
        cursor: String(next),
        version: next,
        epoch: 'e',
        now: 1,
        confirmed: { [client]: settled },
        quarantined: refused
          ? [{ client, seq: refused.seq, id: refused.id, calls: refused.calls, at: 1, schema: 1, code: 'refused/rejected', message: 'No.' }]
          : [],
      },
    )
    cursor = String(next)
    tell('committed', { cursor: next, client, settled, refused: refused?.id })
    if (next % 5 === 0 && position !== null) await disk.compact({ term, cursor }, position)
    if (next % 7 === 0) await restage(term, cursor, next)
  }
}

async function restage(term: number, cursor: string, step: number): Promise<void> {
  const staging = await disk.stage()
  await staging.add(
    Array.from({ length: rowsPerStep }, (_, i) => ['rows', { id: `r${i}`, text: `step ${step}`, filler: 'y'.repeat(20_000) }] as const),
  )
  await staging.commit({ term, cursor }, { patches: [], cursor, version: step, epoch: 'e', now: 1, confirmed: {}, quarantined: [] })
}

// Synchronous, so that what the test has heard did happen, and nothing later has begun.
function tell(what: string, value: unknown): void {
  const request = new XMLHttpRequest()
  request.open('POST', `/${what}`, false)
  request.send(JSON.stringify(value))
}
