import * as v from 'valibot'
import { requestEnvelope } from './envelope.ts'
import { idSchema, timeSchema, versionSchema } from './ids.ts'
import { patchSchema } from './patch.ts'
import { outcomes } from './pull.ts'

/** `POST poke`: a stream of server-sent events, each one poke as JSON. `version` is what base covers. */
export const pokeRequestSchema = v.object({ ...requestEnvelope, group: idSchema, version: versionSchema })

/** What changed from version `min` to `max`, all of it: applied when it joins what base covers, ignored when it is covered, else a pull. */
export const pokeRangeSchema = v.object({
  epoch: idSchema,
  now: timeSchema,
  min: versionSchema,
  max: versionSchema,
  patches: v.array(patchSchema),
  ...outcomes,
})

/** Something changed: pull. */
export const pokeWakeSchema = v.object({ epoch: idSchema, now: timeSchema, wake: v.literal(true) })

/** One event of the stream. */
export const pokeSchema = v.union([pokeWakeSchema, pokeRangeSchema])

/** A request for the stream. */
export type PokeRequest = v.InferOutput<typeof pokeRequestSchema>
/** A poke with its patches. */
export type PokeRange = v.InferOutput<typeof pokeRangeSchema>
/** One event of the stream. */
export type Poke = v.InferOutput<typeof pokeSchema>
