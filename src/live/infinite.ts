import { TidemarkError } from '../errors.ts'
import type { QueryAst } from '../query/ast.ts'
import { mustCount } from '../query/path.ts'
import type { Infinite, Live, Status } from '../query/query.ts'
import { computed, type ReadonlySignal, signal } from '../reactive.ts'
import { keepEqual } from './keep-equal.ts'

/** What a window grows over. */
export interface InfiniteOptions {
  /** The live answer to a question; wider windows on the same order share what keeps them up. */
  readonly live: (ast: QueryAst) => Live<readonly unknown[]>
  readonly status: ReadonlySignal<Status>
  /** How one who may throw is told. */
  readonly subscribe: <T>(answer: ReadonlySignal<T>, listener: (value: T) => void) => () => void
}

/** A live window of as many rows as the question's limit, and as many more with each `more()`. Raises `invalid/query` without a limit. */
export function makeInfinite(ast: QueryAst, { live, status, subscribe }: InfiniteOptions): Infinite<unknown> {
  const { group } = ast
  const page = group ? group.limit : ast.limit
  if (page === undefined || page === 0)
    throw new TidemarkError('invalid/query', {
      details: { path: 'limit' },
      message: 'A window that grows needs the size of a page. Ask limit(n), from 1, before infinite().',
    })
  const size = signal(page)
  // one row more than is shown says whether there are more
  const wider = computed(() => {
    const limit = size.value + 1
    return live(group ? { ...ast, group: { ...group, limit } } : { ...ast, limit })
  })
  const found = computed(() => wider.value.value)
  // a wider window is another question: rows that it shares with the one before stay what they were
  let rows: readonly object[] = []
  const answer = computed(() => {
    rows = keepEqual(rows, (found.value as readonly object[]).slice(0, size.value))
    return rows
  })
  return Object.assign(answer, {
    status,
    subscribe: (listener: (rows: readonly object[]) => void) => subscribe(answer, listener),
    hasMore: computed(() => found.value.length > size.value),
    more(pages = 1) {
      mustCount('more', pages)
      if (found.peek().length > size.peek()) size.value = size.peek() + page * pages
    },
  })
}
