import * as v from 'valibot'
import { answerEnvelope, requestEnvelope } from './envelope.ts'
import { cursorSchema, idSchema, seqSchema, versionSchema } from './ids.ts'
import { patchSchema } from './patch.ts'

/** Patches that one page of a pull carries, unless asked for fewer. */
export const pullLimit = 1000

/** `POST pull`: what changed since the cursor; null is from the beginning. */
export const pullRequestSchema = v.object({
  ...requestEnvelope,
  group: idSchema,
  cursor: v.nullable(cursorSchema),
  limit: v.optional(v.pipe(versionSchema, v.minValue(1), v.maxValue(10_000))),
})

/** A refusal in the range of a pull or poke. */
export const refusalSchema = v.object({
  client: idSchema,
  seq: seqSchema,
  code: v.string(),
  message: v.string(),
  reason: v.optional(v.string()),
})

/** What a pull, a poke and a snapshot's foot say of the caller's own mutations: what lies at or below `confirmed` and not in `refused` was applied. */
export const outcomes = {
  confirmed: v.record(v.string(), versionSchema),
  refused: v.array(refusalSchema),
  /** Ids applied in the range after a refusal. */
  again: v.optional(v.array(idSchema)),
}

/** A page of changes. Only the page with `more: false` ends at a version: pages before it are staged. */
export const pullPageSchema = v.object({
  ...answerEnvelope,
  /** The cursor that was asked from: an answer to another question is discarded. */
  from: v.nullable(cursorSchema),
  cursor: cursorSchema,
  patches: v.array(patchSchema),
  ...outcomes,
  more: v.boolean(),
})

/** The cursor is of no use any more: begin from the beginning. */
export const resetSchema = v.object({ ...answerEnvelope, reset: v.picklist(['epoch', 'too-old']) })

/** The answer to a pull. */
export const pullAnswerSchema = v.union([resetSchema, pullPageSchema])

/** A pull. */
export type PullRequest = v.InferOutput<typeof pullRequestSchema>
/** A page of changes. */
export type PullPage = v.InferOutput<typeof pullPageSchema>
/** The answer to a pull. */
export type PullAnswer = v.InferOutput<typeof pullAnswerSchema>
/** A refusal in the range of a pull or poke. */
export type Refusal = v.InferOutput<typeof refusalSchema>
