import * as v from 'valibot'
import { idSchema, seqSchema, timeSchema, versionSchema } from './ids.ts'

/** One call of a mutator: its name and its arguments, each plain JSON. */
export const callSchema = v.tuple([v.pipe(v.string(), v.minLength(1), v.maxLength(256)), v.array(v.unknown())])

/** One mutation: a list of calls under one sequence number and one verdict. */
export const mutationSchema = v.object({
  client: idSchema,
  seq: seqSchema,
  /** Applied at most once within a space, whatever client and sequence it comes under. */
  id: idSchema,
  calls: v.pipe(v.array(callSchema), v.maxLength(1000)),
  /** Ids of unconfirmed mutations whose writes it read when it first ran. */
  needs: v.optional(v.pipe(v.array(idSchema), v.maxLength(10_000))),
  /** 1 at first, one more at each retry of a refused one. */
  attempt: v.optional(seqSchema),
  /** When it was made, by the server's clock as the client knows it. */
  at: timeSchema,
  /** The version of the schema that its arguments were made for. */
  schema: versionSchema,
})

/** One call of a mutator. */
export type Call = v.InferOutput<typeof callSchema>
/** One mutation on the wire. */
export type Mutation = v.InferOutput<typeof mutationSchema>
