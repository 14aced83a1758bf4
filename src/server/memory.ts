import { TidemarkError } from '../errors.ts'
import { type RowKey, splitRowKey } from '../protocol/ids.ts'
import { answerRows } from '../query/answer.ts'
import type { AnyRow } from '../schema/row.ts'
import { assert } from '../util/assert.ts'
import type { RandomBytes } from '../util/id.ts'
import type {
  Database,
  Departure,
  Position,
  SpaceHead,
  SpaceReader,
  SpaceWrite,
  SpaceWriter,
  StoredClient,
  StoredRow,
  StoredVerdict,
} from './database.ts'
import { makeDistinct } from './distinct.ts'
import { Ordered } from './ordered.ts'
import { compareCodePoints } from './position.ts'
import { systemWorld } from './world.ts'

/** A database in memory: the same promises, forgotten with the process. */
export function memoryDatabase({ randomBytes }: { readonly randomBytes: RandomBytes } = systemWorld): Database {
  const epoch = Array.from(randomBytes(16), (byte) => byte.toString(16).padStart(2, '0')).join('')
  const secret = randomBytes(32)
  const states = new Map<string, State>()
  const lastBySpace = new Map<string, Promise<unknown>>()
  const listeners = new Set<(space: string, version: number) => void>()
  let isClosed = false

  const stateOf = (space: string): State => {
    if (isClosed) throw new TidemarkError('misuse/closed', { message: 'This database is closed. Make another one with memoryDatabase().' })
    return states.get(space) ?? makeState(epoch)
  }
  const commit = (space: string, state: State): void => {
    states.set(space, state)
    // later, so that a listener that throws fails by itself and not the writer, whose rows are in
    for (const listener of listeners) void Promise.resolve().then(() => listeners.has(listener) && listener(space, state.head.version))
  }
  return {
    write(space, run) {
      const turn = async () => {
        const before = stateOf(space)
        const writer = makeWriter(before)
        const result = await run(writer)
        if (writer.state !== before) commit(space, writer.state)
        return result
      }
      const mine = (lastBySpace.get(space) ?? Promise.resolve()).then(turn)
      const settled = mine.then(ignore, ignore)
      lastBySpace.set(space, settled)
      void settled.then(() => lastBySpace.get(space) === settled && lastBySpace.delete(space))
      return mine
    },
    async read(space, run) {
      const state = stateOf(space)
      return run(makeReader(() => state))
    },
    async listen(listener) {
      const heard = (space: string, version: number) => listener(space, version)
      listeners.add(heard)
      return async () => void listeners.delete(heard)
    },
    secret: async () => secret,
    async close() {
      await Promise.all(lastBySpace.values())
      isClosed = true
      listeners.clear()
    },
  }
}

// One state of a space. A commit makes another one; readers keep theirs.
interface State {
  readonly head: SpaceHead
  readonly rows: Ordered<StoredRow, Place>
  readonly held: Ordered<StoredRow, Place & Held>
  readonly written: Ordered<StoredRow, Change>
  readonly departed: Ordered<Departure, Place & Held>
  readonly departures: Ordered<Departure, Change>
  readonly clients: Ordered<StoredClient, Pick<StoredClient, 'client'>>
  readonly groups: Ordered<StoredClient, Pick<StoredClient, 'group' | 'client'>>
  readonly verdicts: Ordered<StoredVerdict, Pick<StoredVerdict, 'client' | 'seq'>>
  readonly fates: Ordered<StoredVerdict, Fate>
  readonly outcomes: Ordered<StoredVerdict, Outcome>
}
type Place = Pick<StoredRow, 'collection' | 'id'>
type Held = Pick<StoredRow, 'audience'>
type Change = Departure
type Fate = Pick<StoredVerdict, 'id' | 'version' | 'attempt' | 'status' | 'client' | 'seq'>
type Outcome = Pick<StoredVerdict, 'group' | 'version' | 'client' | 'seq'>

const comparePlace = (a: Place, b: Place) => compareCodePoints(a.collection, b.collection) || compareCodePoints(a.id, b.id)
const compareHeld = (a: Place & Held, b: Place & Held) => compareCodePoints(a.audience, b.audience) || comparePlace(a, b)
const compareMoment = (a: Departure | StoredRow, b: Departure | StoredRow) => a.version - b.version || comparePlace(a, b)
const compareChange = (a: Change, b: Change) => compareCodePoints(a.audience, b.audience) || compareMoment(a, b)
const compareCall = (a: Pick<StoredVerdict, 'client' | 'seq'>, b: Pick<StoredVerdict, 'client' | 'seq'>) =>
  compareCodePoints(a.client, b.client) || a.seq - b.seq
// the newest first
const compareFate = (a: Fate, b: Fate) =>
  compareCodePoints(a.id, b.id) ||
  b.version - a.version ||
  b.attempt - a.attempt ||
  compareCodePoints(a.status, b.status) ||
  compareCall(b, a)

function makeState(epoch: string): State {
  return {
    head: { version: 0, epoch, floor: 0 },
    rows: new Ordered(comparePlace),
    held: new Ordered(compareHeld),
    written: new Ordered(compareChange),
    departed: new Ordered(compareHeld),
    departures: new Ordered(compareChange),
    clients: new Ordered((a, b) => compareCodePoints(a.client, b.client)),
    groups: new Ordered((a, b) => compareCodePoints(a.group, b.group) || compareCodePoints(a.client, b.client)),
    verdicts: new Ordered(compareCall),
    fates: new Ordered(compareFate),
    outcomes: new Ordered((a, b) => compareCodePoints(a.group, b.group) || a.version - b.version || compareCall(a, b)),
  }
}

function makeReader(current: () => State): SpaceReader {
  return {
    head: async () => current().head,
    rows: async (keys) => [...new Set(keys)].flatMap((key) => current().rows.find(makePlace(key)) ?? []),
    async select(ast) {
      const rowsByValue = new Map<AnyRow, StoredRow>()
      const rows = whileIn(current().rows.from({ collection: ast.from, id: '' }), (row) => row.collection === ast.from)
      for (const row of rows) rowsByValue.set(row.value, row)
      return answerRows(ast, rowsByValue.keys()).flatMap((value) => rowsByValue.get(value) ?? [])
    },
    async count(audiences) {
      let count = 0
      for (const audience of new Set(audiences)) for (const _ of rowsHeld(current(), audience, ['', ''])) count++
      return count
    },
    async fill(audience, after, version, limit) {
      const page: StoredRow[] = []
      for (const row of rowsHeld(current(), audience, after)) {
        if (page.length === limit) break
        if (row.version <= version) page.push(row)
      }
      return page
    },
    changes: async (positionsByAudience, limit) => findChanges(current(), positionsByAudience, limit),
    clients: async (ids) => [...new Set(ids)].flatMap((client) => current().clients.find({ client }) ?? []),
    group: async (group) => whileIn(current().groups.from({ group, client: '' }), (client) => client.group === group),
    verdicts: async (keys) => {
      const found = keys.flatMap(([client, seq]) => current().verdicts.find({ client, seq }) ?? [])
      return [...new Set(found)]
    },
    fates: async (ids) => [...new Set(ids)].flatMap((id) => findFate(current(), id) ?? []),
    outcomes: async (group, version) =>
      whileIn(current().outcomes.from({ group, version: version + 1, client: '', seq: 0 }), (verdict) => verdict.group === group),
  }
}

function makeWriter(before: State): SpaceWriter & { readonly state: State } {
  let state = before
  return {
    ...makeReader(() => state),
    get state() {
      return state
    },
    async write(batch) {
      assert(state === before, 'a transaction writes once')
      assert(batch.version > before.head.version, 'a version is higher than the one before it')
      state = applyWrite(before, batch)
    },
  }
}

function applyWrite(state: State, batch: SpaceWrite): State {
  const { rows, removed, departures, clients, verdicts } = makeDistinct(batch)
  const gone = [...removed.map(makePlace), ...rows].flatMap((place) => state.rows.find(place) ?? [])
  const oldClients = clients.flatMap((client) => state.clients.find(client) ?? [])
  const oldVerdicts = verdicts.flatMap((verdict) => state.verdicts.find(verdict) ?? [])
  const oldDepartures = departures.flatMap((left) => state.departed.find(left) ?? [])
  return {
    head: { ...state.head, version: batch.version },
    rows: state.rows.edited(gone, rows),
    held: state.held.edited(gone, rows),
    written: state.written.edited(gone, rows),
    departed: state.departed.edited(oldDepartures, departures),
    departures: state.departures.edited(oldDepartures, departures),
    clients: state.clients.edited(oldClients, clients),
    groups: state.groups.edited(oldClients, clients),
    verdicts: state.verdicts.edited(oldVerdicts, verdicts),
    fates: state.fates.edited(oldVerdicts, verdicts),
    outcomes: state.outcomes.edited(oldVerdicts, verdicts),
  }
}

// Of each list the first `limit` and what shares the last place: the first `limit` of all lie among them.
function findChanges(state: State, positionsByAudience: ReadonlyMap<string, Position>, limit: number): readonly (StoredRow | Departure)[] {
  const found: (StoredRow | Departure)[] = []
  for (const [audience, [version, collection, id]] of positionsByAudience) {
    const position = { audience, version, collection, id }
    for (const list of [state.departures, state.written]) {
      let count = 0
      for (const change of list.after(position)) {
        if (change.audience !== audience || count++ === limit) break
        found.push(change)
      }
    }
  }
  found.sort((a, b) => compareMoment(a, b) || Number('value' in a) - Number('value' in b) || compareCodePoints(a.audience, b.audience))
  const last = found[limit - 1]
  return last ? found.filter((change) => compareMoment(change, last) <= 0) : found
}

function* rowsHeld(state: State, audience: string, [collection, id]: readonly [collection: string, id: string]): Generator<StoredRow> {
  for (const row of state.held.after({ audience, collection, id })) {
    if (row.audience !== audience) return
    yield row
  }
}

function findFate(state: State, id: string): StoredVerdict | undefined {
  const newest: Fate = { id, version: Infinity, attempt: Infinity, status: 'applied', client: '', seq: Infinity }
  const [found] = state.fates.from(newest)
  return found?.id === id ? found : undefined
}

function whileIn<Item>(items: Iterable<Item>, isIn: (item: Item) => boolean): Item[] {
  const found: Item[] = []
  for (const item of items) {
    if (!isIn(item)) break
    found.push(item)
  }
  return found
}

function makePlace(key: RowKey): Place {
  const [collection, id] = splitRowKey(key)
  return { collection, id }
}

function ignore(): void {}
