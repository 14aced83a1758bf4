'use client'
import { type Answer, emptyAnswer, type Live, type Status, type TidemarkError } from '../../src/index.ts'
import { useSignal } from './use-signal.ts'

/** The answer to a question as of this render, and how far it is to be trusted. */
export interface QueryResult<T> {
  /** A list, a row, a number, groups: what was asked for. What did not change is the same object as before. While nothing is known it is the answer over no rows. */
  readonly data: T
  readonly status: Status['state']
  readonly isLoading: boolean
  readonly error: TidemarkError | undefined
}

/** Keeps a question answered while the component is mounted. It may be built anew in each render: equal questions are one. Null asks nothing. */
export function useQuery<T>(query: Answer<T>): QueryResult<T>
export function useQuery<Row>(query: Answer<readonly Row[]> | null | undefined): QueryResult<readonly Row[]>
export function useQuery(query: Answer<unknown> | null | undefined): QueryResult<unknown> {
  const live = query?.live()
  const data = useSignal<unknown>(live, query && live ? emptyAnswerOf(query, live) : none)
  const { state, error } = useSignal(live?.status, live ? loading : idle)
  return { data, status: state, isLoading: state === 'loading', error }
}

const none: readonly never[] = Object.freeze([])
const loading: Status = { state: 'loading', complete: false, stale: false, error: undefined }
const idle: Status = { ...loading, state: 'ready' }

// React asks again whether what it hydrates is the same object; equal questions share one `live`
const emptyAnswers = new WeakMap<object, unknown>()

function emptyAnswerOf(query: Answer<unknown>, live: Live<unknown>): unknown {
  if (!emptyAnswers.has(live)) emptyAnswers.set(live, emptyAnswer(query))
  return emptyAnswers.get(live)
}
