// What there is to tell the listeners of a space after commits, read once for all of them:
//
//   per user ──────────────► audiences, again ─► changed: wake
//   per (seen, audiences) ─► patches, made into text once ─► too many: wake
//   per (group, seen) ─────► verdicts ─► range { min, max, … }, or nothing where nothing is to be seen
import type { PokeRequest } from '../protocol/poke.ts'
import type { SpaceHead, SpaceReader } from './database.ts'
import type { EventStream } from './event-stream.ts'
import { type Outcomes, readNews } from './outcome.ts'
import { afterVersion, findChanges } from './page.ts'
import type { Setup } from './setup.ts'
import { findAudiences } from './space.ts'

/** Who listens, and what it has been told. */
export interface Listener extends Pick<PokeRequest, 'user' | 'group'> {
  readonly events: EventStream
  audiences: readonly string[]
  epoch: string
  /** What this connection was told of; ranges begin after it. */
  told: number
  /** Up to here there is nothing to tell but what was told. */
  seen: number
}

/** Reads for all who are behind; the answers are what to do once the state is let go. */
export async function planPass(setup: Setup, reader: SpaceReader, listeners: readonly Listener[]): Promise<readonly (() => void)[]> {
  const head = await reader.head()
  const now = setup.world.clock.now()
  const limits = { patches: setup.limits.pagePatches, size: setup.limits.pokeSize }
  // one reader's failure is its own: it alone is woken, and its pull hears of it
  const audiencesOf = keepAnswers((user: string | null) =>
    findAudiences(setup, reader, user).catch((error: unknown) => setup.world.report(error) as undefined),
  )
  const patchesOf = keepAnswers(async (seen: number, audiences: readonly string[]) => {
    const patches = await findChanges(reader, new Map(audiences.map((audience) => [audience, afterVersion(seen)])), limits)
    return patches && { isEmpty: patches.length === 0, text: JSON.stringify(patches) }
  })
  const newsOf = keepAnswers((group: string, user: string | null, seen: number) => readNews(reader, { group, user }, seen))

  const plan: (() => void)[] = []
  for (const listener of listeners) {
    const { user, group, seen } = listener
    if (listener.epoch === head.epoch && seen >= head.version) continue
    const audiences = await audiencesOf(user)
    if (audiences === undefined) {
      plan.push(() => wakeUp(listener, head, { audiences: listener.audiences, now }))
      continue
    }
    const patches = isSameReader(listener, head, audiences) ? await patchesOf(seen, listener.audiences) : undefined
    if (!patches) {
      plan.push(() => wakeUp(listener, head, { audiences, now }))
      continue
    }
    const news = await newsOf(group, user, seen)
    const isNews = !patches.isEmpty || Object.keys(news.confirmed).length > 0
    plan.push(() =>
      tellRange(
        listener,
        head,
        isNews ? makeRange({ epoch: head.epoch, now, min: listener.told + 1, max: head.version }, patches.text, news) : undefined,
      ),
    )
  }
  return plan
}

/** The word that there is something to pull. */
export function makeWake(epoch: string, now: number): string {
  return JSON.stringify({ epoch, now, wake: true })
}

function isSameReader({ epoch, audiences }: Listener, head: SpaceHead, held: readonly string[] | null): boolean {
  return held !== null && epoch === head.epoch && JSON.stringify(held) === JSON.stringify(audiences)
}

function wakeUp(
  listener: Listener,
  head: SpaceHead,
  { audiences, now }: { readonly audiences: readonly string[] | null; readonly now: number },
): void {
  Object.assign(listener, { epoch: head.epoch, told: head.version, seen: head.version, audiences: audiences ?? [] })
  listener.events.send(makeWake(head.epoch, now))
  // the pull that follows hears that there is no entry any more
  if (audiences === null) listener.events.close()
}

function tellRange(listener: Listener, { version }: SpaceHead, range: string | undefined): void {
  listener.seen = version
  if (range === undefined) return
  listener.told = version
  listener.events.send(range)
}

// The patches of a range are the same for all who hold the same audiences, and were made into text once.
function makeRange(
  range: { readonly epoch: string; readonly now: number; readonly min: number; readonly max: number },
  patches: string,
  news: Outcomes,
): string {
  return `${JSON.stringify({ ...range, ...news }).slice(0, -1)},"patches":${patches}}`
}

// one question, one answer: within a pass the state stands still
function keepAnswers<A extends readonly unknown[], T>(ask: (...args: A) => Promise<T>): (...args: A) => Promise<T> {
  const answers = new Map<string, Promise<T>>()
  return (...args) => {
    const key = JSON.stringify(args)
    const answer = answers.get(key) ?? ask(...args)
    answers.set(key, answer)
    return answer
  }
}
