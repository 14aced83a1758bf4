import { TidemarkError } from '../errors.ts'
import type { Status } from '../query/query.ts'
import { effect, type ReadonlySignal } from '../reactive.ts'

/** Resolves when the status is ready. Rejects with its error, with what `stopped` was aborted with, or with `misuse/closed`. */
export function untilLoaded(of: {
  readonly status: ReadonlySignal<Status>
  readonly isClosed: ReadonlySignal<boolean>
  readonly stopped: AbortSignal | undefined
}): Promise<void> {
  return new Promise((resolve, reject) => {
    let dispose: (() => void) | undefined
    let isDone = false
    const finish = (settle: () => void): void => {
      isDone = true
      dispose?.()
      of.stopped?.removeEventListener('abort', onAbort)
      settle()
    }
    const onAbort = (): void => finish(() => reject(of.stopped?.reason))
    if (of.stopped?.aborted) return onAbort()
    of.stopped?.addEventListener('abort', onAbort)
    dispose = effect(() => {
      const { state, error } = of.status.value
      if (isDone) return
      if (of.isClosed.value) finish(() => reject(new TidemarkError('misuse/closed')))
      else if (state === 'ready') finish(resolve)
      else if (state === 'error') finish(() => reject(error))
    })
    if (isDone) dispose()
  })
}
