// A push is one transaction under the lock of its space:
//
//   lock ─► what is known of its clients and ids ─► each mutation in turn, in memory ─► rows, departures, verdicts, clients, one version
//
// Where the database refuses what was written, it is done again a mutation at a time, so that the culprit alone is refused.
import { TidemarkError } from '../errors.ts'
import type { Mutation } from '../protocol/mutation.ts'
import type { PushAnswer, PushRequest, Verdict } from '../protocol/push.ts'
import type { SpaceWriter } from './database.ts'
import { type Changes, makeChanges } from './changes.ts'
import { type Ledger, readLedger } from './ledger.ts'
import type { Setup } from './setup.ts'
import { enterSpace } from './space.ts'
import { failureToRefusal, type Refused } from './verdict.ts'

/** Answers a push with a verdict for each mutation. Raises `auth/forbidden-space`, `outdated/epoch-changed`, `outdated/schema`, `invalid/too-large`. */
export async function answerPush(setup: Setup, request: PushRequest): Promise<PushAnswer> {
  const { mutations } = request
  if (mutations.length > setup.limits.pushMutations)
    throw new TidemarkError('invalid/too-large', {
      details: { limit: setup.limits.pushMutations },
      message: `A push carries ${setup.limits.pushMutations} mutations at most. Split it.`,
    })
  if ([request, ...mutations].some(({ schema }) => schema > setup.schema.version))
    throw new TidemarkError('outdated/schema', { details: { version: setup.schema.version } })
  try {
    return await pushTogether(setup, request)
  } catch (error) {
    if (!isConstraint(error)) throw error
    return pushOneByOne(setup, request)
  }
}

async function pushOneByOne(setup: Setup, request: PushRequest): Promise<PushAnswer> {
  const verdicts: Verdict[] = []
  let last: PushAnswer | undefined
  for (const mutation of request.mutations) {
    if (verdicts.at(-1)?.status === 'retry') verdicts.push(makeRetry(mutation))
    else {
      last = await pushAlone(setup, { ...request, mutations: [mutation] })
      verdicts.push(...last.verdicts)
    }
  }
  return { ...(last as PushAnswer), verdicts }
}

async function pushAlone(setup: Setup, request: PushRequest): Promise<PushAnswer> {
  try {
    return await pushTogether(setup, request)
  } catch (error) {
    if (!isConstraint(error)) throw error
    return pushTogether(setup, request, failureToRefusal(error))
  }
}

function pushTogether(setup: Setup, request: PushRequest, known?: Refused): Promise<PushAnswer> {
  return setup.database.write(request.space, async (writer) => {
    const { head, envelope } = await enterSpace(setup, writer, request)
    if (request.epoch !== undefined && request.epoch !== head.epoch)
      throw new TidemarkError('outdated/epoch-changed', { details: { epoch: head.epoch } })
    const ledger = await readLedger(writer, request, head.version + 1)
    const changes = makeChanges(setup, writer, request.user)
    const verdicts = await judge(setup, request.mutations, { ledger, changes, known })
    const version = await writePush(writer, head.version, { ledger, changes })
    return { ...envelope, version, verdicts }
  })
}

interface Bench {
  readonly ledger: Ledger
  readonly changes: Changes
  readonly known: Refused | undefined
}

async function judge({ world }: Setup, mutations: readonly Mutation[], { ledger, changes, known }: Bench): Promise<Verdict[]> {
  const verdicts: Verdict[] = []
  const end = world.clock.now() + lockMs
  if (!known) await changes.prepare(mutations.filter((mutation) => isOpen(ledger.find(mutation))))
  for (const mutation of mutations) {
    const isOver = verdicts.at(-1)?.status === 'retry' || (verdicts.length > 0 && world.clock.now() > end)
    const found = isOver ? makeRetry(mutation) : ledger.find(mutation)
    verdicts.push(found ?? ledger.note(mutation, ledger.findRefusal(mutation) ?? known ?? (await changes.apply(mutation))))
  }
  return verdicts
}

// a push that brought nothing new writes nothing, and the space stays at its version
async function writePush(writer: SpaceWriter, head: number, { ledger, changes }: Pick<Bench, 'ledger' | 'changes'>): Promise<number> {
  const { clients, verdicts } = ledger.news()
  if (verdicts.length === 0) return head
  const version = head + 1
  await writer.write({ version, ...(await changes.list(version)), clients, verdicts })
  return version
}

function isOpen(verdict: Verdict | undefined): boolean {
  // in turn, or perhaps once those before it have had theirs
  return verdict === undefined || verdict.status === 'retry'
}

function makeRetry({ client, seq }: Mutation): Verdict {
  return { client, seq, status: 'retry' }
}

function isConstraint(error: unknown): error is TidemarkError {
  return error instanceof TidemarkError && error.code === 'refused/constraint'
}

// others wait for the lock
const lockMs = 1000
