import { TidemarkError } from '../errors.ts'
import type { PoolView } from '../pool/change.ts'
import type { QueryAst } from '../query/ast.ts'
import type { Asker } from '../query/builder.ts'
import { queryKey } from '../query/canonical.ts'
import type { Live, Status } from '../query/query.ts'
import { batch, computed, effect, type ReadonlySignal, signal, untracked } from '../reactive.ts'
import type { AnyRow } from '../schema/row.ts'
import type { Clock } from '../util/clock.ts'
import { createLinger } from '../util/linger.ts'
import { makeWeakValues } from '../util/weak-values.ts'
import { compile } from './compile.ts'
import { makeSource, type Tap } from './source.ts'
import { keepSame, type View } from './view.ts'

/*
 * Questions, kept answered. Equal questions share one Live and one pipeline:
 *
 *   closed ──first watcher──▶ open ──last watcher leaves──▶ lingering ──a moment──▶ closed
 *                               ▲────────a watcher─────────────┘
 *
 * Open and lingering, the pipeline hears of each commit. Closed, the question is asked anew when somebody reads, at most once per
 * commit. A Live that nobody holds is forgotten. It does not know where rows come from, nor what a mutation is.
 */

/** What is known of the rows that all questions are asked of. */
export type LiveReadiness = Status

/** What the live floor is handed. */
export interface LivesOptions {
  readonly pool: PoolView
  readonly clock: Clock
  readonly ready: ReadonlySignal<LiveReadiness>
  /** Hears of subscribers that throw and of pipelines that broke: neither disturbs a commit. */
  readonly onError: (error: unknown) => void
  /** How long a pipeline outlives its last watcher; 100 by default. */
  readonly lingerMs?: number
}

/** Answers questions now, when the rows are loaded, and for as long as somebody watches. */
export interface Lives extends Required<Asker> {
  /** How many pipelines are open. */
  readonly count: number
  /** Who watches keeps the last answer; all further questions raise `misuse/closed`. */
  close(): void
}

/** The live floor over a pool. */
export function createLives({ pool, clock, ready, onError, lingerMs = 100 }: LivesOptions): Lives {
  const source = makeSource(pool)
  const status = computed(keepEqual(() => ready.value))
  const commits = signal(0)
  const isClosed = signal(false)
  const interned = makeWeakValues<Live<readonly AnyRow[]>>()
  const open = new Set<() => void>()
  // pipelines that hear of no commit, right until the next one: what is read and then watched is worked out once
  const fresh = new Map<string, Pipeline>()

  const mustBeOpen = (): void => {
    if (isClosed.peek()) throw new TidemarkError('misuse/closed')
  }
  const ask = (key: string, ast: QueryAst): Pipeline => {
    const known = fresh.get(key)
    if (known) return known
    const tap = source.tap(ast)
    const made: Pipeline = { tap, view: compile(ast, tap) }
    if (fresh.size >= freshLimit) fresh.clear()
    fresh.set(key, made)
    return made
  }
  const read = (ast: QueryAst): readonly AnyRow[] => {
    mustBeOpen()
    const key = queryKey(ast)
    return interned.find(key)?.peek() ?? ask(key, ast).view.rows
  }

  const makeLive = (key: string, ast: QueryAst): Live<readonly AnyRow[]> => {
    const turn = signal(0)
    let pipeline: Pipeline | undefined
    let rows: readonly AnyRow[] = []
    const next = (): void => {
      turn.value++
    }
    const start = (): void => {
      const started = ask(key, ast)
      fresh.delete(key)
      pipeline = started
      started.view.onChange = next
      started.tap.open((error) => {
        onError(error)
        started.tap.close()
        start()
      })
      next()
    }
    const linger = createLinger({
      clock,
      ms: lingerMs,
      open() {
        if (isClosed.peek()) return
        start()
        open.add(end)
      },
      close() {
        pipeline?.tap.close()
        pipeline = undefined
        open.delete(end)
        next()
      },
    })
    const end = (): void => {
      pipeline?.tap.close()
      linger.close()
    }
    const answer = computed(
      () => {
        void turn.value
        if (!pipeline) {
          void commits.value
          mustBeOpen()
        }
        rows = keepSame(rows, (pipeline ?? ask(key, ast)).view.rows)
        return rows
      },
      { watched: linger.hold, unwatched: linger.letGo },
    )
    return Object.assign(answer, {
      status,
      subscribe: (listener: (value: readonly AnyRow[]) => void) => subscribe(answer, listener, onError),
    })
  }

  const stop = pool.onCommit((changes) =>
    batch(() => {
      fresh.clear()
      source.push(changes)
      commits.value++
    }),
  )
  return {
    read,
    async run(ast, { signal: stopped } = {}) {
      mustBeOpen()
      await untilLoaded({ status, isClosed, stopped })
      return read(ast)
    },
    live(ast) {
      mustBeOpen()
      const key = queryKey(ast)
      return interned.find(key) ?? interned.set(key, makeLive(key, ast))
    },
    get count() {
      return open.size
    },
    close() {
      if (isClosed.peek()) return
      stop()
      fresh.clear()
      batch(() => {
        isClosed.value = true
        commits.value++
        for (const end of [...open]) end()
      })
    },
  }
}

interface Pipeline {
  readonly tap: Tap
  readonly view: View
}

const freshLimit = 100

// what a subscriber throws would surface at whoever commits
function subscribe<T>(answer: ReadonlySignal<T>, listener: (value: T) => void, onError: (error: unknown) => void): () => void {
  return effect(() => {
    const value = answer.value
    untracked(() => {
      try {
        listener(value)
      } catch (error) {
        onError(error)
      }
    })
  })
}

function untilLoaded(of: {
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

// a status that says the same is the same object, so that it notifies nobody
function keepEqual(read: () => Status): () => Status {
  let known: Status | undefined
  return () => {
    const is = read()
    const isEqual = known?.state === is.state && known.complete === is.complete && known.stale === is.stale && known.error === is.error
    known = isEqual && known ? known : is
    return known
  }
}
