import type { Explanation } from '../query/query.ts'
import type { Ordered, Output } from './operator.ts'
import type { Part, Scope } from './scope.ts'
import type { Sort } from './sort.ts'

/** A sort with the stream that fills it, for all questions that differ only in what they take of it. */
export interface SharedSort<T> extends Ordered<T> {
  /** Settles its stream in this commit though no change was told. */
  wake(): void
  /** Tells `output` from when the part is opened until it is closed. */
  attach(output: Output<T>): Part
}

/** What a shared sort is made of. */
export interface SharedSortParts<T> {
  readonly scope: Scope
  readonly sort: Sort<T>
  readonly wake: () => void
}

/** The sorts that are open, by question. */
export interface SortBook<T> {
  /** The open sort of that question, or a new one, which others find once it is open. */
  find(key: string, make: () => SharedSortParts<T>): SharedSort<T>
}

/** An empty book. */
export function makeSortBook<T>(): SortBook<T> {
  const openByKey = new Map<string, SharedSort<T>>()
  return {
    find(key, make) {
      const known = openByKey.get(key)
      if (known) return known
      const made: SharedSort<T> = makeSharedSort(make(), {
        onOpen: () => void (openByKey.has(key) || openByKey.set(key, made)),
        onEnd: () => void (openByKey.get(key) === made && openByKey.delete(key)),
      })
      return made
    },
  }
}

/** A sort that its holders open and close together. */
export function makeSharedSort<T>(
  { scope, sort, wake }: SharedSortParts<T>,
  { onOpen, onEnd }: { readonly onOpen: () => void; readonly onEnd: () => void } = { onOpen: () => {}, onEnd: () => {} },
): SharedSort<T> {
  const holders = new Map<Output<T>, (error: unknown) => void>()
  return {
    rows: () => sort.rows(),
    slice: (start, end) => sort.slice(start, end),
    countWhile: (isBefore) => sort.countWhile(isBefore),
    pipe: (output) => sort.pipe(output),
    wake,
    attach: (output) => ({
      open(onBroken) {
        sort.pipe(output)
        holders.set(output, onBroken)
        if (holders.size > 1) return
        onOpen()
        scope.open((error) => {
          // nobody new may hold what is broken
          onEnd()
          for (const tell of [...holders.values()]) tell(error)
        })
      },
      close() {
        sort.unpipe(output)
        if (!holders.delete(output) || holders.size > 0) return
        onEnd()
        scope.close()
      },
    }),
    explain: (): Explanation => sort.explain(),
  }
}
