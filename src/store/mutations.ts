import { TidemarkError } from '../errors.ts'
import type { AnyMutators, MutatorDefinition } from '../mutator/mutator.ts'
import type { StageBook, Stages } from '../pending/stages.ts'
import type { Call } from '../protocol/mutation.ts'
import { pushLimits } from '../protocol/push.ts'
import type { Replica } from '../sync/replica.ts'
import { refusalToError } from '../sync/refusal.ts'
import { isSame } from '../util/compare.ts'
import type { Json } from '../util/json.ts'
import type { Written, Writing } from './mutate.ts'

/** What the calls of mutators work with. */
export interface MutationsOptions {
  readonly mutators: AnyMutators
  readonly replica: Replica
  readonly book: StageBook
  readonly newId: () => string
  /** Checks that arguments pass their schema a second time unchanged, as they must on the server. */
  readonly isDevelopment: boolean
  /** Raises `misuse/closed`. */
  readonly mustBeOpen: () => void
}

/** The calls of a store's mutators, by name. */
export interface Mutations {
  call(name: string, args: readonly unknown[]): Writing
  batch(run: () => void): Writing
  find(id: string): Written | undefined
}

/** Makes the calls over a replica. */
export function makeMutations({ mutators, replica, book, newId, isDevelopment, mustBeOpen }: MutationsOptions): Mutations {
  let collecting: { readonly id: string; readonly calls: Call[] } | undefined

  const commit = (id: string, calls: readonly Call[]): Writing => {
    const writing = makeWriting(id, book)
    try {
      mustFitPush(calls)
      replica.mutate(id, calls)
    } catch (error) {
      const failure = error instanceof TidemarkError ? error : new TidemarkError('bug/invariant', { cause: error })
      book.failed(id, failure)
      if (!failure.code.startsWith('refused/')) throw failure
    }
    return writing
  }
  return {
    call(name, args) {
      mustBeOpen()
      const definition = mutators.byName.get(name)
      if (!definition) throw new TidemarkError('misuse/unknown-mutator', { details: { name, known: [...mutators.byName.keys()] } })
      const parsed = definition.parse(args, name)
      if (isDevelopment) mustPassAgain(definition, parsed, name)
      const call: Call = [name, [...parsed]]
      if (!collecting) return commit(newId(), [call])
      collecting.calls.push(call)
      return makeWriting(collecting.id, book)
    },
    batch(run) {
      mustBeOpen()
      // a batch inside a batch is part of it
      if (collecting) {
        run()
        return makeWriting(collecting.id, book)
      }
      const batch = { id: newId(), calls: [] as Call[] }
      collecting = batch
      try {
        run()
      } catch (error) {
        book.failed(batch.id, error instanceof TidemarkError ? error : new TidemarkError('refused/mutator-failed', { cause: error }))
        throw error
      } finally {
        collecting = undefined
      }
      return commit(batch.id, batch.calls)
    },
    find(id) {
      const refusal = replica.quarantine.find((held) => held.id === id)
      const item = replica.queue.find(({ mutation }) => mutation.id === id)
      if (!refusal && !item) return undefined
      const stages = book.open(id)
      if (item && item.stage !== 'memory') book.durable(id)
      if (refusal) book.refused(id, refusalToError(refusal))
      return new MadeMutation(id, stages)
    },
  }
}

function makeWriting(id: string, book: StageBook): Writing {
  return new MutationInTheMaking(new MadeMutation(id, book.open(id)))
}

class MadeMutation implements Written {
  readonly id: string
  readonly #stages: Stages

  constructor(id: string, stages: Stages) {
    this.id = id
    this.#stages = stages
  }

  get durable(): Promise<void> {
    return this.#stages.durable
  }

  get accepted(): Promise<void> {
    return this.#stages.accepted
  }

  get confirmed(): Promise<void> {
    return this.#stages.confirmed
  }
}

// a promise from the moment that somebody treats it as one: most mutations are awaited by nobody
class MutationInTheMaking implements Writing {
  readonly #written: Written
  #promise: Promise<Written> | undefined

  constructor(written: Written) {
    this.#written = written
  }

  get id(): string {
    return this.#written.id
  }

  get durable(): Promise<void> {
    return this.#written.durable
  }

  get accepted(): Promise<void> {
    return this.#written.accepted
  }

  get confirmed(): Promise<void> {
    return this.#written.confirmed
  }

  get [Symbol.toStringTag](): string {
    return 'Promise'
  }

  then<T = Written, E = never>(
    onWritten?: ((written: Written) => T | PromiseLike<T>) | null,
    onRefused?: ((reason: unknown) => E | PromiseLike<E>) | null,
  ): Promise<T | E> {
    return this.#asPromise().then(onWritten, onRefused)
  }

  catch<E = never>(onRefused?: ((reason: unknown) => E | PromiseLike<E>) | null): Promise<Written | E> {
    return this.#asPromise().catch(onRefused)
  }

  finally(onEnd?: (() => void) | null): Promise<Written> {
    return this.#asPromise().finally(onEnd)
  }

  #asPromise(): Promise<Written> {
    this.#promise ??= this.#written.durable.then(() => this.#written)
    return this.#promise
  }
}

function mustPassAgain(definition: MutatorDefinition, parsed: readonly Json[], name: string): void {
  const wrong = (cause?: unknown): never => {
    const message = `The schema of ${name}’s arguments does not take its own output unchanged, as the server must. Transform before the call, or let the schema accept both.`
    throw new TidemarkError('misuse/schema', { details: { name }, message, cause })
  }
  let again: readonly Json[] = []
  try {
    again = definition.parse(parsed, name)
  } catch (error) {
    wrong(error)
  }
  if (!isSame(again, parsed)) wrong()
}

// what surrounds the calls of one mutation in a push
const envelopeBytes = 10_000

// beyond these the server takes no push: what comes after it in the queue could never go
function mustFitPush(calls: readonly Call[]): void {
  if (calls.length > pushLimits.calls)
    throw new TidemarkError('invalid/too-large', { details: { calls: calls.length, limit: pushLimits.calls } })
  // exact only where it may matter: most calls are small
  if (maxBytesOf(calls as Json) <= pushLimits.bytes - envelopeBytes) return
  const bytes = new TextEncoder().encode(JSON.stringify(calls)).length
  if (bytes > pushLimits.bytes - envelopeBytes)
    throw new TidemarkError('invalid/too-large', { details: { bytes, limit: pushLimits.bytes } })
}

// a number has at most 24 characters; one of a text is at most six bytes: \u0000
function maxBytesOf(value: Json | undefined): number {
  if (typeof value === 'string') return value.length * 6 + 3
  if (typeof value !== 'object' || value === null) return 25
  let bytes = 2
  if (Array.isArray(value)) {
    for (const item of value) bytes += maxBytesOf(item)
  } else {
    const object = value as { readonly [key: string]: Json | undefined }
    for (const key of Object.keys(object)) bytes += key.length * 6 + 3 + maxBytesOf(object[key])
  }
  return bytes
}
