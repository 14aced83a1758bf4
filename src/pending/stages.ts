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
  const stagesById = new Map<string, LazyStages>()
  const settle = (id: string, act: (stages: LazyStages) => void): void => {
    const stages = stagesById.get(id)
    if (stages) act(stages)
  }
  return {
    open(id) {
      let stages = stagesById.get(id)
      if (!stages) stagesById.set(id, (stages = new LazyStages()))
      return stages
    },
    find: (id) => stagesById.get(id),
    durable: (id) => settle(id, (stages) => stages.durableStage.end('well')),
    volatile: (id, error) => settle(id, (stages) => stages.durableStage.end(error)),
    accepted: (id) => settle(id, (stages) => stages.acceptedStage.end('well')),
    confirmed(id) {
      settle(id, (stages) => stages.endAll('well', 'well'))
      stagesById.delete(id)
    },
    refused(id, error) {
      settle(id, (stages) => stages.endAll('well', error))
      stagesById.delete(id)
    },
    failed(id, error) {
      settle(id, (stages) => stages.endAll(error, error))
      stagesById.delete(id)
    },
    closeAll(error) {
      for (const stages of stagesById.values()) stages.endAll(error, error)
      stagesById.clear()
    },
  }
}

type Ending = 'well' | TidemarkError

// its first ending counts; its promise is made when somebody asks: of most stages nobody does
class Stage {
  #ending: Ending | undefined
  #deferred: Deferred | undefined

  get promise(): Promise<void> {
    if (!this.#deferred) {
      this.#deferred = makeDeferred()
      this.#tell()
    }
    return this.#deferred.promise
  }

  end(ending: Ending): void {
    if (this.#ending !== undefined) return
    this.#ending = ending
    this.#tell()
  }

  #tell(): void {
    if (this.#ending === 'well') this.#deferred?.resolve()
    else if (this.#ending) this.#deferred?.reject(this.#ending)
  }
}

class LazyStages implements Stages {
  readonly durableStage = new Stage()
  readonly acceptedStage = new Stage()
  readonly confirmedStage = new Stage()

  get durable(): Promise<void> {
    return this.durableStage.promise
  }

  get accepted(): Promise<void> {
    return this.acceptedStage.promise
  }

  get confirmed(): Promise<void> {
    return this.confirmedStage.promise
  }

  endAll(durable: Ending, rest: Ending): void {
    this.durableStage.end(durable)
    this.acceptedStage.end(rest)
    this.confirmedStage.end(rest)
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
