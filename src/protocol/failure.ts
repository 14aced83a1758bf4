import * as v from 'valibot'
import { PROTOCOL_VERSION } from './version.ts'

/** The body of every answer that is not 2xx: marked, so that a proxy's page is not taken for ours. */
export const failureSchema = v.object({
  tidemark: v.literal(PROTOCOL_VERSION),
  error: v.object({
    code: v.string(),
    message: v.string(),
    details: v.optional(v.record(v.string(), v.unknown())),
    retryAfterMs: v.optional(v.number()),
  }),
})

/** The body of every answer that is not 2xx. */
export type FailureBody = v.InferOutput<typeof failureSchema>
