'use client'
import type { Query, Status, TidemarkError } from '../../src/index.ts'
import { useSignal } from './use-signal.ts'

/** The answer to a question as of this render, and how far it is to be trusted. */
export interface QueryResult<Row> {
  /** The rows; a row that did not change is the same object as before. Empty while nothing is known. */
  readonly data: readonly Row[]
  readonly status: Status['state']
  readonly isLoading: boolean
  readonly error: TidemarkError | undefined
}

/** Keeps a question answered while the component is mounted. It may be built anew in each render: equal questions are one. Null asks nothing. */
export function useQuery<Row>(query: Pick<Query<Row>, 'live'> | null | undefined): QueryResult<Row> {
  const live = query?.live()
  const data = useSignal<readonly Row[]>(live, none)
  const { state, error } = useSignal(live?.status, live ? loading : idle)
  return { data, status: state, isLoading: state === 'loading', error }
}

const none: readonly never[] = Object.freeze([])
const loading: Status = { state: 'loading', complete: false, stale: false, error: undefined }
const idle: Status = { ...loading, state: 'ready' }
