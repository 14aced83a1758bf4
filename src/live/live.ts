import { TidemarkError } from '../errors.ts'
import type { Change, PoolView } from '../pool/change.ts'
import type { QueryAst } from '../query/ast.ts'
import type { Asker } from '../query/builder.ts'
import { queryKey } from '../query/canonical.ts'
import type { Live, Status } from '../query/query.ts'
import { batch, computed, effect, type ReadonlySignal, type Signal, signal, untracked } from '../reactive.ts'
import type { AnyRow } from '../schema/row.ts'
import type { Clock } from '../util/clock.ts'
import { createLinger } from '../util/linger.ts'
import { makeWeakValues } from '../util/weak-values.ts'
import { compile } from './compile.ts'
import { makeSource, type Source, type Tap } from './source.ts'
import { untilLoaded } from './until-loaded.ts'
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
  /** What is known of the rows; it notifies nobody when it says the same. */
  readonly status: ReadonlySignal<Status>
  /** Who watches keeps the last answer; all further questions raise `misuse/closed`. */
  close(): void
}

/** The live floor over a pool. */
export function createLives({ pool, clock, ready, onError, lingerMs = 100 }: LivesOptions): Lives {
  const ask = makeAsk(makeSource(pool))
  const floor: Floor = {
    ask,
    commits: signal(0),
    isClosed: signal(false),
    status: computed(keepEqual(() => ready.value)),
    open: new Set(),
    lingering: { clock, ms: lingerMs },
    onError,
  }
  const { commits, isClosed, open, status } = floor
  const interned = makeWeakValues<Live<readonly AnyRow[]>>()
  const mustBeOpen = (): void => {
    if (isClosed.peek()) throw new TidemarkError('misuse/closed')
  }
  const read = (ast: QueryAst): readonly AnyRow[] => {
    mustBeOpen()
    const key = queryKey(ast)
    return interned.find(key)?.peek() ?? ask.now(key, ast).view.rows
  }
  const stop = pool.onCommit((changes) =>
    batch(() => {
      ask.push(changes)
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
      return interned.find(key) ?? interned.set(key, createLive(key, ast, floor))
    },
    status,
    get count() {
      return open.size
    },
    close() {
      if (isClosed.peek()) return
      stop()
      batch(() => {
        isClosed.value = true
        commits.value++
        for (const end of [...open]) end()
      })
    },
  }
}

// what all Lives of a floor share
interface Floor {
  readonly ask: Ask
  /** Counts commits: what a closed Live depends on. */
  readonly commits: Signal<number>
  readonly isClosed: Signal<boolean>
  readonly status: ReadonlySignal<Status>
  /** How to end each pipeline that is open. */
  readonly open: Set<() => void>
  readonly lingering: { readonly clock: Clock; readonly ms: number }
  readonly onError: (error: unknown) => void
}

function createLive(
  key: string,
  ast: QueryAst,
  { ask, commits, isClosed, status, open, lingering, onError }: Floor,
): Live<readonly AnyRow[]> {
  const turn = signal(0)
  let pipeline: Pipeline | undefined
  let rows: readonly AnyRow[] = []
  const next = (): void => {
    turn.value++
  }
  const start = (): void => {
    const started = ask.toKeep(key, ast)
    pipeline = started
    started.view.onChange = next
    started.tap.open((error) => {
      onError(error)
      started.tap.close()
      start()
    })
    next()
  }
  const end = (): void => {
    pipeline?.tap.close()
    linger.close()
  }
  const linger = createLinger({
    ...lingering,
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
  const read = (): readonly AnyRow[] => {
    void turn.value
    if (pipeline) return pipeline.view.rows
    void commits.value
    if (isClosed.peek()) throw new TidemarkError('misuse/closed')
    return ask.now(key, ast).view.rows
  }
  const answer = computed(
    () => {
      rows = keepSame(rows, read())
      return rows
    },
    { watched: linger.hold, unwatched: linger.letGo },
  )
  return Object.assign(answer, {
    status,
    subscribe: (listener: (value: readonly AnyRow[]) => void) => subscribe(answer, listener, onError),
  })
}

// A question worked out: its answer, and the tap that keeps it answered once it is opened.
interface Pipeline {
  readonly tap: Tap
  readonly view: View
}

interface Ask {
  /** A pipeline that hears of no commit: right until the next one, and the same for whoever asks until then. */
  now(key: string, ast: QueryAst): Pipeline
  /** The same, for one who opens it: what was just read and is then watched is worked out once. */
  toKeep(key: string, ast: QueryAst): Pipeline
  push(changes: readonly Change[]): void
}

const freshLimit = 100

function makeAsk(source: Source): Ask {
  const freshByKey = new Map<string, Pipeline>()
  const now = (key: string, ast: QueryAst): Pipeline => {
    const known = freshByKey.get(key)
    if (known) return known
    const tap = source.tap(ast)
    const made: Pipeline = { tap, view: compile(ast, tap) }
    if (freshByKey.size >= freshLimit) freshByKey.clear()
    freshByKey.set(key, made)
    return made
  }
  return {
    now,
    toKeep(key, ast) {
      const kept = now(key, ast)
      freshByKey.delete(key)
      return kept
    },
    push(changes) {
      freshByKey.clear()
      source.push(changes)
    },
  }
}

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
