import * as v from 'valibot'
import { collection, defineMutators, defineSchema, mutator } from 'tidemark'
import { place } from '../../demo/schema.ts'

const issue = v.object({
  id: v.string(),
  title: v.string(),
  status: v.string(),
  priority: v.number(),
  projectId: v.string(),
  assigneeId: v.string(),
  createdAt: v.number(),
  updatedAt: v.number(),
  estimate: v.number(),
})

/** The bench's issues, and the places of the demo. */
export const schema = defineSchema({
  version: 1,
  collections: { issues: collection(issue, { crud: true }), places: collection(place) },
})

export const mutators = defineMutators(schema, {
  putIssues: mutator([v.array(issue)], (tx, issues) => {
    for (const one of issues) tx.issues.put(one)
  }),
  putPlaces: mutator([v.array(place)], (tx, places) => {
    for (const one of places) tx.places.put(one)
  }),
})
