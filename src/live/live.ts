import { TidemarkError } from '../errors.ts'
import type { Change, PoolView } from '../pool/change.ts'
import type { QueryAst } from '../query/ast.ts'
import { queryKey } from '../query/canonical.ts'
import type { Node } from '../query/node.ts'
import type { Diff, Explanation, Infinite, Live, Status } from '../query/query.ts'
import { batch, computed, effect, type ReadonlySignal, type Signal, signal, untracked } from '../reactive.ts'
import type { Clock } from '../util/clock.ts'
import { createLinger } from '../util/linger.ts'
import { makeWeakValues } from '../util/weak-values.ts'
import { compile, type Pipeline } from './compile.ts'
import { makeInfinite } from './infinite.ts'
import { makeSortBook } from './shared-sort.ts'
import { makeSource } from './source.ts'
import { untilLoaded } from './until-loaded.ts'
import { keepSame } from './view.ts'
import { diffAnswers } from './watch.ts'

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
  /** Counts milliseconds, in fractions; without it `explain` knows of no times. */
  readonly stopwatch?: () => number
}

/** Answers questions now, when the rows are loaded, and for as long as somebody watches. */
export interface Lives {
  read(ast: QueryAst): unknown
  run(ast: QueryAst, options?: { readonly signal?: AbortSignal }): Promise<unknown>
  live(ast: QueryAst): Live<unknown>
  watch(ast: QueryAst, listener: (diff: Diff<object>) => void): () => void
  explain(ast: QueryAst): Explanation
  infinite(ast: QueryAst): Infinite<unknown>
  /** Tells a listener each value of a signal; one that throws is reported, and told again. */
  subscribe<T>(answer: ReadonlySignal<T>, listener: (value: T) => void): () => void
  /** How many pipelines are open. */
  readonly count: number
  /** What is known of the rows; it notifies nobody when it says the same. */
  readonly status: ReadonlySignal<Status>
  /** Who watches keeps the last answer; all further questions raise `misuse/closed`. */
  close(): void
}

/** The live floor over a pool. */
export function createLives({ pool, clock, ready, onError, lingerMs = 100, stopwatch = () => 0 }: LivesOptions): Lives {
  const ask = makeAsk(pool, stopwatch)
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
  const interned = makeWeakValues<OpenLive>()
  const mustBeOpen = (): void => {
    if (isClosed.peek()) throw new TidemarkError('misuse/closed')
  }
  const read = (ast: QueryAst): unknown => {
    mustBeOpen()
    const key = queryKey(ast)
    const known = interned.find(key)
    return known ? known.peek() : ask.now(key, ast).view.value
  }
  const live = (ast: QueryAst): OpenLive => {
    mustBeOpen()
    const key = queryKey(ast)
    return interned.find(key) ?? interned.set(key, createLive(key, ast, floor))
  }
  // who commits may be an effect: what is only counted on must not become one of its reasons
  const count = (): void => {
    commits.value = commits.peek() + 1
  }
  const stop = pool.onCommit((changes) =>
    batch(() => {
      ask.push(changes)
      count()
    }),
  )
  return {
    read,
    async run(ast, { signal: stopped } = {}) {
      mustBeOpen()
      await untilLoaded({ status, isClosed, stopped })
      return read(ast)
    },
    live,
    watch: (ast, listener) => watch(live(ast), listener),
    infinite: (ast) =>
      makeInfinite(ast, {
        live: (wider) => live(wider) as Live<readonly unknown[]>,
        status,
        subscribe: (answer, listener) => subscribe(answer, listener, onError),
      }),
    explain(ast) {
      mustBeOpen()
      const key = queryKey(ast)
      return interned.find(key)?.explain() ?? ask.now(key, ast).view.explain()
    },
    subscribe: (answer, listener) => subscribe(answer, listener, onError),
    status,
    get count() {
      return open.size
    },
    close() {
      if (isClosed.peek()) return
      stop()
      batch(() => {
        isClosed.value = true
        count()
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

// a Live that can say how it is kept up
interface OpenLive extends Live<unknown> {
  /** Undefined while it is closed. */
  explain(): Explanation | undefined
}

function createLive(key: string, ast: QueryAst, { ask, commits, isClosed, status, open, lingering, onError }: Floor): OpenLive {
  const turn = signal(0)
  let pipeline: Pipeline | undefined
  let value: unknown
  const next = (): void => {
    turn.value = turn.peek() + 1
  }
  // where it cannot be built, the question is asked anew at each commit, as if it were closed, and says itself what is wrong
  const start = (): void => {
    try {
      const started = ask.toKeep(key, ast)
      started.view.onChange = next
      started.open((error) => {
        // one that has several streams may break in each of them
        if (pipeline !== started) return
        pipeline = undefined
        started.close()
        start()
        onError(error)
      })
      pipeline = started
    } catch (error) {
      onError(error)
    }
    next()
  }
  const end = (): void => {
    pipeline?.close()
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
      pipeline?.close()
      pipeline = undefined
      open.delete(end)
      next()
    },
  })
  const read = (): unknown => {
    void turn.value
    if (pipeline) return pipeline.view.value
    void commits.value
    if (isClosed.peek()) throw new TidemarkError('misuse/closed')
    return ask.now(key, ast).view.value
  }
  const answer = computed(
    () => {
      const is = read()
      value = Array.isArray(value) && Array.isArray(is) ? keepSame(value, is) : is
      return value
    },
    { watched: linger.hold, unwatched: linger.letGo },
  )
  return Object.assign(answer, {
    status,
    subscribe: (listener: (value: unknown) => void) => subscribe(answer, listener, onError),
    explain: () => pipeline?.view.explain(),
  })
}

function watch(live: Live<unknown>, listener: (diff: Diff<object>) => void): () => void {
  let before: readonly object[] | undefined
  return live.subscribe((value) => {
    const after = value as readonly object[]
    const diff = diffAnswers(before ?? [], after)
    const isFirst = before === undefined
    before = after
    if (isFirst || diff.added.length + diff.edited.length + diff.removed.length > 0) listener(diff)
  })
}

interface Ask {
  /** A pipeline that hears of no commit: right until the next one, and the same for whoever asks until then. */
  now(key: string, ast: QueryAst): Pipeline
  /** The same, for one who opens it: what was just read and is then watched is worked out once. */
  toKeep(key: string, ast: QueryAst): Pipeline
  push(changes: readonly Change[]): void
}

const freshLimit = 100

function makeAsk(pool: PoolView, stopwatch: () => number): Ask {
  const source = makeSource(pool, stopwatch)
  const options = { source, sorts: makeSortBook<Node>() }
  const freshByKey = new Map<string, Pipeline>()
  const now = (key: string, ast: QueryAst): Pipeline => {
    const known = freshByKey.get(key)
    if (known) return known
    const made = compile(ast, options)
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
