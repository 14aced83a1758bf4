import type { TidemarkError } from '../errors.ts'

/** The stages of one mutation, as promises that crash nothing when nobody awaits them. */
export interface Stages {
  readonly durable: Promise<void>
  readonly accepted: Promise<void>
  readonly confirmed: Promise<void>
}

/** The stages of all mutations that are not settled, by id. */
export interface StageBook {
  open(id: string): Stages
  find(id: string): Stages | undefined
  durable(id: string): void
  /** The disk refused it; it is shown and pushed all the same. */
  volatile(id: string, error: TidemarkError): void
  accepted(id: string): void
  /** Its result is what is shown: nothing more is to come. */
  confirmed(id: string): void
  refused(id: string, error: TidemarkError): void
  /** It never was: its own mutator refused it here. */
  failed(id: string, error: TidemarkError): void
  /** The store closes: what is open stays so for ever, and nobody waits any more. */
  closeAll(error: TidemarkError): void
}

/** An empty book. */
export function makeStageBook(): StageBook {
  const stagesById = new Map<string, Record<keyof Stages, Deferred>>()
  const settle = (id: string, act: (stages: Record<keyof Stages, Deferred>) => void): void => {
    const stages = stagesById.get(id)
    if (stages) act(stages)
  }
  const end = (id: string, error: TidemarkError): void =>
    settle(id, ({ accepted, confirmed }) => {
      accepted.reject(error)
      confirmed.reject(error)
    })
  return {
    open(id) {
      const stages = stagesById.get(id) ?? { durable: makeDeferred(), accepted: makeDeferred(), confirmed: makeDeferred() }
      stagesById.set(id, stages)
      return toPromises(stages)
    },
    find(id) {
      const stages = stagesById.get(id)
      return stages && toPromises(stages)
    },
    durable: (id) => settle(id, ({ durable }) => durable.resolve()),
    volatile: (id, error) => settle(id, ({ durable }) => durable.reject(error)),
    accepted: (id) => settle(id, ({ accepted }) => accepted.resolve()),
    confirmed(id) {
      settle(id, ({ durable, accepted, confirmed }) => {
        durable.resolve()
        accepted.resolve()
        confirmed.resolve()
      })
      stagesById.delete(id)
    },
    refused(id, error) {
      end(id, error)
      settle(id, ({ durable }) => durable.resolve())
      stagesById.delete(id)
    },
    failed(id, error) {
      settle(id, ({ durable }) => durable.reject(error))
      end(id, error)
      stagesById.delete(id)
    },
    closeAll(error) {
      for (const [id, { durable }] of stagesById) {
        durable.reject(error)
        end(id, error)
      }
      stagesById.clear()
    },
  }
}

interface Deferred {
  readonly promise: Promise<void>
  resolve(): void
  reject(error: TidemarkError): void
}

function makeDeferred(): Deferred {
  let resolve = (): void => {}
  let reject = (_: TidemarkError): void => {}
  const promise = new Promise<void>((yes, no) => {
    resolve = yes
    reject = no
  })
  promise.catch(() => {})
  return { promise, resolve, reject }
}

function toPromises({ durable, accepted, confirmed }: Record<keyof Stages, Deferred>): Stages {
  return { durable: durable.promise, accepted: accepted.promise, confirmed: confirmed.promise }
}
