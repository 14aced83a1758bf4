import { type ErrorCode, errorTable } from '../errors.ts'
import type { Refusal } from '../protocol/pull.ts'
import type { SpaceReader } from './database.ts'

/** Whose mutations are spoken of. A group is bound to its user: of another's there is nothing to tell. */
export interface OutcomeOwner {
  readonly group: string
  readonly user: string | null
}

/** What became of a group's mutations. */
export interface Outcomes {
  readonly confirmed: Record<string, number>
  readonly refused: Refusal[]
  readonly again?: string[]
}

/** Nothing to tell yet. */
export function makeNoOutcomes(): Outcomes {
  return { confirmed: {}, refused: [] }
}

/** The verdicts after `version`, and how far every client of the group has come. */
export async function readOutcomes(reader: SpaceReader, { group, user }: OutcomeOwner, version: number): Promise<Outcomes> {
  const clients = (await reader.group(group)).filter((client) => client.user === user)
  if (clients.length === 0) return makeNoOutcomes()
  return {
    ...(await readNews(reader, { group, user }, version)),
    confirmed: Object.fromEntries(clients.map(({ client, seq }) => [client, seq])),
  }
}

/** The verdicts after `version`; `confirmed` names the clients that they are about. */
export async function readNews(reader: SpaceReader, { group, user }: OutcomeOwner, version: number): Promise<Outcomes> {
  const all = await reader.outcomes(group, version)
  if (all.length === 0) return makeNoOutcomes()
  const own = new Set(
    (await reader.clients([...new Set(all.map(({ client }) => client))]))
      .filter((client) => client.user === user)
      .map(({ client }) => client),
  )
  const verdicts = all.filter(({ client }) => own.has(client))
  const refusals = verdicts.filter(({ status }) => status === 'refused')
  const fates = refusals.length > 0 ? await reader.fates(refusals.map(({ id }) => id)) : []
  const appliedSince = new Set(fates.filter(({ status }) => status === 'applied').map(({ id }) => id))
  // an id runs again only under a higher attempt
  const again = verdicts.filter(({ status, attempt }) => status === 'applied' && attempt > 1).map(({ id }) => id)
  const seqByClient = new Map<string, number>()
  for (const { client, seq } of verdicts) seqByClient.set(client, Math.max(seq, seqByClient.get(client) ?? 0))
  return {
    confirmed: Object.fromEntries(seqByClient),
    refused: refusals
      .filter(({ id }) => !appliedSince.has(id))
      .map(({ client, seq, code = 'refused/rejected', message, reason }) => ({
        client,
        seq,
        code,
        message: message ?? errorTable[code as ErrorCode],
        ...(reason === undefined ? {} : { reason }),
      })),
    ...(again.length > 0 ? { again: [...new Set(again)] } : {}),
  }
}
