// A server as small as the model needs it: a state for each version, one verdict for each mutation, no gaps, and an audience that comes and goes.
import type { BaseCommit, QuarantinedMutation, QueuedMutation } from '../../src/persist/disk.ts'
import type { Patch } from '../../src/protocol/patch.ts'
import type { AnyRow } from '../../src/schema/row.ts'
import type { Rng } from '../kit/rng.ts'
import { must } from './tabs-truth.ts'

/** What a tab knows of the server: a version, and whether it is in the audience. */
export interface Cursor {
  readonly v: number
  readonly b: boolean
}

/** Nothing. */
export const noCursor: Cursor = { v: 0, b: false }

/** What the server said of a mutation, and when. */
export interface ModelVerdict {
  readonly v: number
  readonly isApplied: boolean
  readonly mutation: QueuedMutation
}

/** The server of the model. */
export interface ModelServer {
  readonly verdictsById: ReadonlyMap<string, ModelVerdict>
  head(): Cursor
  rowsAt(cursor: Cursor): ReadonlyMap<string, AnyRow>
  /** Somebody else writes. */
  write(): void
  moveAudience(): void
  push(mutations: readonly QueuedMutation[]): void
  pull(from: Cursor): BaseCommit
}

/** A server without rows. */
export function createModelServer(rng: Rng): ModelServer {
  const states: ReadonlyMap<string, AnyRow>[] = [new Map()]
  const verdictsById = new Map<string, ModelVerdict>()
  const idBySequence = new Map<string, string>()
  let confirmed: Readonly<Record<string, number>> = {}
  let isMember = true
  const head = (): Cursor => ({ v: states.length - 1, b: isMember })
  const next = (change: (rows: Map<string, AnyRow>, v: number) => void): void => {
    const rows = new Map(states.at(-1))
    change(rows, states.length)
    states.push(rows)
  }
  const rowsAt = ({ v, b }: Cursor): ReadonlyMap<string, AnyRow> =>
    new Map([...(states[v] ?? [])].filter(([key]) => b || !key.startsWith('b')))
  return {
    verdictsById,
    head,
    rowsAt,
    write: () =>
      next((rows, v) => {
        const id = `${rng.pick(['a', 'b'])}${rng.int(0, 5)}`
        if (rows.has(id) && rng.chance(0.3)) rows.delete(id)
        else rows.set(id, { id, text: `S${v}` })
      }),
    moveAudience() {
      isMember = !isMember
      next(() => {})
    },
    push: (mutations) =>
      next((rows, v) => {
        for (const mutation of mutations) {
          const { client, seq, id, calls } = mutation
          const known = idBySequence.get(`${client} ${seq}`)
          must(known === undefined || known === id, 'a sequence number was used twice')
          if (known !== undefined || seq !== (confirmed[client] ?? 0) + 1) continue
          const key = String(calls[0]?.[1][0])
          const isApplied = rng.chance(0.75)
          if (isApplied) rows.set(key, { id: key, text: `S${v} ${id}` })
          confirmed = { ...confirmed, [client]: seq }
          idBySequence.set(`${client} ${seq}`, id)
          verdictsById.set(id, { v, isApplied, mutation })
        }
      }),
    pull(from) {
      const to = head()
      const refused = [...verdictsById.values()].filter(({ v, isApplied }) => !isApplied && v > from.v)
      return {
        patches: makePatches(rowsAt(from), rowsAt(to), from.b && !to.b),
        cursor: JSON.stringify(to),
        version: to.v,
        epoch: 'e',
        now: 1,
        confirmed,
        quarantined: refused.map(({ mutation }) => makeRefused(mutation)),
      }
    },
  }
}

function makePatches(before: ReadonlyMap<string, AnyRow>, after: ReadonlyMap<string, AnyRow>, isLeft: boolean): readonly Patch[] {
  const isTeam = (id: string): boolean => id.startsWith('b')
  const audience = (id: string) => (isTeam(id) ? { audience: 'team' } : {})
  const gone = [...before.keys()].filter((id) => !after.has(id) && !(isLeft && isTeam(id)))
  const changed = [...after.values()].filter((row) => before.get(row.id) !== row)
  return [
    ...(isLeft ? [{ op: 'leave' as const, audience: 'team' }] : []),
    ...gone.map((id) => ({ op: 'del' as const, collection: 'rows', id, ...audience(id) })),
    ...changed.map((value) => ({ op: 'put' as const, collection: 'rows', id: value.id, value, ...audience(value.id) })),
  ]
}

function makeRefused({ sent: _, ...mutation }: QueuedMutation): QuarantinedMutation {
  return { ...mutation, code: 'refused/rejected', message: 'No.' }
}
