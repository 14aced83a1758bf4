import * as v from 'valibot'
import { idSchema, timeSchema, versionSchema } from './ids.ts'
import { PROTOCOL_VERSION } from './version.ts'

/** What every request carries. `user` is whom the client believes to be; null is signed out. */
export const requestEnvelope = {
  tidemark: v.literal(PROTOCOL_VERSION),
  space: idSchema,
  user: v.nullable(idSchema),
  /** The version of the app's schema. */
  schema: versionSchema,
  /** The server's history that the client knows; absent before the first answer. */
  epoch: v.optional(idSchema),
}

/** What every answer carries. */
export const answerEnvelope = {
  tidemark: v.literal(PROTOCOL_VERSION),
  epoch: idSchema,
  /** The version of the space when the answer was made; pokes compare it. */
  version: versionSchema,
  /** The server's clock. */
  now: timeSchema,
}

const requestSchema = v.object(requestEnvelope)
/** What every request carries. */
export type RequestEnvelope = v.InferOutput<typeof requestSchema>
const answerSchema = v.object(answerEnvelope)
/** What every answer carries. */
export type AnswerEnvelope = v.InferOutput<typeof answerSchema>
