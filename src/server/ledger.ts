// What is known of a push's clients and mutation ids, and what this push adds. It knows no row.
import { TidemarkError } from '../errors.ts'
import type { Mutation } from '../protocol/mutation.ts'
import type { PushRequest, Verdict } from '../protocol/push.ts'
import type { SpaceReader, StoredClient, StoredVerdict } from './database.ts'
import { failureToRefusal, type Refused, sayVerdict } from './verdict.ts'

/** The book of clients and verdicts, open at one push. */
export interface Ledger {
  /** The verdict where it is known already: given before, or `retry` for what is out of turn. */
  find(mutation: Mutation): Verdict | undefined
  /** Why a mutation whose turn it is may not run: its id was refused before, or something that it builds on was not applied. `applied` where its id was. */
  findRefusal(mutation: Mutation): Refused | 'applied' | undefined
  /** Writes down the verdict of a mutation whose turn it is. */
  note(mutation: Mutation, outcome: Refused | 'applied'): Verdict
  /** What was written down. */
  news(): { readonly clients: readonly StoredClient[]; readonly verdicts: readonly StoredVerdict[] }
}

/** Reads what is known about a push; what it adds carries `version`. */
export async function readLedger(reader: SpaceReader, { group, user, mutations }: PushRequest, version: number): Promise<Ledger> {
  const clients = new Map<string, StoredClient>()
  for (const client of await reader.clients(unique(mutations.map((mutation) => mutation.client)))) clients.set(client.client, client)
  const isOld = ({ client, seq }: Mutation): boolean => seq <= (clients.get(client)?.seq ?? 0)
  const old = await reader.verdicts(mutations.filter(isOld).map(({ client, seq }) => [client, seq] as const))
  const verdicts = new Map(old.map((verdict) => [keyOf(verdict), verdict]))
  const found = await reader.fates(unique(mutations.flatMap(({ id, needs = [] }) => [id, ...needs])))
  const fates = new Map(found.map((fate) => [fate.id, fate]))
  const foreign = await findForeign(reader, found, user)

  const freshClients = new Map<string, StoredClient>()
  const freshVerdicts: StoredVerdict[] = []

  const retry = ({ client, seq }: Mutation, code: Verdict['code'], expected?: number): Verdict => ({
    client,
    seq,
    status: 'retry',
    ...(code ? { code } : {}),
    ...(expected ? { expected } : {}),
  })
  return {
    find(mutation) {
      const { client, seq, id } = mutation
      const known = clients.get(client)
      // somebody else's client is as good as none: whose it is, is not said
      if (known ? known.user !== user || known.group !== group : seq > 1) return retry(mutation, 'outdated/client-forgotten')
      const last = known?.seq ?? 0
      if (seq > last + 1) return retry(mutation, 'outdated/mutation-gap', last + 1)
      if (seq === last + 1) return undefined
      const stored = verdicts.get(keyOf(mutation))
      if (stored?.id === markCopied(id)) return sayVerdict(stored)
      if (stored?.id !== id) return retry(mutation, 'outdated/client-forked')
      return sayVerdict(fates.get(id)?.status === 'applied' ? { ...stored, status: 'applied' } : stored)
    },
    findRefusal({ id, attempt = 1, needs = [] }) {
      const earlier = fates.get(id)
      if (earlier && foreign.has(id)) return failureToRefusal(new TidemarkError('refused/forbidden'))
      if (earlier?.status === 'applied') return 'applied'
      if (earlier && attempt <= earlier.attempt) return toRefused(earlier)
      if (needs.some((need) => foreign.has(need) || fates.get(need)?.status !== 'applied'))
        return failureToRefusal(new TidemarkError('refused/dependency'))
      return undefined
    },
    note(mutation, outcome) {
      const { client, seq, id } = mutation
      const earlier = foreign.has(id) ? undefined : fates.get(id)
      const isRepeat = earlier !== undefined && (earlier.status === 'applied' || (mutation.attempt ?? 1) <= earlier.attempt)
      const stored: StoredVerdict = {
        ...{ client, group, seq, id: foreign.has(id) ? markCopied(id) : id, version },
        attempt: isRepeat ? earlier.attempt : (mutation.attempt ?? 1),
        ...(outcome === 'applied' ? { status: 'applied' } : { status: 'refused', ...outcome }),
      }
      const known: StoredClient = { client, group, user, seq }
      clients.set(client, known)
      freshClients.set(client, known)
      verdicts.set(keyOf(stored), stored)
      freshVerdicts.push(stored)
      if (!foreign.has(id)) fates.set(id, stored)
      return sayVerdict(stored)
    },
    news: () => ({ clients: [...freshClients.values()], verdicts: freshVerdicts }),
  }
}

// Ids are random: one that somebody else has used was not drawn, but copied.
async function findForeign(reader: SpaceReader, fates: readonly StoredVerdict[], user: string | null): Promise<ReadonlySet<string>> {
  if (fates.length === 0) return new Set()
  const authors = new Map((await reader.clients(unique(fates.map(({ client }) => client)))).map((client) => [client.client, client]))
  return new Set(fates.filter(({ client }) => authors.get(client)?.user !== user).map(({ id }) => id))
}

// A copied id gets its verdict under a name that no client can send, being too long: it hides nothing from the author of the id.
function markCopied(id: string): string {
  return `copied${' '.repeat(256)}${id}`
}

function toRefused({ code = 'refused/rejected', message = '', reason }: StoredVerdict): Refused {
  return { code, message, ...(reason === undefined ? {} : { reason }) }
}

function keyOf({ client, seq }: Pick<Mutation, 'client' | 'seq'>): string {
  return `${seq}/${client}`
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)]
}
