'use client'
import { useMemo } from 'react'
import { computed, type Entity, type ReadonlySignal, type Status } from '../../src/index.ts'
import { useSignal } from './use-signal.ts'

/** One row as of this render. */
export interface EntityResult<Row> {
  readonly data: Row | undefined
  readonly status: Status['state']
  readonly exists: boolean
  /** Whether something unconfirmed stands in it. */
  readonly pending: boolean
}

/** Follows one row, and no other, while the component is mounted. Null follows none. */
export function useEntity<Row>(entity: Followed<Row> | null | undefined): EntityResult<Row> {
  const snapshot = useMemo(() => (entity ? computed(() => read(entity)) : undefined), [entity])
  return useSignal<EntityResult<Row>>(snapshot, entity ? loading : idle)
}

type Followed<Row> = Pick<Entity<Row>, 'value' | 'exists' | 'pending'> & { readonly status?: ReadonlySignal<Status> }

function read<Row>(entity: Followed<Row>): EntityResult<Row> {
  const { value, exists, pending, status } = entity
  return { data: value, status: exists ? 'ready' : (status?.value.state ?? 'ready'), exists, pending }
}

const loading: EntityResult<never> = { data: undefined, status: 'loading', exists: false, pending: false }
const idle: EntityResult<never> = { ...loading, status: 'ready' }
