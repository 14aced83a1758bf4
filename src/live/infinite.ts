import { TidemarkError } from '../errors.ts'
import type { QueryAst } from '../query/ast.ts'
import type { Infinite, Live, Status } from '../query/query.ts'
import { computed, type ReadonlySignal, signal } from '../reactive.ts'
import { keepEqual } from './keep-equal.ts'

/** What a window grows over. */
export interface InfiniteOptions {
  /** The live answer to a question; wider windows on the same order share what keeps them up. */
  readonly live: (ast: QueryAst) => Live<readonly unknown[]>
  readonly status: ReadonlySignal<Status>
}

/** A live window of as many rows as the question's limit, and as many more with each `more()`. Raises `invalid/query` without a limit. */
export function makeInfinite(ast: QueryAst, { live, status }: InfiniteOptions): Infinite<unknown> {
  const page = ast.limit
  if (page === undefined || page === 0)
    throw new TidemarkError('invalid/query', {
      details: { path: 'limit' },
      message: 'A window that grows needs the size of a page. Ask limit(n), from 1, before infinite().',
    })
  const size = signal(page)
  // one row more than is shown says whether there are more
  const wider = computed(() => live({ ...ast, limit: size.value + 1 }))
  const found = computed(() => wider.value.value)
  // a wider window is another question: rows that it shares with the one before stay what they were
  let rows: readonly object[] = []
  const answer = computed(() => {
    rows = keepEqual(rows, (found.value as readonly object[]).slice(0, size.value))
    return rows
  })
  return Object.assign(answer, {
    status,
    hasMore: computed(() => found.value.length > size.value),
    more(pages = 1) {
      if (found.peek().length > size.peek()) size.value += page * pages
    },
  })
}
