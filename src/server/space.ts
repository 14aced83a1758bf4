import { TidemarkError } from '../errors.ts'
import type { AnswerEnvelope, RequestEnvelope } from '../protocol/envelope.ts'
import { PROTOCOL_VERSION } from '../protocol/version.ts'
import { heldAudiences, sharedAudience } from './audience.ts'
import type { SpaceHead, SpaceReader } from './database.ts'
import type { Setup } from './setup.ts'
import { askApp, makeRunner } from './tx.ts'

/** A space as one request finds it. */
export interface Visit {
  readonly head: SpaceHead
  /** What every answer carries, at the head's version. */
  readonly envelope: AnswerEnvelope
  /** What the caller may see. */
  readonly audiences: readonly string[]
}

/** Lets the caller in. Raises `auth/forbidden-space`, alike for a space that is not there. */
export async function enterSpace(setup: Setup, reader: SpaceReader, request: Pick<RequestEnvelope, 'user'>): Promise<Visit> {
  const audiences = await findAudiences(setup, reader, request.user)
  if (audiences === null) throw new TidemarkError('auth/forbidden-space')
  const head = await reader.head()
  return {
    head,
    audiences,
    envelope: { tidemark: PROTOCOL_VERSION, epoch: head.epoch, version: head.version, now: setup.world.clock.now() },
  }
}

/** The audiences that a user holds in this state of the space, in order; null is no entry. */
export async function findAudiences(
  { schema, audiences, world }: Setup,
  reader: SpaceReader,
  user: string | null,
): Promise<readonly string[] | null> {
  if (!audiences) return [sharedAudience]
  const context = { user, authoredAt: world.clock.now(), mutationId: 'audiences' }
  const { answer } = await askApp(makeRunner(reader, world.clock), schema, { context, ask: audiences })
  return heldAudiences(answer)
}
