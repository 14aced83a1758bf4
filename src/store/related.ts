import type { Lives } from '../live/live.ts'
import { makeQuery } from '../query/builder.ts'
import type { Live } from '../query/query.ts'
import { computed } from '../reactive.ts'
import type { AnySchema } from '../schema/schema.ts'

/** Which relation of which row. */
export interface RelatedOptions {
  readonly collection: string
  readonly id: string
  readonly relation: string
}

/** The live answer to what one row has by a relation; a row that is not there has nothing. Raises `invalid/query` for an unknown relation. */
export function makeRelated(lives: Lives, schema: AnySchema, { collection, id, relation }: RelatedOptions): Live<unknown> {
  const question = makeQuery(lives, schema, collection)
    .with(relation as never)
    .single(id)
  const found = lives.live({ ...question.toJSON(), want: { field: relation } })
  const nothing = schema.collections[collection]?.options.relations?.[relation]?.kind === 'one' ? undefined : none
  const related = computed(() => found.value ?? nothing)
  return Object.assign(related, {
    status: found.status,
    subscribe: (listener: (value: unknown) => void) => lives.subscribe(related, listener),
  })
}

const none: readonly never[] = Object.freeze([])
