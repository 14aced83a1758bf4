import * as v from 'valibot'
import { answerEnvelope, requestEnvelope } from './envelope.ts'
import { cursorSchema, idSchema, versionSchema } from './ids.ts'

/** `POST snapshot`: all rows as NDJSON: a head, rows, a foot. Without its foot nothing of it counts. `cursor` goes on with one that broke off. */
export const snapshotRequestSchema = v.object({ ...requestEnvelope, group: idSchema, cursor: v.optional(cursorSchema) })

/** The first line: how many rows there are to come. */
export const snapshotHeadSchema = v.object({ ...answerEnvelope, from: v.nullable(cursorSchema), total: versionSchema })

const rowSchema = v.looseObject({ id: idSchema })

/** A line between: a row of a collection, with its audience where that is not `shared`. */
export const snapshotRowSchema = v.union([v.tuple([idSchema, rowSchema]), v.tuple([idSchema, rowSchema, idSchema])])

/** The last line: a cursor that a pull goes on from; the pull brings what the snapshot’s rows leave open. */
export const snapshotFootSchema = v.object({ cursor: cursorSchema })

/** A request for all rows. */
export type SnapshotRequest = v.InferOutput<typeof snapshotRequestSchema>
/** The first line of a snapshot. */
export type SnapshotHead = v.InferOutput<typeof snapshotHeadSchema>
/** A row of a snapshot: its collection, its value, its audience. */
export type SnapshotRow = v.InferOutput<typeof snapshotRowSchema>
/** The last line of a snapshot. */
export type SnapshotFoot = v.InferOutput<typeof snapshotFootSchema>
