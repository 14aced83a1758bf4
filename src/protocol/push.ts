import * as v from 'valibot'
import { answerEnvelope, requestEnvelope } from './envelope.ts'
import { idSchema, seqSchema } from './ids.ts'
import { mutationSchema } from './mutation.ts'

/** Mutations that one push may carry, unless the server says otherwise. */
export const pushLimits = { mutations: 100, calls: 1_000, bytes: 2_000_000 } as const

/** `POST push`: mutations of one client group, in the order of its queue. */
export const pushRequestSchema = v.object({ ...requestEnvelope, group: idSchema, mutations: v.array(mutationSchema) })

/** The server's word on one mutation. `retry` with a code says why the push ended there; all after it are `retry` without one. */
export const verdictSchema = v.object({
  client: idSchema,
  seq: seqSchema,
  status: v.picklist(['applied', 'refused', 'retry']),
  code: v.optional(v.string()),
  message: v.optional(v.string()),
  /** The app's own reason, given to `tx.reject`. */
  reason: v.optional(v.string()),
  /** With `outdated/mutation-gap`: the sequence number that the server waits for. */
  expected: v.optional(seqSchema),
})

/** The answer to a push: one verdict for each mutation, in order. `version` covers them all. */
export const pushAnswerSchema = v.object({ ...answerEnvelope, verdicts: v.array(verdictSchema) })

/** A push. */
export type PushRequest = v.InferOutput<typeof pushRequestSchema>
/** The answer to a push. */
export type PushAnswer = v.InferOutput<typeof pushAnswerSchema>
/** The server's word on one mutation. */
export type Verdict = v.InferOutput<typeof verdictSchema>
