import * as v from 'valibot'
import { idSchema } from './ids.ts'

const collectionSchema = v.pipe(v.string(), v.minLength(1), v.maxLength(64))
const audience = v.optional(idSchema)
const valueSchema = v.looseObject({ id: idSchema })

/** One change of base, to a last state: a row put, a row gone from an audience, an audience gone. */
export const patchSchema = v.variant('op', [
  v.object({ op: v.literal('put'), collection: collectionSchema, id: idSchema, value: valueSchema, audience }),
  v.object({ op: v.literal('del'), collection: collectionSchema, id: idSchema, audience }),
  v.object({ op: v.literal('leave'), audience: idSchema }),
])

/** One change of base. */
export type Patch = v.InferOutput<typeof patchSchema>
